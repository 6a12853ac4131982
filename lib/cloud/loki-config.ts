import type { Duration, Quantity } from '../core/units';
import { type LokiDeployment, REPLICATION_FACTOR, type S3Storage } from './loki-deployment';
import { lokiDuration, lokiMegabytes, lokiSize } from './loki-units';

/** How much of Loki one tenant may take; without tenants, the whole fleet. */
export interface LokiLimits {
  /** Streams that are written to at once: about two for each container. @default 50000 */
  readonly streams?: number;
  /** Bytes of lines that are taken a second. @default "16Mi" */
  readonly ingestionRate?: Quantity;
  /** Longer lines are cut. @default "256Ki" */
  readonly lineSize?: Quantity;
}

/** Lines that are kept for another time than the rest. */
export interface StreamRetention {
  /** LogQL selector of the streams, such as `{namespace="audit"}`. */
  readonly selector: string;
  /** How long its lines are kept. */
  readonly period: Duration;
}

/** What Loki's configuration depends on. */
export interface LokiConfig {
  readonly name: string;
  readonly namespace: string;
  readonly deployment: LokiDeployment;
  readonly retention: Duration;
  readonly streamRetention: readonly StreamRetention[];
  readonly maxLineAge: Duration;
  readonly limits: Required<LokiLimits>;
  readonly tenants: boolean;
  /** Host and port of every Alertmanager that the ruler tells. */
  readonly alertmanagers: readonly string[];
}

export const LOKI_PORTS = { http: 3100, grpc: 9095 };
export const GOSSIP_PORT = 7946;
export const LOKI_DATA_DIR = '/loki';
export const S3_CREDENTIALS_DIR = '/etc/loki/s3';
/** Rules of the ruler: a folder for each tenant. */
export const LOKI_RULES_DIR = '/etc/loki/rules';
/** The tenant of all lines where there are no tenants. */
export const NO_TENANT = 'fake';

/** Name of the Service by which replicas find each other. */
export const membersOf = (name: string): string => `${name}-members`;

/**
 * Loki's configuration.
 *
 * Checked against the reference of Loki 3.7 (https://grafana.com/docs/loki/v3.7.x/configure/).
 */
export function lokiConfig(config: LokiConfig): object {
  const { deployment, tenants, limits } = config;
  const replicated = deployment.mode === 'replicated';
  return {
    auth_enabled: tenants,
    server: { http_listen_port: LOKI_PORTS.http, grpc_listen_port: LOKI_PORTS.grpc },
    common: {
      path_prefix: LOKI_DATA_DIR,
      replication_factor: replicated ? REPLICATION_FACTOR : 1,
      ...(replicated ? {} : { instance_addr: '127.0.0.1' }),
      ring: { kvstore: { store: replicated ? 'memberlist' : 'inmemory' } },
      storage: storage(deployment),
    },
    ...(replicated && { memberlist: memberlist(config) }),
    schema_config: { configs: [SCHEMA(replicated ? 's3' : 'filesystem')] },
    compactor: {
      working_directory: `${LOKI_DATA_DIR}/compactor`,
      retention_enabled: true,
      delete_request_store: replicated ? 's3' : 'filesystem',
    },
    // A replay after a crash stays well under the memory limit.
    ingester: { wal: { dir: `${LOKI_DATA_DIR}/wal`, replay_memory_ceiling: lokiSize('256Mi') } },
    limits_config: {
      ...retention(config),
      ...lateLines(config),
      allow_structured_metadata: true,
      max_global_streams_per_user: limits.streams,
      ingestion_rate_mb: lokiMegabytes(limits.ingestionRate),
      ingestion_burst_size_mb: 2 * lokiMegabytes(limits.ingestionRate),
      max_line_size: lokiSize(limits.lineSize),
      max_line_size_truncate: true,
      // A rule may read the lines of a whole fleet and day, which takes more than the minute that Loki allows by itself.
      query_timeout: '5m',
    },
    ...caches(),
    ...(tenants && { querier: { multi_tenant_queries_enabled: true } }),
    ...(config.alertmanagers.length > 0 && { ruler: ruler(config.alertmanagers) }),
    analytics: { reporting_enabled: false },
  };
}

/** TSDB in the schema that knows structured metadata, from before the first line. */
const SCHEMA = (object_store: string) => ({
  from: '2024-04-01',
  store: 'tsdb',
  object_store,
  schema: 'v13',
  index: { prefix: 'index_', period: '24h' },
});

function storage(deployment: LokiDeployment): object {
  if (deployment.mode === 'replicated') return { s3: s3(deployment.objectStorage) };
  return {
    filesystem: { chunks_directory: `${LOKI_DATA_DIR}/chunks`, rules_directory: `${LOKI_DATA_DIR}/rules` },
  };
}

function s3({ bucket, region = 'us-east-1', endpoint, pathStyle }: S3Storage): object {
  const server = endpoint === undefined ? undefined : new URL(endpoint);
  return {
    bucketnames: bucket,
    region,
    ...(server && { endpoint: server.host, insecure: server.protocol === 'http:' }),
    s3forcepathstyle: pathStyle ?? server !== undefined,
  };
}

function memberlist({ name, namespace }: LokiConfig): object {
  return { bind_port: GOSSIP_PORT, join_members: [`${membersOf(name)}.${namespace}.svc:${GOSSIP_PORT}`] };
}

function retention({ retention: kept, streamRetention }: LokiConfig): object {
  return {
    retention_period: lokiDuration(kept),
    ...(streamRetention.length > 0 && {
      retention_stream: streamRetention.map(({ selector, period }, index) => ({
        selector,
        // Where several match, the first that was stated counts.
        priority: streamRetention.length - index,
        period: lokiDuration(period),
      })),
    }),
  };
}

/** Edges deliver what they kept while their link was down: lines of one time go to a shard of their own. */
function lateLines({ maxLineAge }: LokiConfig): object {
  return {
    reject_old_samples: true,
    reject_old_samples_max_age: lokiDuration(maxLineAge),
    shard_streams: { enabled: true, time_sharding_enabled: true },
  };
}

/** Enough for the dashboards of a team, and a fraction of the memory limit. */
function caches(): object {
  const embedded = (max_size_mb: number) => ({ embedded_cache: { enabled: true, max_size_mb } });
  return {
    chunk_store_config: { chunk_cache_config: embedded(128) },
    query_range: { results_cache: { cache: embedded(64) } },
  };
}

function ruler(alertmanagers: readonly string[]): object {
  return {
    alertmanager_url: alertmanagers.map((address) => `http://${address}`).join(','),
    rule_path: `${LOKI_DATA_DIR}/rules-temp`,
    storage: { type: 'local', local: { directory: LOKI_RULES_DIR } },
  };
}
