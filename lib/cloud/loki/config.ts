import { bytes, type Duration, seconds } from '../../core/units';
import { type LokiDeployment, REPLICATION_FACTOR, type S3Storage } from './deployment';
import { type LokiLimits, limitsConfig } from './limits';
import type { Tenancy } from './tenants';
import { lokiDuration, lokiSize } from './units';

/** A retention period for some log streams. */
export interface StreamRetention {
  /** LogQL selector of the streams, such as `{namespace="audit"}`. */
  readonly selector: string;
  /** Retention period of the streams. */
  readonly period: Duration;
}

/** Properties for `lokiConfig`. */
export interface LokiConfig {
  readonly name: string;
  readonly namespace: string;
  readonly deployment: LokiDeployment;
  readonly retention: Duration;
  readonly streamRetention: readonly StreamRetention[];
  readonly maxLineAge: Duration;
  readonly limits: Required<LokiLimits>;
  readonly tenancy: Tenancy;
  /** Host and port of every Alertmanager that the ruler sends alerts to. */
  readonly alertmanagers: readonly string[];
  /**
   * Whether replicas may have IPv6 addresses.
   * @default false - Loki does not start on a kernel without IPv6
   */
  readonly ipv6?: boolean;
}

export const LOKI_PORTS = { http: 3100, grpc: 9095 };
export const GOSSIP_PORT = 7946;
/** Placeholder for the pod's address, which Loki expands from its environment. */
const POD_ADDRESS = `\${POD_IP}`;
export const LOKI_DATA_DIR = '/loki';
export const LOKI_CONFIG_DIR = '/etc/loki/config';
/** A rule may query the lines of a whole fleet for a day, which takes longer than Loki's default of one minute. */
const QUERY_TIMEOUT = '5m';
/** File with the limits of single tenants, which Loki reloads when it changes. */
export const LOKI_OVERRIDES = 'overrides.yaml';
export const S3_CREDENTIALS_DIR = '/etc/loki/s3';
/** Folder with the ruler's rules: a subfolder for each tenant. */
export const LOKI_RULES_DIR = '/etc/loki/rules';

/**
 * Maximum size of a push in bytes, compressed and decompressed; Loki's default is up to 5,000 MB. A chunk of
 * Fluent Bit has 2 MB and grows up to six times in JSON, where each of its characters may need escaping.
 */
export const LARGEST_PUSH = bytes('16Mi');

/** Returns the name of the Service by which replicas find each other. */
export const membersServiceName = (name: string): string => `${name}-members`;

/**
 * Returns Loki's configuration.
 *
 * Checked against the reference of Loki 3.7 (https://grafana.com/docs/loki/v3.7.x/configure/).
 */
export function lokiConfig(config: LokiConfig): object {
  const { deployment, tenancy, limits } = config;
  const replicated = deployment.mode === 'replicated';
  return {
    auth_enabled: tenancy.separate,
    server: {
      http_listen_port: LOKI_PORTS.http,
      grpc_listen_port: LOKI_PORTS.grpc,
      // By default, Loki closes the connection of a query after 30 seconds.
      http_server_read_timeout: QUERY_TIMEOUT,
      http_server_write_timeout: QUERY_TIMEOUT,
    },
    common: {
      path_prefix: LOKI_DATA_DIR,
      replication_factor: replicated ? REPLICATION_FACTOR : 1,
      // By default, Loki looks for an IPv4 address on eth0 or en0, which not every pod has.
      instance_addr: replicated ? POD_ADDRESS : '127.0.0.1',
      ring: {
        kvstore: { store: replicated ? 'memberlist' : 'inmemory' },
        ...(config.ipv6 && { instance_enable_ipv6: true }),
      },
      storage: storageOf(deployment),
    },
    ...(replicated && { memberlist: memberlistConfig(config) }),
    schema_config: { configs: [schemaConfig(replicated ? 's3' : 'filesystem')] },
    compactor: {
      working_directory: `${LOKI_DATA_DIR}/compactor`,
      retention_enabled: true,
      delete_request_store: replicated ? 's3' : 'filesystem',
    },
    ...storageConfig(config),
    distributor: { max_recv_msg_size: LARGEST_PUSH, max_decompressed_size: LARGEST_PUSH },
    ingester: ingesterConfig(config),
    limits_config: {
      ...retentionConfig(config),
      ...lineAgeLimits(config),
      allow_structured_metadata: true,
      // Otherwise Loki adds a guessed label `service_name` to every stream.
      discover_service_name: [],
      ...limitsConfig(limits),
      query_timeout: QUERY_TIMEOUT,
    },
    ...cacheConfig(),
    ...(tenancy.separate && { querier: { multi_tenant_queries_enabled: true } }),
    ...(hasOverrides(tenancy) && { runtime_config: { file: `${LOKI_CONFIG_DIR}/${LOKI_OVERRIDES}` } }),
    ...(config.alertmanagers.length > 0 && { ruler: rulerConfig(config.alertmanagers) }),
    analytics: { reporting_enabled: false },
  };
}

/**
 * Returns the limits of single tenants as Loki's runtime configuration; undefined if all tenants have the
 * same limits.
 */
export const lokiOverrides = (tenancy: Tenancy): object | undefined =>
  hasOverrides(tenancy)
    ? {
        overrides: Object.fromEntries(
          Object.entries(tenancy.limits).map(([tenant, limits]) => [tenant, limitsConfig(limits)]),
        ),
      }
    : undefined;

const hasOverrides = ({ separate, limits }: Tenancy): boolean => separate && Object.keys(limits).length > 0;

/** Keeps the replay of the WAL after a crash well below the memory limit. */
function ingesterConfig({ deployment, maxLineAge }: LokiConfig): object {
  return {
    wal: { dir: `${LOKI_DATA_DIR}/wal`, replay_memory_ceiling: lokiSize('256Mi') },
    ...(deployment.mode === 'singleBinary' && {
      query_store_max_look_back_period: lokiDuration(lookbackFor(maxLineAge)),
    }),
  };
}

/**
 * Returns `query_store_max_look_back_period`: how far back queries search the store in addition to the
 * ingesters' memory. It exceeds the three hours and some minutes until lines are available in the store.
 */
const lookbackFor = (maxLineAge: Duration): Duration =>
  seconds(maxLineAge) > seconds('4h') ? maxLineAge : '4h';

/**
 * Returns the storage configuration. With object storage, Loki refuses to start with
 * `query_store_max_look_back_period` and derives the time from `index_cache_validity`. With TSDB, the latter
 * otherwise only determines how long replicas keep their own index, so chunks must not be deleted within that
 * time.
 */
function storageConfig(config: LokiConfig): object {
  return needsFreshIndex(config)
    ? { storage_config: { index_cache_validity: lokiDuration(lookbackFor(config.maxLineAge)) } }
    : {};
}

function needsFreshIndex({ deployment, ...config }: LokiConfig): boolean {
  if (deployment.mode !== 'replicated') return false;
  return deployment.lateLines ? deployment.lateLines === 'at-once' : retainsAcceptedLines(config);
}

/** Whether no line is deleted while a replica still has it in its own index. */
export const retainsAcceptedLines = ({
  retention,
  streamRetention,
  maxLineAge,
}: Pick<LokiConfig, 'retention' | 'streamRetention' | 'maxLineAge'>): boolean =>
  [retention, ...streamRetention.map(({ period }) => period)].every(
    (kept) => seconds(kept) >= 2 * seconds(lookbackFor(maxLineAge)),
  );

/** TSDB in the schema version with structured metadata, valid from before the first line. */
const schemaConfig = (object_store: string) => ({
  from: '2024-04-01',
  store: 'tsdb',
  object_store,
  schema: 'v13',
  index: { prefix: 'index_', period: '24h' },
});

function storageOf(deployment: LokiDeployment): object {
  if (deployment.mode === 'replicated') return { s3: s3Config(deployment.objectStorage) };
  return {
    filesystem: { chunks_directory: `${LOKI_DATA_DIR}/chunks`, rules_directory: `${LOKI_DATA_DIR}/rules` },
  };
}

function s3Config({ bucket, region = 'us-east-1', endpoint, pathStyle }: S3Storage): object {
  const server = endpoint === undefined ? undefined : new URL(endpoint);
  return {
    bucketnames: bucket,
    region,
    ...(server && { endpoint: server.host, insecure: server.protocol === 'http:' }),
    s3forcepathstyle: pathStyle ?? server !== undefined,
  };
}

/**
 * Returns the gossip configuration. By default Loki binds to 0.0.0.0, which replicas with an IPv6 address
 * cannot reach.
 */
function memberlistConfig({ name, namespace, ipv6 }: LokiConfig): object {
  return {
    bind_port: GOSSIP_PORT,
    ...(ipv6 && { bind_addr: ['::'] }),
    join_members: [`${membersServiceName(name)}.${namespace}.svc:${GOSSIP_PORT}`],
  };
}

function retentionConfig({ retention: kept, streamRetention, deployment }: LokiConfig): object {
  return {
    retention_period: lokiDuration(kept),
    ...(streamRetention.length > 0 && {
      retention_stream: streamRetention.map(({ selector, period }, index) => ({
        // Replicas expand variables in the configuration, where `$$` stands for `$`.
        selector: deployment.mode === 'replicated' ? selector.replaceAll('$', '$$$$') : selector,
        // If several selectors match, the first one applies.
        priority: streamRetention.length - index,
        period: lokiDuration(period),
      })),
    }),
  };
}

/** Edge nodes deliver their backlog after an outage: lines of the same time go to a separate stream shard. */
function lineAgeLimits({ maxLineAge }: LokiConfig): object {
  return {
    reject_old_samples: true,
    reject_old_samples_max_age: lokiDuration(maxLineAge),
    shard_streams: { enabled: true, time_sharding_enabled: true },
  };
}

/** Caches are sized for the dashboards of a team, at a fraction of the memory limit. */
function cacheConfig(): object {
  const embeddedCache = (max_size_mb: number) => ({ embedded_cache: { enabled: true, max_size_mb } });
  return {
    chunk_store_config: { chunk_cache_config: embeddedCache(128) },
    query_range: { results_cache: { cache: embeddedCache(64) } },
  };
}

function rulerConfig(alertmanagers: readonly string[]): object {
  return {
    alertmanager_url: alertmanagers.map((address) => `http://${address}`).join(','),
    rule_path: `${LOKI_DATA_DIR}/rules-temp`,
    storage: { type: 'local', local: { directory: LOKI_RULES_DIR } },
  };
}
