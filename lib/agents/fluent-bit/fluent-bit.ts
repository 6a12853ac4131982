import { NO_OPTIONS, type NoOptions, validateAndApplyDefaults } from '../../core/option-table';
import { toBytes, toSeconds } from '../../core/units';
import { yaml } from '../../core/yaml';
import { PUBLIC_CA_FILE } from '../client-tls';
import { LINE_LABELS, type LogAgent, type LogTask } from '../log-agent';
import { POD_LOGS } from '../log-files';
import { fluentBitFilters, KEEP_FIELD } from './filters';
import { adaptiveFlushSettings, BACKLOG_SIZES } from './flush';
import { criParserSections, MULTILINE_PARSERS } from './formats';
import events from './join.lua';
import script from './name.lua';
import times from './times.lua';
import { optionsUnsupportedByFluentBit } from './unsupported';

type Section = Readonly<Record<string, unknown>>;

const CONFIG_FILE = 'fluent-bit.yaml';
const SCRIPT = 'name.lua';
const EVENTS_SCRIPT = 'join.lua';
const TIMES_SCRIPT = 'times.lua';

const ALL_TAGS = 'pods.*';

/**
 * Timeout of a push request to Loki. After an outage, Fluent Bit sends several chunks of up to two megabytes at
 * once. On a link of 200 kbit/s, sending them takes more than a minute. With a timeout of half a minute, Fluent Bit
 * would send the same chunks repeatedly.
 */
const PUSH_TIMEOUT = '120s';

/** Maximum number of chunks in memory, of up to 2 MB each. While this number is reached, the tail input pauses. */
const CHUNKS_IN_MEMORY = 8;

/** Maximum seconds that a reload waits for unsent chunks. If some are still unsent, the container then restarts. */
const RELOAD_SECONDS = 20;

/**
 * Seconds for which Fluent Bit remembers its position in a rotated file. The value is longer than the time for which
 * Loki accepts late lines, and must exceed `MAX_FILE_AGE_SECONDS`. Otherwise Fluent Bit would read a file again after
 * forgetting the position.
 */
const ROTATED_SECONDS = 9 * 86_400;
/** Maximum age in seconds of log files that Fluent Bit reads. Older files are ignored. */
const MAX_FILE_AGE_SECONDS = 8 * 86_400;

/**
 * Returns Fluent Bit as log agent, for amd64, arm64 and arm. Fluent Bit needs the least memory of the stack's
 * agents. Unsent chunks are on the node's disk, so a restart loses no line. Fluent Bit pauses reading while eight
 * chunks wait to be sent, and retries rejected requests, unless Loki responds with HTTP status 400.
 *
 * Verified with the manual of Fluent Bit 5: tail, dummy, grep, modify, lua, loki, storage, hot reload
 * (https://docs.fluentbit.io/manual/5.0/).
 * @throws InvalidOptionError when options are given, because `fluentBit()` has none.
 */
export function fluentBit(options: NoOptions = {}): LogAgent {
  validateAndApplyDefaults('fluentBit', options, NO_OPTIONS);
  return {
    name: 'fluent-bit',
    image: 'fluentBit',
    architectures: ['amd64', 'arm64', 'arm'],
    resources: { cpu: '20m', memory: '32Mi', memoryLimit: '96Mi' },
    needsApiServer: false,
    // Fluent Bit supports only this proxy variable: https://docs.fluentbit.io/manual/administration/http-proxy
    proxyVariable: 'HTTP_PROXY',
    readyPath: '/api/v1/uptime',
    reloadPath: '/api/v2/reload',
    // The response to a POST request is 200 before Fluent Bit has read the files, even if they are invalid.
    reloadCountPath: '/api/v2/reload',
    metrics: {
      path: '/api/v2/metrics/prometheus',
      // The input's metrics in bytes do not include chunks that wait for a retry.
      backlog: (read) =>
        `(100 - ${read('fluentbit_output_chunk_available_capacity_percent')}) * ${toBytes(BACKLOG_SIZES.most) / 100}`,
      paused: 'fluentbit_input_ingestion_paused',
      dropped: (read) => read('fluentbit_output_dropped_records_total'),
      retried: 'fluentbit_output_retries_total',
    },
    command: ['/fluent-bit/bin/fluent-bit'],
    args: ({ configDir }) => [`--config=${configDir}/${CONFIG_FILE}`],
    files: (task) => ({
      [CONFIG_FILE]: yaml(fluentBitConfig(task)),
      [TIMES_SCRIPT]: times,
      [SCRIPT]: prependStateFilePathToLuaScript('MARKS_FILE', `${task.stateDir}/marks`, script),
      ...(hasMultilineRules(task) && {
        [EVENTS_SCRIPT]: prependStateFilePathToLuaScript('EVENTS_FILE', `${task.stateDir}/events`, events),
      }),
    }),
    unsupported: optionsUnsupportedByFluentBit,
  };
}

/**
 * Returns a Lua script that starts with the assignment of a variable. The variable contains the path of the script's
 * state file.
 */
function prependStateFilePathToLuaScript(variable: string, path: string, program: string): string {
  return `${variable} = ${JSON.stringify(path)}\n${program}`;
}

const hasMultilineRules = ({ multiline = [] }: LogTask): boolean => multiline.length > 0;

function fluentBitConfig(task: LogTask): object {
  return {
    ...(task.target.credentialsDir && { env: lokiCredentialsVariables(task.target.credentialsDir) }),
    service: serviceSection(task),
    ...criParserSections(),
    pipeline: {
      inputs: [tailInputSection(task), ...(hasMultilineRules(task) ? [heartbeatInputSection()] : [])],
      filters: fluentBitFilters(
        task,
        luaFilter(task, SCRIPT, 'label_line'),
        // Times are passed as tables, because a Lua number cannot represent a timestamp with nanoseconds.
        { ...luaFilter(task, EVENTS_SCRIPT, 'join_line'), time_as_table: true },
      ),
      outputs: [lokiOutputSection(task)],
    },
  };
}

/**
 * Returns a filter that calls a function of a Lua script. The path of the script is absolute, because a hot reload resolves
 * relative paths against another folder.
 */
function luaFilter({ configDir }: LogTask, script: string, call: string): Section {
  return { name: 'lua', match: ALL_TAGS, script: `${configDir}/${script}`, call };
}

/** Returns the processor that runs times.lua when lines are sent. times.lua replaces implausible timestamps of lines. */
function timestampCorrectionProcessor({ configDir }: LogTask): Section {
  return {
    name: 'lua',
    script: `${configDir}/${TIMES_SCRIPT}`,
    call: 'replace_implausible_time',
    time_as_table: true,
  };
}

/**
 * Returns the input that creates 20 records each second. For each record, join.lua flushes one event whose wait has
 * ended.
 */
function heartbeatInputSection(): Section {
  return {
    ...{ name: 'dummy', tag: 'pods.beat', dummy: '{"beat":true}', interval_sec: 1, copies: 20 },
    'storage.type': 'filesystem',
  };
}

/** Returns the variables LOKI_USER and LOKI_PASSWORD, which Fluent Bit reads from files at each reload. */
function lokiCredentialsVariables(folder: string): Section[] {
  return [
    { name: 'LOKI_USER', uri: `file://${folder}/username` },
    { name: 'LOKI_PASSWORD', uri: `file://${folder}/password` },
  ];
}

function serviceSection({ listen, sending, stateDir }: LogTask): Section {
  return {
    ...adaptiveFlushSettings(toSeconds(sending.batchWait)),
    log_level: 'info',
    http_server: 'on',
    http_listen: listen.address,
    http_port: listen.port,
    hot_reload: 'on',
    'hot_reload.ensure_thread_safety': 'off',
    'hot_reload.timeout': RELOAD_SECONDS,
    'storage.path': `${stateDir}/buffer`,
    'storage.metrics': 'on',
    'storage.sync': 'full',
    'storage.max_chunks_up': CHUNKS_IN_MEMORY,
    'storage.backlog.mem_limit': '4M',
    'scheduler.cap': toSeconds(sending.maxBackoff),
  };
}

function tailInputSection(task: LogTask): Section {
  return {
    name: 'tail',
    // Rotated files are read before current files, because name.lua depends on this order. Compressed files are not
    // read.
    path: `${POD_LOGS}.*,${POD_LOGS}`,
    exclude_path: '*.gz,*.tmp',
    ignore_older: MAX_FILE_AGE_SECONDS,
    path_key: 'file',
    // All containers have one tag, because Fluent Bit sends a separate request for each tag.
    tag: 'pods.all',
    // These parsers detect the format of each line and join partial lines.
    'multiline.parser': MULTILINE_PARSERS.join(', '),
    read_from_head: true,
    refresh_interval: 10,
    rotate_wait: ROTATED_SECONDS,
    db: `${task.stateDir}/positions.db`,
    'db.locking': true,
    // This size suffices for a Docker JSON line of 16 KiB in which every character is escaped.
    buffer_max_size: '256k',
    skip_long_lines: 'on',
    'storage.type': 'filesystem',
    'storage.pause_on_chunks_overlimit': 'on',
  };
}

function lokiOutputSection(task: LogTask): Section {
  const { labels, target, sending } = task;
  const { hostname, port, protocol, pathname } = new URL(target.url);
  const tls = protocol === 'https:';
  return {
    name: 'loki',
    match: ALL_TAGS,
    host: hostname,
    port: Number(port || (tls ? 443 : 80)),
    uri: pathname,
    ...(target.tenant !== undefined && { tenant_id: target.tenant }),
    tls: tls ? 'on' : 'off',
    ...(tls && {
      'tls.verify': 'on',
      'tls.verify_hostname': 'on',
      'tls.ca_file': target.caFile ?? PUBLIC_CA_FILE,
    }),
    ...(target.certificate && {
      'tls.crt_file': target.certificate.certificateFile,
      'tls.key_file': target.certificate.keyFile,
    }),
    ...(target.credentialsDir && {
      http_user: envVariableReference('LOKI_USER'),
      http_passwd: envVariableReference('LOKI_PASSWORD'),
    }),
    labels: Object.entries({ ...labels, node: envVariableReference('NODE_NAME') })
      .map(([name, value]) => `${name}=${value}`)
      .join(', '),
    label_keys: LINE_LABELS.map((name) => `$${name}`).join(','),
    // After these keys are removed, only the line itself remains, which is sent unchanged.
    remove_keys: [...LINE_LABELS, KEEP_FIELD, 'time', '_p', 'attrs'].join(','),
    drop_single_key: 'raw',
    line_format: 'key_value',
    compress: 'gzip',
    processors: { logs: [timestampCorrectionProcessor(task)] },
    retry_limit: 'no_limits',
    'storage.total_limit_size': toBytes(BACKLOG_SIZES.most),
    'net.connect_timeout': '10s',
    'net.io_timeout': PUSH_TIMEOUT,
    // The connection is kept open between batches, because a TLS handshake costs more bytes than a small batch.
    'net.keepalive_idle_timeout': `${toSeconds(sending.batchWait) * 3}s`,
  };
}

/** Returns a reference to an environment variable or a variable of the section `env`. */
function envVariableReference(name: string): string {
  return `\${${name}}`;
}
