import { configMapKey, oneOfRule, wholeNumberRule, yesOrNo } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import { objectRule, type RuleTable } from '../../core/structure-rules';
import { problemsOfCharactersUnsafeInYaml, type Rule } from '../../core/validation';

/** Reference to a key of Grafana's Secret. Grafana reads the value from the mounted file. */
export interface SecretKey {
  /** Name of the key in the Secret. */
  readonly secretKey: string;
}

/** Validation rule for a key of grafana.ini. `T` is the type of the key's value. */
interface Field<T> extends Rule {
  readonly type?: T;
}

const flag: Field<boolean> = yesOrNo;
const count: Field<number> = wholeNumberRule(0, 2 ** 31 - 1);
/** Returns a rule that accepts only the given texts. */
const oneOfTextsRule = <T extends string>(...words: readonly T[]): Field<T> => oneOfRule(...words);

/**
 * Validates a text that can be written into grafana.ini as it is: without variables, comments, quotes or line
 * continuations.
 */
const text: Field<string> = {
  allowed:
    'one line without "$", "%(", backquotes, comments (" #" or " ;"), quotes around it, or a backslash at the end',
  accepts: (value) =>
    typeof value === 'string' &&
    value !== '' &&
    value === value.trim() &&
    !/[\n\r$`]|%\(|\s[#;]|^["'#;]|\\$/.test(value) &&
    problemsOfCharactersUnsafeInYaml('', value).length === 0,
};

const url: Field<string> = {
  allowed: `an http or https URL, such as "https://login.example.com/token", in ${text.allowed}`,
  accepts: (value) =>
    text.accepts(value) && /^https?:\/\/[^/@\s]/.test(String(value)) && URL.canParse(String(value)),
};

const server: Field<string> = {
  allowed: 'a host and optionally a port, such as "smtp.example.com:587"',
  accepts: (value) =>
    text.accepts(value) &&
    /^[^\s:/@]+(:[1-9]\d{0,4})?$/.test(String(value)) &&
    URL.canParse(`http://${value}`),
};

const SECRET_KEY = { secretKey: { rule: configMapKey } } satisfies OptionTable<SecretKey>;

/** Validates a reference to a key of Grafana's Secret. */
export const secretKeyRule = optionsRule<SecretKey>(SECRET_KEY);

/**
 * Returns a rule for a reference to a key of Grafana's Secret. The error message does not show the given
 * value, because it may be a password.
 * @param what content of the Secret's key, for the error message: `the value` or `the file`
 */
const validationRuleOfSecretReference = (what: string): Field<SecretKey> => {
  const allowed = `{ secretKey: "NAME" }, where NAME is the key of Grafana's Secret that holds ${what}`;
  const isSecretReference = (value: unknown) => typeof value === 'object' && secretKeyRule.accepts(value);
  return {
    allowed,
    accepts: isSecretReference,
    problems: (value, path) =>
      isSecretReference(value)
        ? []
        : [
            `${path} must be a reference to a key of a Secret, because manifests must not contain secrets; allowed: ${allowed}`,
          ],
  };
};

const secret = validationRuleOfSecretReference('the value');
const file = validationRuleOfSecretReference('the file');

/** Keys that the sections of all OAuth providers have. */
const OAUTH = {
  enabled: flag,
  name: text,
  icon: text,
  client_id: text,
  client_secret: secret,
  scopes: text,
  auth_url: url,
  token_url: url,
  api_url: url,
  signout_redirect_url: url,
  allow_sign_up: flag,
  auto_login: flag,
  allowed_domains: text,
  allowed_groups: text,
  allowed_organizations: text,
  role_attribute_path: text,
  role_attribute_strict: flag,
  allow_assign_grafana_admin: flag,
  skip_org_role_sync: flag,
  org_mapping: text,
  org_attribute_path: text,
  use_pkce: flag,
  use_refresh_token: flag,
  tls_skip_verify_insecure: flag,
  tls_client_ca: file,
  tls_client_cert: file,
  tls_client_key: file,
};

const role = oneOfTextsRule('None', 'Viewer', 'Editor', 'Admin');

/** Supported sections and keys of grafana.ini, with Grafana's names. */
export const SECTIONS = {
  server: {
    root_url: url,
    domain: text,
    serve_from_sub_path: flag,
    enforce_domain: flag,
    enable_gzip: flag,
  },
  security: {
    secret_key: secret,
    allow_embedding: flag,
    cookie_samesite: oneOfTextsRule('lax', 'strict', 'none', 'disabled'),
    strict_transport_security: flag,
    content_security_policy: flag,
    disable_brute_force_login_protection: flag,
  },
  users: {
    allow_sign_up: flag,
    allow_org_create: flag,
    auto_assign_org: flag,
    auto_assign_org_id: count,
    auto_assign_org_role: role,
    default_theme: oneOfTextsRule('dark', 'light', 'system'),
    default_language: text,
    home_page: text,
    login_hint: text,
    password_hint: text,
    hidden_users: text,
  },
  auth: {
    disable_login_form: flag,
    disable_signout_menu: flag,
    signout_redirect_url: text,
    login_maximum_inactive_lifetime_duration: text,
    login_maximum_lifetime_duration: text,
    oauth_allow_insecure_email_lookup: flag,
  },
  'auth.anonymous': { enabled: flag, org_name: text, org_role: role, hide_version: flag },
  'auth.generic_oauth': {
    ...OAUTH,
    empty_scopes: flag,
    auth_style: oneOfTextsRule('AutoDetect', 'InParams', 'InHeader'),
    email_attribute_name: text,
    email_attribute_path: text,
    login_attribute_path: text,
    name_attribute_path: text,
    groups_attribute_path: text,
    id_token_attribute_name: text,
    team_ids: text,
    team_ids_attribute_path: text,
    teams_url: url,
  },
  'auth.azuread': { ...OAUTH, force_use_graph_api: flag },
  'auth.github': { ...OAUTH, team_ids: text },
  'auth.gitlab': OAUTH,
  'auth.google': { ...OAUTH, hosted_domain: text, validate_hd: flag },
  'auth.okta': OAUTH,
  'auth.ldap': { enabled: flag, config_file: file, allow_sign_up: flag, skip_org_role_sync: flag },
  smtp: {
    enabled: flag,
    host: server,
    user: text,
    password: secret,
    cert_file: file,
    key_file: file,
    skip_verify: flag,
    from_address: text,
    from_name: text,
    ehlo_identity: text,
    startTLS_policy: oneOfTextsRule('OpportunisticStartTLS', 'MandatoryStartTLS', 'NoStartTLS'),
  },
  dashboards: { versions_to_keep: count, min_refresh_interval: text },
  date_formats: { default_timezone: text, default_week_start: text },
  log: { level: oneOfTextsRule('debug', 'info', 'warn', 'error', 'critical'), filters: text },
  unified_alerting: { enabled: flag },
  feature_toggles: { enable: text },
};

type Sections = typeof SECTIONS;

/** A section of grafana.ini. */
export type GrafanaSection<S extends keyof Sections> = {
  readonly [K in keyof Sections[S]]?: Sections[S][K] extends Field<infer T> ? T : never;
};

/**
 * Sections and keys of grafana.ini with Grafana's names, such as `smtp` and `auth.generic_oauth`. Secrets are
 * references to keys of Grafana's Secret: `client_secret: { secretKey: 'oauth' }`.
 */
export type GrafanaIni = { readonly [S in keyof Sections]?: GrafanaSection<S> };

/** Validates the content of grafana.ini. */
export const grafanaIni = objectRule<GrafanaIni>(
  Object.fromEntries(
    Object.entries<RuleTable<Record<string, unknown>>>(SECTIONS).map(([section, fields]) => [
      section,
      objectRule(fields),
    ]),
  ) as RuleTable<GrafanaIni>,
);

/**
 * Returns whether a key of grafana.ini, such as `cert_file`, needs the path of a mounted file. Other keys with a
 * secret, such as `password`, need the content of the file.
 */
export const isIniKeyWithFilePath = (section: string, name: string): boolean =>
  Reflect.get(Reflect.get(SECTIONS, section) ?? {}, name) === file;
