import { REPLICATION_FACTOR } from './deployment';
import {
  indexCacheValidityConfig,
  ingesterStoreLookbackConfig,
  type LateLinesConfig,
  querierIngesterLookbackConfig,
} from './late-lines';
import {
  GOSSIP_PORT,
  LARGEST_PUSH,
  LOKI_CONFIG_DIR,
  LOKI_DATA_DIR,
  LOKI_OVERRIDES,
  LOKI_PORTS,
  LOKI_RULES_DIR,
  memberlistServiceName,
} from './layout';
import { type LokiLimits, lokiLimitsConfig } from './limits';
import { chunkAndIndexStorageConfig, storageSchemaConfig } from './storage-config';
import type { Tenancy } from './tenants';
import { toLokiDuration, toLokiSize } from './units';

/** Properties for `lokiConfig`. */
export interface LokiConfig extends LateLinesConfig {
  readonly name: string;
  readonly namespace: string;
  readonly limits: Required<LokiLimits>;
  readonly tenancy: Tenancy;
  /** Host and port of each Alertmanager to which the ruler sends alerts. */
  readonly alertmanagers: readonly string[];
  /**
   * Whether the addresses of Loki's replicas can be IPv6 addresses.
   * @default false - with true, Loki does not start on a kernel without IPv6
   */
  readonly ipv6?: boolean;
}

/** Placeholder for the pod's address. Loki replaces the placeholder by the value of the environment variable POD_IP. */
const POD_ADDRESS = `\${POD_IP}`;
/**
 * Query timeout. A rule can query the log lines of a whole fleet for a day, which takes longer than Loki's
 * default of one minute.
 */
const QUERY_TIMEOUT = '5m';
/**
 * Returns the content of Loki's configuration file. The options were checked against the reference of Loki
 * 3.7 (https://grafana.com/docs/loki/v3.7.x/configure/).
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
      // By default, Loki uses the IPv4 address of eth0 or en0. Not every pod has one of these interfaces.
      instance_addr: replicated ? POD_ADDRESS : '127.0.0.1',
      ring: {
        kvstore: { store: replicated ? 'memberlist' : 'inmemory' },
        ...(config.ipv6 && { instance_enable_ipv6: true }),
      },
      storage: chunkAndIndexStorageConfig(deployment),
    },
    ...(replicated && { memberlist: memberlistConfig(config) }),
    schema_config: { configs: [storageSchemaConfig(replicated ? 's3' : 'filesystem')] },
    compactor: {
      working_directory: `${LOKI_DATA_DIR}/compactor`,
      retention_enabled: true,
      delete_request_store: replicated ? 's3' : 'filesystem',
    },
    ...indexCacheValidityConfig(config),
    distributor: { max_recv_msg_size: LARGEST_PUSH, max_decompressed_size: LARGEST_PUSH },
    ingester: ingesterConfig(config),
    limits_config: {
      ...retentionConfig(config),
      ...oldLogLinesConfig(config),
      allow_structured_metadata: true,
      // With the default of discover_service_name, Loki adds a guessed label `service_name` to every stream.
      discover_service_name: [],
      ...lokiLimitsConfig(limits),
      query_timeout: QUERY_TIMEOUT,
    },
    ...cacheConfig(),
    ...querierConfig(config),
    ...(hasTenantLimits(tenancy) && { runtime_config: { file: `${LOKI_CONFIG_DIR}/${LOKI_OVERRIDES}` } }),
    ...(config.alertmanagers.length > 0 && { ruler: rulerConfig(config.alertmanagers) }),
    analytics: { reporting_enabled: false },
  };
}

/**
 * Returns the limits of individual tenants in the format of Loki's runtime configuration. Returns undefined if no
 * tenant has its own limits.
 */
export const tenantLimitOverrides = (tenancy: Tenancy): object | undefined =>
  hasTenantLimits(tenancy)
    ? {
        overrides: Object.fromEntries(
          Object.entries(tenancy.limits).map(([tenant, limits]) => [tenant, lokiLimitsConfig(limits)]),
        ),
      }
    : undefined;

/** Returns whether multi-tenancy is enabled and at least one tenant has its own limits. */
const hasTenantLimits = ({ separate, limits }: Tenancy): boolean =>
  separate && Object.keys(limits).length > 0;

/**
 * Returns the ingester's configuration. `replay_memory_ceiling` keeps the memory for the WAL replay after a crash well
 * below the memory limit.
 */
function ingesterConfig(config: LokiConfig): object {
  return {
    wal: { dir: `${LOKI_DATA_DIR}/wal`, replay_memory_ceiling: toLokiSize('256Mi') },
    ...ingesterStoreLookbackConfig(config),
  };
}

/** Returns the section `querier` of Loki's configuration. Returns an empty object if Loki's defaults apply. */
function querierConfig(config: LokiConfig): object {
  const querier = {
    ...(config.tenancy.separate && { multi_tenant_queries_enabled: true }),
    ...querierIngesterLookbackConfig(config),
  };
  return Object.keys(querier).length > 0 ? { querier } : {};
}

/**
 * Returns the configuration of gossip between replicas. With IPv6, the bind address is `::`: other replicas cannot
 * reach Loki's default 0.0.0.0 by IPv6.
 */
function memberlistConfig({ name, namespace, ipv6 }: LokiConfig): object {
  return {
    bind_port: GOSSIP_PORT,
    ...(ipv6 && { bind_addr: ['::'] }),
    join_members: [`${memberlistServiceName(name)}.${namespace}.svc:${GOSSIP_PORT}`],
  };
}

/** Returns Loki's retention settings: the period for all log lines, and the periods for selected streams. */
function retentionConfig({ retention: kept, streamRetention, deployment }: LokiConfig): object {
  return {
    retention_period: toLokiDuration(kept),
    ...(streamRetention.length > 0 && {
      retention_stream: streamRetention.map(({ selector, period }, index) => ({
        // A replicated Loki expands environment variables in its configuration, so each $ is written as $$.
        selector: deployment.mode === 'replicated' ? selector.replaceAll('$', '$$$$') : selector,
        // If several selectors match a stream, the retention of the first selector in the list applies.
        priority: streamRetention.length - index,
        period: toLokiDuration(period),
      })),
    }),
  };
}

/**
 * Returns Loki's settings for old log lines, which edge nodes deliver after an outage. Time sharding stores old lines
 * in separate streams, so that Loki does not reject them because of newer lines in the same stream.
 */
function oldLogLinesConfig({ maxLineAge }: LokiConfig): object {
  return {
    reject_old_samples: true,
    reject_old_samples_max_age: toLokiDuration(maxLineAge),
    shard_streams: { enabled: true, time_sharding_enabled: true },
  };
}

/**
 * Returns the configuration of the in-memory caches. The sizes of the caches are sufficient for the dashboards of a
 * team, and together are a fraction of the memory limit.
 */
function cacheConfig(): object {
  /** Returns the configuration of an in-memory cache of the given size in MiB. */
  const embeddedCacheConfig = (max_size_mb: number) => ({ embedded_cache: { enabled: true, max_size_mb } });
  return {
    chunk_store_config: { chunk_cache_config: embeddedCacheConfig(128) },
    query_range: { results_cache: { cache: embeddedCacheConfig(64) } },
  };
}

/** Returns the section `ruler`. @param alertmanagers host and port of each Alertmanager */
function rulerConfig(alertmanagers: readonly string[]): object {
  return {
    alertmanager_url: alertmanagers.map((address) => `http://${address}`).join(','),
    rule_path: `${LOKI_DATA_DIR}/rules-temp`,
    storage: { type: 'local', local: { directory: LOKI_RULES_DIR } },
  };
}
