import type { NetworkPeer } from '../../contracts/network';
import { uid } from '../../core/dashboard-rules';
import { portOf } from '../../core/network-access';
import { isRecord, labelKey, matching, port } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import { each, entries, text } from '../../core/structure-rules';
import { type Rule, unwritable } from '../../core/validation';
import { fileReference } from './ini';
import { type SecretKey, secretKeyRule } from './ini-sections';

/** A data source of Grafana outside of this stack. */
export interface ExternalDataSource {
  /** Name by which people choose it. */
  readonly name: string;
  /** Name by which dashboards and links refer to it; never changes. */
  readonly uid: string;
  /** Id of a plugin that comes with Grafana, such as `prometheus`, `loki`, `tempo`, `elasticsearch` or `influxdb`. */
  readonly type: string;
  /** Address; a Service of the cluster as `http://NAME.NAMESPACE.svc:PORT`. */
  readonly url: string;
  /** Port of the pods behind a Service of the cluster, which NetworkPolicies open. @default - the port of the address */
  readonly podPort?: number;
  /** User for Basic Auth; the password is `basicAuthPassword` of `secureJsonData`. @default - no Basic Auth */
  readonly basicAuthUser?: string;
  /** User of a database. @default - none */
  readonly user?: string;
  /** Options of the plugin, as its documentation names them. @default - the plugin's own */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /** Secret options of the plugin, each a key of Grafana's Secret. @default - none */
  readonly secureJsonData?: Readonly<Record<string, SecretKey>>;
}

const address: Rule = {
  allowed:
    'an address without user and password, such as "http://tempo.tracing.svc:3200" or "https://metrics.example.com"',
  accepts: (value) => {
    if (typeof value !== 'string' || !/^https?:\/\/[^/@\s]+(\/[^@\s]*)?$/.test(value)) return false;
    return URL.canParse(value);
  },
};

const plain: Rule = {
  allowed: 'an object of values that JSON has',
  accepts: isRecord,
  problems: (value, path) =>
    isRecord(value) ? unwritable(path, value) : [`${path} is no object; allowed: an object`],
};

/** The options of a data source outside of this stack. */
export const EXTERNAL_DATA_SOURCE = {
  name: { rule: text },
  uid: { rule: uid },
  type: { rule: matching(/^[a-z0-9-]+$/, 'the id of a plugin, such as "tempo"') },
  url: { rule: address },
  podPort: { rule: port, derive: ({ url }) => portOf(url) },
  basicAuthUser: { rule: text, default: undefined },
  user: { rule: text, default: undefined },
  jsonData: { rule: plain, default: {} },
  secureJsonData: { rule: entries(labelKey, secretKeyRule), default: {} },
} satisfies OptionTable<ExternalDataSource>;

/** A list of data sources outside of this stack. */
export const externalDataSources = each(optionsRule<ExternalDataSource>(EXTERNAL_DATA_SOURCE));

/** The data source as Grafana's file of data sources has it. */
export function provisionedSource(source: ExternalDataSource): object {
  const { podPort: _, secureJsonData, basicAuthUser, jsonData = {}, ...rest } = source;
  const secrets = Object.entries(secureJsonData ?? {}).map(([name, key]) => [name, fileReference(key)]);
  return {
    ...(literal(rest) as object),
    ...(Object.keys(jsonData).length > 0 && { jsonData: literal(jsonData) }),
    ...(basicAuthUser !== undefined && { basicAuth: true, basicAuthUser: literal(basicAuthUser) }),
    ...(secrets.length > 0 && { secureJsonData: Object.fromEntries(secrets) }),
  };
}

/** Grafana reads variables in the file: a dollar sign is written twice. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(literal);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, literal(held)]));
}

/** Where Grafana connects to for it: the namespace of a Service of the cluster, or anywhere. */
export function serverOf({ url, podPort }: ExternalDataSource): { peer: NetworkPeer; port: number } {
  const { hostname } = new URL(url);
  const [, namespace] = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(hostname) ?? [];
  return { peer: namespace ? { namespace } : { anywhere: true }, port: podPort ?? portOf(url) };
}
