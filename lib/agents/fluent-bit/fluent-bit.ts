import { NO_OPTIONS, type NoOptions, optionsOf } from '../../core/option-table';
import { bytes, seconds } from '../../core/units';
import { yaml } from '../../core/yaml';
import { PUBLIC_CA_FILE } from '../client-tls';
import { LINE_LABELS, type LogAgent, type LogTask, POD_LOGS } from '../log-agent';
import { fluentBitFilters, MARK } from './filters';
import { BACKLOG, flushSettings } from './flush';
import { FORMATS, fluentBitFormats } from './formats';
import events from './join.lua';
import script from './name.lua';
import times from './times.lua';
import { unsupportedByFluentBit } from './unsupported';

type Section = Readonly<Record<string, unknown>>;

const CONFIG = 'fluent-bit.yaml';
const SCRIPT = 'name.lua';
const EVENTS_SCRIPT = 'join.lua';
const TIMES_SCRIPT = 'times.lua';

const ALL_TAGS = 'pods.*';

/**
 * Timeout of a request. After an outage, chunks of up to two megabytes are sent concurrently; on a link of
 * 200 kbit/s they take more than a minute, and with a timeout of half a minute they were sent again and
 * again.
 */
const ANSWER_TIMEOUT = '120s';

/** Maximum number of chunks (of up to 2 MB) in memory; above it, the tail input pauses. */
const CHUNKS_IN_MEMORY = 8;

/** Grace period for chunks in flight at a reload; then the process ends and its container restarts. */
const RELOAD_SECONDS = 20;

/**
 * How long rotated files are tracked: longer than Loki accepts late lines. Afterwards their position is
 * forgotten, and they would be read again if they were not older than the age limit for files.
 */
const ROTATED_SECONDS = 9 * 86_400;
const OLDEST_SECONDS = 8 * 86_400;

/**
 * Fluent Bit, for all architectures and small devices. Unsent chunks are stored on the host, so that a
 * restart loses nothing; when the storage is full, reading pauses. It retries all refused requests except for
 * those with status 400.
 *
 * Checked against the manual of Fluent Bit 5: tail, dummy, grep, modify, lua, loki, storage, hot reload
 * (https://docs.fluentbit.io/manual/5.0/).
 * @throws InvalidOptionError when options are given.
 */
export function fluentBit(options: NoOptions = {}): LogAgent {
  optionsOf('fluentBit', options, NO_OPTIONS);
  return {
    name: 'fluent-bit',
    image: 'fluentBit',
    architectures: ['amd64', 'arm64', 'arm'],
    resources: { cpu: '20m', memory: '32Mi', memoryLimit: '96Mi' },
    needsApiServer: false,
    // The only proxy variable that it supports: https://docs.fluentbit.io/manual/administration/http-proxy
    proxyVariable: 'HTTP_PROXY',
    readyPath: '/api/v1/uptime',
    reloadPath: '/api/v2/reload',
    // A POST is answered with 200 before the files are read, even if they are invalid.
    reloadCountPath: '/api/v2/reload',
    metrics: {
      path: '/api/v2/metrics/prometheus',
      backlog: (read) => read('fluentbit_input_storage_chunks_busy_bytes'),
      paused: 'fluentbit_input_ingestion_paused',
      dropped: (read) => read('fluentbit_output_dropped_records_total'),
      retried: 'fluentbit_output_retries_total',
    },
    command: ['/fluent-bit/bin/fluent-bit'],
    args: ({ configDir }) => [`--config=${configDir}/${CONFIG}`],
    files: (task) => ({
      [CONFIG]: yaml(fluentBitConfig(task)),
      [TIMES_SCRIPT]: times,
      [SCRIPT]: withStateVariable('MARKS_FILE', `${task.stateDir}/marks`, script),
      ...(joinsLines(task) && {
        [EVENTS_SCRIPT]: withStateVariable('EVENTS_FILE', `${task.stateDir}/events`, events),
      }),
    }),
    unsupported: unsupportedByFluentBit,
  };
}

/** Returns a script with the path where it persists its state. */
function withStateVariable(variable: string, path: string, program: string): string {
  return `${variable} = ${JSON.stringify(path)}\n${program}`;
}

const joinsLines = ({ multiline = [] }: LogTask): boolean => multiline.length > 0;

function fluentBitConfig(task: LogTask): object {
  return {
    ...(task.target.credentialsDir && { env: credentialsEnv(task.target.credentialsDir) }),
    service: serviceSection(task),
    ...fluentBitFormats(),
    pipeline: {
      inputs: [tailInput(task), ...(joinsLines(task) ? [heartbeatInput()] : [])],
      filters: fluentBitFilters(
        task,
        luaFilter(task, SCRIPT, 'name'),
        // Times as tables, since a number cannot represent nanoseconds.
        { ...luaFilter(task, EVENTS_SCRIPT, 'join'), time_as_table: true },
      ),
      outputs: [lokiOutput(task)],
    },
  };
}

/**
 * Returns a filter that runs a script, with an absolute path: a hot reload resolves relative paths against
 * another folder.
 */
function luaFilter({ configDir }: LogTask, script: string, call: string): Section {
  return { name: 'lua', match: ALL_TAGS, script: `${configDir}/${script}`, call };
}

/** Replaces implausible timestamps of lines when they are sent. */
function timesFilter({ configDir }: LogTask): Section {
  return { name: 'lua', script: `${configDir}/${TIMES_SCRIPT}`, call: 'possible', time_as_table: true };
}

/** Releases events that wait for another line, once per interval. */
function heartbeatInput(): Section {
  return {
    ...{ name: 'dummy', tag: 'pods.beat', dummy: '{"beat":true}', interval_sec: 1, copies: 20 },
    'storage.type': 'filesystem',
  };
}

/** Loaded again at every reload, and therefore when the files change. */
function credentialsEnv(folder: string): Section[] {
  return [
    { name: 'LOKI_USER', uri: `file://${folder}/username` },
    { name: 'LOKI_PASSWORD', uri: `file://${folder}/password` },
  ];
}

function serviceSection({ listen, sending, stateDir }: LogTask): Section {
  return {
    ...flushSettings(seconds(sending.batchWait)),
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
    'scheduler.cap': seconds(sending.maxBackoff),
  };
}

function tailInput(task: LogTask): Section {
  return {
    name: 'tail',
    // Files that were rotated while the agent was down come first, unless they are compressed already: the
    // script depends on the order.
    path: `${POD_LOGS}.*,${POD_LOGS}`,
    exclude_path: '*.gz,*.tmp',
    ignore_older: OLDEST_SECONDS,
    path_key: 'file',
    // One tag for all containers, since each tag is a separate request.
    tag: 'pods.all',
    // Detects the format of each line, and joins partial lines of both formats.
    'multiline.parser': FORMATS.join(', '),
    read_from_head: true,
    refresh_interval: 10,
    rotate_wait: ROTATED_SECONDS,
    db: `${task.stateDir}/positions.db`,
    'db.locking': true,
    // A Docker JSON line of 16 KiB with every character escaped.
    buffer_max_size: '256k',
    skip_long_lines: 'on',
    'storage.type': 'filesystem',
    'storage.pause_on_chunks_overlimit': 'on',
  };
}

function lokiOutput(task: LogTask): Section {
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
      http_user: envReference('LOKI_USER'),
      http_passwd: envReference('LOKI_PASSWORD'),
    }),
    labels: Object.entries({ ...labels, node: envReference('NODE_NAME') })
      .map(([name, value]) => `${name}=${value}`)
      .join(', '),
    label_keys: LINE_LABELS.map((name) => `$${name}`).join(','),
    // Only the line itself remains, and is sent unchanged.
    remove_keys: [...LINE_LABELS, MARK, 'time', '_p', 'attrs'].join(','),
    drop_single_key: 'raw',
    line_format: 'key_value',
    compress: 'gzip',
    processors: { logs: [timesFilter(task)] },
    retry_limit: 'no_limits',
    'storage.total_limit_size': bytes(BACKLOG.most),
    'net.connect_timeout': '10s',
    'net.io_timeout': ANSWER_TIMEOUT,
    // Many requests per connection, since a handshake costs more than a small batch.
    'net.keepalive_idle_timeout': `${seconds(sending.batchWait) * 3}s`,
  };
}

/** Returns a reference to a variable of the environment or of `env`. */
function envReference(name: string): string {
  return `\${${name}}`;
}
