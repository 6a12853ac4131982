import { oneOfRule, patternRule, yesOrNo } from '../../core/option-rules';
import {
  combineRulesWithAnd,
  listRule,
  mapRule,
  markRuleAsRequired,
  objectRule,
  text,
} from '../../core/structure-rules';
import type { Rule } from '../../core/validation';
import { RECEIVERS_DIR } from './receivers';

/** Validates the path of a file of the receivers' Secret, such as `/etc/alertmanager/receivers/url`. */
export const receiverFile = patternRule(
  new RegExp(`^${RECEIVERS_DIR}/(?!\\.{1,2}$)[-._A-Za-z0-9]+$`),
  `the path of a file in ${RECEIVERS_DIR}, where the receivers' Secret is mounted, such as "${RECEIVERS_DIR}/url"`,
);

/** Validates an http or https URL without user name and password. */
export const urlWithoutCredentials = patternRule(
  /^https?:\/\/[^\s/@]+(\/\S*)?$/,
  'an http or https URL without credentials',
  2_000,
);

/** Returns a validation rule that adds a condition to `rule`: at most one of the given fields is set. */
export const mutuallyExclusiveFieldsRule = (rule: Rule, ...fields: readonly string[]): Rule =>
  combineRulesWithAnd(rule, {
    allowed: `at most one of ${fields.join(', ')}`,
    accepts: (value) =>
      fields.filter((field) => Reflect.get(value as object, field) !== undefined).length <= 1,
  });

const version = oneOfRule('TLS10', 'TLS11', 'TLS12', 'TLS13');

/**
 * Validates the field `tls_config`. The rule accepts a private key in the field `key`, because receiver-rules.ts
 * rejects the key later, with a message that names `key_file`.
 */
export const tlsConfig = objectRule<Record<string, unknown>>({
  ...{ ca: text, cert: text, key: text, ca_file: text, cert_file: receiverFile, key_file: receiverFile },
  ...{ server_name: text, insecure_skip_verify: yesOrNo, min_version: version, max_version: version },
});

const PROXY = {
  proxy_url: urlWithoutCredentials,
  no_proxy: text,
  proxy_from_environment: yesOrNo,
  proxy_connect_header: mapRule(text, listRule(text)),
};

const consistentProxy: Rule = {
  allowed:
    'either proxy_url or proxy_from_environment; no_proxy only together with proxy_url; proxy_connect_header only together with proxy_url or proxy_from_environment',
  accepts: (value) => {
    const {
      proxy_url: url,
      proxy_from_environment: fromEnvironment,
      ...more
    } = value as Record<string, unknown>;
    if (url && fromEnvironment) return false;
    if (more.no_proxy && !url) return false;
    return !more.proxy_connect_header || Boolean(url || fromEnvironment);
  },
};

const oauth2 = combineRulesWithAnd(
  mutuallyExclusiveFieldsRule(
    objectRule<Record<string, unknown>>({
      ...{ client_id: markRuleAsRequired(text), client_secret: text, client_secret_file: receiverFile },
      ...{ client_certificate_key_id: text, client_certificate_key_file: receiverFile },
      ...{
        grant_type: text,
        signature_algorithm: oneOfRule('RS256', 'RS384', 'RS512'),
        iss: text,
        audience: text,
      },
      ...{ claims: mapRule(text, { allowed: 'any value', accepts: () => true }), scopes: listRule(text) },
      ...{
        token_url: markRuleAsRequired(urlWithoutCredentials),
        endpoint_params: mapRule(text, text),
        tls_config: tlsConfig,
        ...PROXY,
      },
    }),
    ...['client_secret', 'client_secret_file'],
  ),
  consistentProxy,
);

const basicAuthRule = mutuallyExclusiveFieldsRule(
  objectRule<Record<string, unknown>>({
    username: text,
    username_file: receiverFile,
    password: text,
    password_file: receiverFile,
  }),
  ...['username', 'username_file'],
);

const scheme: Rule = {
  allowed: 'a scheme other than "Basic" (use basic_auth for "Basic")',
  accepts: (value) => typeof value === 'string' && value.trim().toLowerCase() !== 'basic',
};

const authorization = objectRule<Record<string, unknown>>({
  type: scheme,
  credentials: text,
  credentials_file: receiverFile,
});

const header = objectRule<Record<string, unknown>>({
  values: listRule(text),
  files: listRule(receiverFile),
});

/** Validates the field `http_config`, with the fields of Alertmanager 0.34. */
export const httpConfig = combineRulesWithAnd(
  mutuallyExclusiveFieldsRule(
    objectRule<Record<string, unknown>>({
      ...{
        basic_auth: basicAuthRule,
        authorization,
        oauth2,
        bearer_token: text,
        bearer_token_file: receiverFile,
      },
      ...{ tls_config: tlsConfig, follow_redirects: yesOrNo, enable_http2: yesOrNo, ...PROXY },
      http_headers: mapRule(text, header),
    }),
    ...['basic_auth', 'authorization', 'oauth2', 'bearer_token_file'],
  ),
  consistentProxy,
);
