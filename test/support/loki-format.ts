/**
 * Checks a value of the configuration. Returns `undefined` for a valid value, otherwise the text of what is allowed.
 */
type Check = (value: unknown) => string | undefined;

/** Format of a part of Loki's configuration: a check of the value, or the formats of nested keys. */
type Format = Check | { readonly [key: string]: Format };

const oneValue =
  (allowed: string, accepts: (value: unknown) => boolean): Check =>
  (value) =>
    accepts(value) ? undefined : allowed;
const textMatching = (pattern: RegExp) => (value: unknown) =>
  typeof value === 'string' && pattern.test(value);

const boolean = oneValue('true or false', (value) => typeof value === 'boolean');
const whole = oneValue('a whole number', Number.isInteger);
const number = oneValue('a number', Number.isFinite);
const string = oneValue('a text', textMatching(/^/));
const oneOfValues = (...values: string[]) =>
  oneValue(values.join(', '), (value) => values.includes(String(value)));

/** Type flagext.ByteSize of Loki, which parses the text in upper case with datasize.UnmarshalText. */
const size = oneValue(
  'a size of Loki, such as 262144B, 256KB or 1MB',
  (value) => Number.isInteger(value) || textMatching(/^\d+ *([KMGTPE]?B?)$/i)(value),
);
/** Type time.Duration of Go, which allows fractions, and no units above hours. */
const goDuration = oneValue(
  'a duration of Go, such as 1h30m: no days',
  (value) => value === 0 || textMatching(/^-?(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/)(value),
);
/** Type model.Duration of Prometheus, which allows days, and no fractions. */
const duration = oneValue(
  'a duration of Prometheus, such as 1h30m: no fractions',
  (value) => value === 0 || textMatching(/^(?=.)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/)(value),
);
/** A date that both date types of Loki parse. */
const date = oneValue('a date', textMatching(/^\d{4}-\d{2}-\d{2}$/));

const listOf =
  (format: Format): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'a list';
    return value.flatMap((item, index) => formatProblems(item, format, String(index)))[0];
  };

const embedded: Format = { embedded_cache: { enabled: boolean, max_size_mb: whole, ttl: goDuration } };

/** Formats of the limits of a tenant, from pkg/validation/limits.go. */
const LIMITS: Format = {
  ingestion_rate_strategy: oneOfValues('global', 'local'),
  ingestion_rate_mb: number,
  ingestion_burst_size_mb: number,
  max_label_name_length: whole,
  max_label_value_length: whole,
  max_label_names_per_series: whole,
  reject_old_samples: boolean,
  reject_old_samples_max_age: duration,
  max_line_size: size,
  max_line_size_truncate: boolean,
  discover_service_name: listOf(string),
  discover_log_levels: boolean,
  max_streams_per_user: whole,
  max_global_streams_per_user: whole,
  per_stream_rate_limit: size,
  per_stream_rate_limit_burst: size,
  max_query_series: whole,
  max_query_parallelism: whole,
  tsdb_max_query_parallelism: whole,
  query_timeout: duration,
  split_queries_by_interval: duration,
  volume_enabled: boolean,
  retention_period: duration,
  retention_stream: listOf({ selector: string, priority: whole, period: duration }),
  shard_streams: {
    enabled: boolean,
    time_sharding_enabled: boolean,
    time_sharding_ignore_recent: duration,
    desired_rate: size,
  },
  allow_structured_metadata: boolean,
};

/**
 * Formats of the options of Loki 3.7.6 that configurations of this project contain. Each format allows the values that
 * the type in Loki's source accepts. When you add an option, look up its type: time.Duration or model.Duration,
 * flagext.ByteSize or a number.
 */
const CONFIGURATION: Format = {
  auth_enabled: boolean,
  server: {
    http_listen_address: string,
    http_listen_port: whole,
    grpc_listen_address: string,
    grpc_listen_port: whole,
    http_server_read_timeout: goDuration,
    http_server_write_timeout: goDuration,
    log_level: oneOfValues('debug', 'info', 'warn', 'error'),
    grpc_server_max_recv_msg_size: whole,
    grpc_server_max_send_msg_size: whole,
  },
  common: {
    path_prefix: string,
    replication_factor: whole,
    instance_addr: string,
    ring: { kvstore: { store: oneOfValues('inmemory', 'memberlist') } },
    storage: {
      filesystem: { chunks_directory: string, rules_directory: string },
      s3: {
        bucketnames: string,
        region: string,
        endpoint: string,
        insecure: boolean,
        s3forcepathstyle: boolean,
      },
    },
  },
  memberlist: { bind_port: whole, join_members: listOf(string) },
  schema_config: {
    configs: listOf({
      from: date,
      store: oneOfValues('tsdb'),
      object_store: oneOfValues('filesystem', 's3'),
      schema: oneOfValues('v13'),
      index: { prefix: string, period: duration },
    }),
  },
  storage_config: { index_cache_validity: goDuration },
  compactor: {
    working_directory: string,
    retention_enabled: boolean,
    delete_request_store: oneOfValues('filesystem', 's3'),
    retention_delete_delay: goDuration,
  },
  distributor: { max_recv_msg_size: whole, max_decompressed_size: whole },
  ingester: {
    wal: { dir: string, replay_memory_ceiling: size },
    chunk_idle_period: goDuration,
    max_chunk_age: goDuration,
    query_store_max_look_back_period: goDuration,
  },
  querier: { multi_tenant_queries_enabled: boolean, query_ingesters_within: goDuration },
  limits_config: LIMITS,
  runtime_config: { file: string, period: goDuration },
  chunk_store_config: { chunk_cache_config: embedded },
  query_range: { results_cache: { cache: embedded } },
  ruler: {
    alertmanager_url: string,
    rule_path: string,
    storage: { type: oneOfValues('local'), local: { directory: string } },
  },
  analytics: { reporting_enabled: boolean },
};

/**
 * Returns an error for each unknown option and invalid value of a Loki configuration, with the path. Returns an empty
 * list if Loki would start with the configuration.
 */
export const lokiProblems = (configuration: unknown): string[] =>
  formatProblems(configuration, CONFIGURATION, '');

/**
 * Returns an error for each unknown option and invalid value in a file with limits of single tenants. Loki reads this
 * file while it runs.
 */
export const overrideProblems = (file: { readonly overrides?: object }): string[] =>
  Object.entries(file).flatMap(([key, tenants]) =>
    key === 'overrides'
      ? Object.entries(tenants ?? {}).flatMap(([tenant, limits]) => formatProblems(limits, LIMITS, tenant))
      : [`${key}: unknown`],
  );

function formatProblems(value: unknown, format: Format, path: string): string[] {
  if (typeof format === 'function') {
    const allowed = format(value);
    return allowed ? [`${path}: ${JSON.stringify(value)}; allowed: ${allowed}`] : [];
  }
  if (typeof value !== 'object' || value === null)
    return [`${path}: ${JSON.stringify(value)}; allowed: an object`];
  return Object.entries(value).flatMap(([key, held]) => {
    const inner = path ? `${path}.${key}` : key;
    const known = format[key];
    return known ? formatProblems(held, known, inner) : [`${inner}: unknown`];
  });
}
