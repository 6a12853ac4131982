import { omitUndefined } from '../../core/defined';
import { portOfUrl } from '../../core/network-access';
import { type GrafanaIni, isIniKeyWithFilePath, type SecretKey } from './ini-sections';

/** HTTP port of Grafana. */
export const PORT = 3000;

/** Mount path of the Secret with the administrator's credentials. */
export const ADMIN_DIR = '/etc/grafana/admin';

/** Mount path of Grafana's Secret. */
export const SECRETS_DIR = '/etc/grafana/secrets';

type Value = string | number | boolean;

/** Content of grafana.ini: the value of each key, by section and key. */
export type Ini = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/**
 * Returns the text with which Grafana reads a value from a key of Grafana's Secret:
 * `$__file{/etc/grafana/secrets/KEY}`.
 */
export const fileReferenceToSecretKey = ({ secretKey }: SecretKey): string =>
  `$__file{${SECRETS_DIR}/${secretKey}}`;

/**
 * Returns the stack's default for grafana.ini: no telemetry, no downloads, no sign-up.
 * @param host public host name of Grafana; undefined if Grafana has no ingress
 */
export function defaultIni(host?: string): Ini {
  return {
    server: host ? { http_port: PORT, domain: host, root_url: `https://${host}/` } : { http_port: PORT },
    analytics: {
      reporting_enabled: false,
      check_for_updates: false,
      check_for_plugin_updates: false,
      feedback_links_enabled: false,
    },
    security: {
      admin_user: `$__file{${ADMIN_DIR}/username}`,
      admin_password: `$__file{${ADMIN_DIR}/password}`,
      disable_gravatar: true,
      cookie_secure: host !== undefined,
    },
    users: { allow_sign_up: false, allow_org_create: false },
    // Grafana must not check the Authorization header: it contains the user of the ingress's basic auth.
    'auth.basic': { enabled: false },
    plugins: {
      plugin_admin_enabled: false,
      preinstall_disabled: true,
      preinstall_auto_update: false,
      public_key_retrieval_disabled: true,
    },
    news: { news_feed_enabled: false },
    snapshots: { external_enabled: false },
    log: { mode: 'console' },
  };
}

/**
 * Returns the content of grafana.ini: the stack's defaults, overridden by the given keys.
 * @param own defaults of the stack
 * @param given sections and keys from the options
 */
export function mergeIni(own: Ini, given: GrafanaIni): Ini {
  const written = Object.entries(omitUndefined(given))
    .map(
      ([section, keys]) => [section, { ...own[section], ...replaceSecretReferences(section, keys) }] as const,
    )
    .filter(([, keys]) => Object.keys(keys).length > 0);
  return { ...own, ...Object.fromEntries(written) };
}

/** Returns the keys of a section. Replaces each reference to a Secret by the path or the content of a mounted file. */
function replaceSecretReferences(section: string, keys: object): Record<string, Value> {
  const given = Object.entries<Value | SecretKey | undefined>({ ...keys });
  return Object.fromEntries(
    given.flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (typeof value !== 'object') return [[name, value]];
      return [
        [
          name,
          isIniKeyWithFilePath(section, name)
            ? `${SECRETS_DIR}/${value.secretKey}`
            : fileReferenceToSecretKey(value),
        ],
      ];
    }),
  );
}

/** Returns whether a key in the given sections references a key of Grafana's Secret. */
export const hasSecretReference = (given: GrafanaIni): boolean =>
  Object.values(omitUndefined(given)).some((keys) =>
    Object.values(keys).some((value) => typeof value === 'object'),
  );

/**
 * Returns the ports outside the cluster that Grafana connects to, for the network policy: the ports of identity
 * providers, of the mail server and of LDAP. The list can contain a port twice.
 */
export function externalServerPorts({ smtp, 'auth.ldap': ldap, ...sections }: GrafanaIni): number[] {
  const providers = Object.entries<object | undefined>(sections).filter(
    ([section, keys]) => section.startsWith('auth.') && keys && 'client_id' in keys,
  );
  return [
    ...providers.flatMap(([, keys]) => identityProviderPorts({ ...keys })),
    ...(isNonEmptySection(ldap) ? [389, 636] : []),
    ...(isNonEmptySection(smtp) ? [Number(/:(\d+)$/.exec(smtp?.host ?? '')?.[1] ?? 25)] : []),
  ];
}

/** Returns whether a section of grafana.ini is set and has at least one key. */
const isNonEmptySection = (keys: object | undefined): boolean =>
  keys !== undefined && Object.keys(keys).length > 0;

/**
 * Returns the ports of the URLs that Grafana requests from an identity provider: `token_url`, `api_url` and
 * `teams_url`. Returns 443 if none of the three is set. The browser opens all other URLs of the provider.
 */
function identityProviderPorts(keys: Readonly<Record<string, unknown>>): number[] {
  const urls = ['token_url', 'api_url', 'teams_url'].flatMap((name) => keys[name] ?? []);
  return urls.length ? urls.map((url) => portOfUrl(String(url))) : [443];
}
