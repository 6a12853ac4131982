import { portOf } from '../../core/network-access';
import { type GrafanaIni, isFile, type SecretKey } from './ini-sections';

/** Where Grafana's Secret is mounted. */
export const SECRETS_DIR = '/etc/grafana/secrets';

type Value = string | number | boolean;

/** grafana.ini as sections of keys. */
export type Ini = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** A reference to the file of a key of Grafana's Secret, in the syntax of Grafana. */
export const fileReference = ({ secretKey }: SecretKey): string => `$__file{${SECRETS_DIR}/${secretKey}}`;

/** The sections of the stack with those that were given. */
export function merged(own: Ini, given: GrafanaIni): Ini {
  const written = Object.entries(given)
    .map(([section, keys]) => [section, { ...own[section], ...rendered(section, keys) }] as const)
    .filter(([, keys]) => Object.keys(keys).length > 0);
  return { ...own, ...Object.fromEntries(written) };
}

function rendered(section: string, keys: object): Record<string, Value> {
  const given = Object.entries<Value | SecretKey | undefined>({ ...keys });
  return Object.fromEntries(
    given.flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (typeof value !== 'object') return [[name, value]];
      return [[name, isFile(section, name) ? `${SECRETS_DIR}/${value.secretKey}` : fileReference(value)]];
    }),
  );
}

/** Whether a value of a section is a key of Grafana's Secret. */
export const namesSecret = (given: GrafanaIni): boolean =>
  Object.values(given).some((keys) => Object.values(keys).some((value) => typeof value === 'object'));

/** Ports of servers outside of the stack that Grafana connects to: identity providers, a mail server, LDAP. */
export function serverPorts({ smtp, 'auth.ldap': ldap, ...sections }: GrafanaIni): number[] {
  const providers = Object.entries<object | undefined>(sections).filter(
    ([section, keys]) => section.startsWith('auth.') && keys && 'client_id' in keys,
  );
  return [
    ...providers.flatMap(([, keys]) => providerPorts({ ...keys })),
    ...(isSet(ldap) ? [389, 636] : []),
    ...(isSet(smtp) ? [Number(/:(\d+)$/.exec(smtp?.host ?? '')?.[1] ?? 25)] : []),
  ];
}

const isSet = (keys: object | undefined): boolean => keys !== undefined && Object.keys(keys).length > 0;

/** Grafana itself asks these; the browser opens the others. */
function providerPorts(keys: Readonly<Record<string, unknown>>): number[] {
  const urls = ['token_url', 'api_url', 'teams_url'].flatMap((name) => keys[name] ?? []);
  return urls.length ? urls.map((url) => portOf(String(url))) : [443];
}
