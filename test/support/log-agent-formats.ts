/** A section of Fluent Bit's configuration: of the service, or of a plugin. */
type Section = Readonly<Record<string, unknown>>;

/** Keys that every input, filter and output supports. */
const OF_ALL = ['name', 'match', 'match_regex', 'alias', 'log_level'];

/** Keys of Fluent Bit 5.1 by plugin, from the config_map of the plugin. Only contains keys that this project uses. */
const FLUENT_BIT: Readonly<Record<string, readonly string[]>> = {
  service: [
    ...['flush', 'grace', 'log_level', 'http_server', 'http_listen', 'http_port'],
    ...['hot_reload', 'hot_reload.ensure_thread_safety', 'hot_reload.timeout'],
    ...[
      'storage.path',
      'storage.metrics',
      'storage.sync',
      'storage.max_chunks_up',
      'storage.backlog.mem_limit',
    ],
    ...['scheduler.cap', 'scheduler.base', 'multiline_buffer_limit', 'flush.adaptive'],
    ...['min_interval', 'max_interval', 'low_pressure', 'medium_pressure', 'high_pressure'].map(
      (key) => `flush.adaptive.${key}`,
    ),
    ...['up_steps', 'down_steps'].map((key) => `flush.adaptive.${key}`),
  ],
  tail: [
    ...['path', 'exclude_path', 'path_key', 'offset_key', 'tag', 'tag_regex', 'multiline.parser', 'parser'],
    ...['read_from_head', 'refresh_interval', 'rotate_wait', 'ignore_older', 'ignore_active_older_files'],
    ...['db', 'db.sync', 'db.locking', 'db.journal_mode', 'db.compare_filename'],
    ...['buffer_chunk_size', 'buffer_max_size', 'skip_long_lines', 'truncate_long_lines', 'mem_buf_limit'],
    ...['storage.type', 'storage.pause_on_chunks_overlimit', 'threaded', 'inotify_watcher'],
  ],
  dummy: ['tag', 'dummy', 'interval_sec', 'copies', 'rate', 'samples', 'storage.type'],
  lua: ['script', 'code', 'call', 'protected_mode', 'time_as_table'],
  modify: ['condition', 'set', 'add', 'remove', 'rename', 'copy'],
  grep: ['regex', 'exclude', 'logical_op'],
  loki: [
    ...['host', 'port', 'uri', 'tenant_id', 'labels', 'label_keys', 'label_map_path', 'structured_metadata'],
    ...['remove_keys', 'drop_single_key', 'line_format', 'compress', 'http_user', 'http_passwd', 'header'],
    ...['tls', 'tls.verify', 'tls.verify_hostname', 'tls.ca_file', 'workers', 'retry_limit', 'buffer_size'],
    ...[
      'storage.total_limit_size',
      'processors',
      'net.connect_timeout',
      'net.io_timeout',
      'net.keepalive_idle_timeout',
    ],
  ],
};

/**
 * Returns errors in a configuration that Fluent Bit would refuse or misinterpret: unknown keys, scripts that a hot
 * reload does not find, and missing options. Returns an empty list for a valid configuration.
 */
export function fluentBitProblems(config: {
  service: Section;
  pipeline: Readonly<Record<'inputs' | 'filters' | 'outputs', readonly Section[]>>;
}): string[] {
  const { inputs, outputs } = config.pipeline;
  const filters = [...config.pipeline.filters, ...outputs.flatMap(logProcessors)];
  return [
    ...unknownKeyProblems('service', Object.keys(config.service), FLUENT_BIT.service),
    ...[...inputs, ...filters, ...outputs].flatMap((section) =>
      unknownKeyProblems(`${section.name}`, Object.keys(section), FLUENT_BIT[`${section.name}`], OF_ALL),
    ),
    ...filters.flatMap(({ script }) =>
      script === undefined || `${script}`.startsWith('/')
        ? []
        : [
            `lua: script ${script} is a relative path, which a hot reload does not find: use an absolute path`,
          ],
    ),
    ...inputs.flatMap((input) => tagProblems(input)),
    ...outputs.flatMap((output) =>
      output.tls === 'on' && !output['tls.ca_file'] ? ['loki: tls is on, and tls.ca_file is missing'] : [],
    ),
    ...(config.service['hot_reload.ensure_thread_safety'] === 'off'
      ? []
      : [
          'service: hot_reload.ensure_thread_safety must be off, otherwise a hot reload waits for refused pushes forever',
        ]),
  ];
}

/**
 * Returns an error if the tag is different for each container. Each tag needs its own request, so there would be a
 * request per container.
 */
function tagProblems({ tag }: Section): string[] {
  const [, name] = /<(\w+)>/.exec(`${tag}`) ?? [];
  return name === undefined && !`${tag}`.includes('*')
    ? []
    : [`tail: tag ${tag} must be the same for all containers`];
}

/** Returns an error for each key of a section that is not in the lists of known keys. */
export function unknownKeyProblems(
  of: string,
  keys: readonly string[],
  ...known: (readonly string[] | undefined)[]
): string[] {
  if (!known[0]) return [`${of} is not a known section`];
  return keys.filter((key) => !known.some((some) => some?.includes(key))).map((key) => `${of} has no ${key}`);
}

/** Returns the filters that an output runs itself when it sends. */
const logProcessors = ({ processors }: Section): readonly Section[] =>
  (processors as { readonly logs: readonly Section[] } | undefined)?.logs ?? [];
