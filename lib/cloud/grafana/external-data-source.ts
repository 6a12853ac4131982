import type { NetworkPeer } from '../../contracts/network';
import { uid } from '../../core/dashboard-rules';
import { portOfUrl } from '../../core/network-access';
import { isObjectNotList, labelKey, patternRule, port } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import { listRule, mapRule, text } from '../../core/structure-rules';
import { problemsOfCharactersUnsafeInYaml, type Rule, ruleViolationText } from '../../core/validation';
import { fileReferenceToSecretKey } from './ini';
import { type SecretKey, secretKeyRule } from './ini-sections';

/** Properties of a Grafana data source that is not part of this stack, such as a database. */
export interface ExternalDataSource {
  /** Name of the data source in Grafana. */
  readonly name: string;
  /** Unique identifier, by which dashboards and links refer to the data source. Do not change it later. */
  readonly uid: string;
  /**
   * ID of a data source plugin that is part of Grafana, such as `prometheus`, `loki`, `tempo`,
   * `elasticsearch` or `influxdb`.
   */
  readonly type: string;
  /** URL of the data source. For a Service in the cluster, use `http://NAME.NAMESPACE.svc:PORT`. */
  readonly url: string;
  /**
   * Container port of the pods behind a Service in the cluster, for the network policy.
   * @default - the port of the URL
   */
  readonly podPort?: number;
  /**
   * Basic auth user. Set the password as `basicAuthPassword` in `secureJsonData`.
   * @default - no basic auth
   */
  readonly basicAuthUser?: string;
  /** User name, for a data source that is a database. @default - no user name */
  readonly user?: string;
  /** Options of the plugin, with the names in the plugin's documentation. @default - the plugin's defaults */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /**
   * Secret options of the plugin, such as `basicAuthPassword`. Grafana reads each value from a key of Grafana's
   * Secret.
   * @default - no secret options
   */
  readonly secureJsonData?: Readonly<Record<string, SecretKey>>;
}

const address: Rule = {
  allowed:
    'a URL without user and password, such as "http://tempo.tracing.svc:3200" or "https://metrics.example.com"',
  accepts: (value) => {
    if (typeof value !== 'string' || !/^https?:\/\/[^/@\s]+(\/[^@\s]*)?$/.test(value)) return false;
    return URL.canParse(value);
  },
};

const plain: Rule = {
  allowed: 'an object of JSON values',
  accepts: isObjectNotList,
  problems: (value, path) =>
    isObjectNotList(value)
      ? problemsOfCharactersUnsafeInYaml(path, value)
      : [ruleViolationText(path, value, { allowed: 'an object of JSON values' })],
};

/** Validation rule and default of each option of an external data source. */
export const EXTERNAL_DATA_SOURCE = {
  name: { rule: text },
  uid: { rule: uid },
  type: { rule: patternRule(/^[a-z0-9-]+$/, 'the id of a plugin, such as "tempo"') },
  url: { rule: address },
  podPort: { rule: port, derive: ({ url }) => portOfUrl(url) },
  basicAuthUser: { rule: text, default: undefined },
  user: { rule: text, default: undefined },
  jsonData: { rule: plain, default: {} },
  secureJsonData: { rule: mapRule(labelKey, secretKeyRule), default: {} },
} satisfies OptionTable<ExternalDataSource>;

/** Validates a list of external data sources. */
export const externalDataSources = listRule(optionsRule<ExternalDataSource>(EXTERNAL_DATA_SOURCE));

/** Returns the entry of an external data source in Grafana's provisioning file. */
export function dataSourceProvisioningEntry(source: ExternalDataSource): object {
  const { podPort: _, secureJsonData, basicAuthUser, jsonData = {}, ...rest } = source;
  const secrets = Object.entries(secureJsonData ?? {}).map(([name, key]) => [
    name,
    fileReferenceToSecretKey(key),
  ]);
  return {
    ...(escapeDollars(rest) as object),
    ...(Object.keys(jsonData).length > 0 && { jsonData: escapeDollars(jsonData) }),
    ...(basicAuthUser !== undefined && { basicAuth: true, basicAuthUser: escapeDollars(basicAuthUser) }),
    ...(secrets.length > 0 && { secureJsonData: Object.fromEntries(secrets) }),
  };
}

/**
 * Returns a copy of a value in which all dollar signs in texts are doubled, because Grafana expands variables in
 * provisioning files.
 */
function escapeDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escapeDollars);
  if (!isObjectNotList(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, escapeDollars(held)]));
}

/**
 * Returns the peer and port that the network policy allows for a data source. For a Service in the cluster,
 * the peer is the Service's namespace. For any other URL, the peer is any address.
 */
export function networkPeerAndPort({ url, podPort }: ExternalDataSource): {
  peer: NetworkPeer;
  port: number;
} {
  const { hostname } = new URL(url);
  const [, namespace] = /^[^.]+\.([^.]+)\.svc(\.|$)/.exec(hostname) ?? [];
  return { peer: namespace ? { namespace } : { anywhere: true }, port: podPort ?? portOfUrl(url) };
}
