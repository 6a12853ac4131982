import { omitUndefined } from '../../core/defined';
import { portOfUrl } from '../../core/network-access';
import { type GrafanaIni, isFilePathKey, type SecretKey } from './ini-sections';

/** Port of Grafana. */
export const PORT = 3000;

/** Mount path of the Secret with the administrator's credentials. */
export const ADMIN_DIR = '/etc/grafana/admin';

/** Mount path of Grafana's Secret. */
export const SECRETS_DIR = '/etc/grafana/secrets';

type Value = string | number | boolean;

/** grafana.ini: keys by section. */
export type Ini = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/**
 * Returns a reference to a key of Grafana's Secret in Grafana's syntax: `$__file{/etc/grafana/secrets/KEY}`.
 */
export const secretFileReference = ({ secretKey }: SecretKey): string =>
  `$__file{${SECRETS_DIR}/${secretKey}}`;

/**
 * Returns the stack's default for grafana.ini: no telemetry, no downloads, no sign-up.
 * @param host public host of Grafana; undefined without an ingress
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
    // The Authorization header of requests is for the basic auth of the ingress, not for Grafana.
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

/** Merges the given sections of grafana.ini into the stack's defaults. Given keys override defaults. */
export function mergeIni(own: Ini, given: GrafanaIni): Ini {
  const written = Object.entries(omitUndefined(given))
    .map(([section, keys]) => [section, { ...own[section], ...renderSection(section, keys) }] as const)
    .filter(([, keys]) => Object.keys(keys).length > 0);
  return { ...own, ...Object.fromEntries(written) };
}

function renderSection(section: string, keys: object): Record<string, Value> {
  const given = Object.entries<Value | SecretKey | undefined>({ ...keys });
  return Object.fromEntries(
    given.flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (typeof value !== 'object') return [[name, value]];
      return [
        [
          name,
          isFilePathKey(section, name) ? `${SECRETS_DIR}/${value.secretKey}` : secretFileReference(value),
        ],
      ];
    }),
  );
}

/** Returns whether a value in the given sections references a key of Grafana's Secret. */
export const hasSecretReference = (given: GrafanaIni): boolean =>
  Object.values(omitUndefined(given)).some((keys) =>
    Object.values(keys).some((value) => typeof value === 'object'),
  );

/**
 * Returns the ports that Grafana connects to outside the cluster, for the network policy: ports of identity
 * providers, the mail server and LDAP.
 */
export function externalServerPorts({ smtp, 'auth.ldap': ldap, ...sections }: GrafanaIni): number[] {
  const providers = Object.entries<object | undefined>(sections).filter(
    ([section, keys]) => section.startsWith('auth.') && keys && 'client_id' in keys,
  );
  return [
    ...providers.flatMap(([, keys]) => identityProviderPorts({ ...keys })),
    ...(isNonEmpty(ldap) ? [389, 636] : []),
    ...(isNonEmpty(smtp) ? [Number(/:(\d+)$/.exec(smtp?.host ?? '')?.[1] ?? 25)] : []),
  ];
}

const isNonEmpty = (keys: object | undefined): boolean => keys !== undefined && Object.keys(keys).length > 0;

/**
 * Returns the ports of an identity provider. Grafana itself requests only the URLs in `token_url`, `api_url`
 * and `teams_url`; the browser opens the other URLs.
 */
function identityProviderPorts(keys: Readonly<Record<string, unknown>>): number[] {
  const urls = ['token_url', 'api_url', 'teams_url'].flatMap((name) => keys[name] ?? []);
  return urls.length ? urls.map((url) => portOfUrl(String(url))) : [443];
}
