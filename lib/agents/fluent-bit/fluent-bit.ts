import { yaml } from '../../core/config-files';
import { NO_OPTIONS, type NoOptions, optionsOf } from '../../core/option-table';
import { bytes, type Quantity, seconds } from '../../core/units';
import { LINE_LABELS, type LogAgent, type LogTask, POD_LOGS } from '../log-agent';
import { fluentBitFilters, MARK } from './filters';
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

/** Where its image, which is Debian's, has the public authorities. */
const PUBLIC_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Time for the chunks that are sent at once after an outage, up to two megabytes packed, and for the answers: on a link of
 * 200 kbit/s they take more than a minute, and those that took half a minute were sent again and again.
 */
const ANSWER_TIMEOUT = '120s';

/** Chunks of up to 2 MB that are in memory at once; over them the tail pauses. */
const CHUNKS_IN_MEMORY = 8;

/**
 * Fluent Bit sends what has gathered whenever `flush` is over, and reads nothing while eight chunks are being sent: with a
 * long `flush`, the link is idle in between. From this much in chunks on, it sends after half of `batchWait`, three eighths,
 * or a quarter. It measures that as a share of the most that chunks may take on the disk, which outlasts a hundred restarts
 * within an outage; beyond it the oldest lines are dropped, and counted.
 */
const BACKLOG = { most: '2Gi', sooner: '2Mi', evenSooner: '3Mi', soonest: '4Mi' } as const;

/** A reload waits for chunks in flight at most so long; then the program ends, and its container starts again. */
const RELOAD_SECONDS = 20;

/**
 * Longer than Loki takes late lines. When it is over, the position in a rotated file is forgotten, and the file would be
 * read again if it were not older than what is left alone.
 */
const ROTATED_SECONDS = 9 * 86_400;
const OLDEST_SECONDS = 8 * 86_400;

/**
 * Fluent Bit, for all architectures and small devices. What it has read and not sent yet lies on the host, so that a
 * restart loses nothing, and is bounded: then the tail pauses. It repeats what is refused by all but a 400.
 *
 * Checked against the manual of Fluent Bit 5: tail, dummy, grep, modify, lua, loki, storage, hot reload
 * (https://docs.fluentbit.io/manual/5.0/).
 *
 * @throws InvalidOptionError when it is given options.
 */
export function fluentBit(options: NoOptions = {}): LogAgent {
  optionsOf('fluentBit', options, NO_OPTIONS);
  return {
    name: 'fluent-bit',
    image: 'fluentBit',
    architectures: ['amd64', 'arm64', 'arm'],
    resources: { cpu: '20m', memory: '32Mi', memoryLimit: '96Mi' },
    needsApiServer: false,
    // The only one that it knows: https://docs.fluentbit.io/manual/administration/http-proxy
    proxyVariable: 'HTTP_PROXY',
    readyPath: '/api/v1/uptime',
    reloadPath: '/api/v2/reload',
    // A POST is answered with 200 before the files are read, whatever is in them.
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
      [CONFIG]: yaml(configuration(task)),
      [TIMES_SCRIPT]: times,
      [SCRIPT]: keeping('MARKS_FILE', `${task.stateDir}/marks`, script),
      ...(joins(task) && { [EVENTS_SCRIPT]: keeping('EVENTS_FILE', `${task.stateDir}/events`, events) }),
    }),
    unsupported: unsupportedByFluentBit,
  };
}

/** A script, and where it keeps what has to outlast it. */
function keeping(variable: string, path: string, program: string): string {
  return `${variable} = ${JSON.stringify(path)}\n${program}`;
}

const joins = ({ multiline = [] }: LogTask): boolean => multiline.length > 0;

function configuration(task: LogTask): object {
  return {
    ...(task.target.credentialsDir && { env: credentials(task.target.credentialsDir) }),
    service: service(task),
    ...fluentBitFormats(),
    pipeline: {
      inputs: [tail(task), ...(joins(task) ? [beat()] : [])],
      filters: fluentBitFilters(
        task,
        lua(task, SCRIPT, 'name'),
        // Times in full: a number has not enough digits for nanoseconds.
        { ...lua(task, EVENTS_SCRIPT, 'join'), time_as_table: true },
      ),
      outputs: [loki(task)],
    },
  };
}

/** Filters by a script; a hot reload looks for a relative path in another folder. */
function lua({ configDir }: LogTask, script: string, call: string): Section {
  return { name: 'lua', match: ALL_TAGS, script: `${configDir}/${script}`, call };
}

/** Changes times that cannot be right when lines are sent. */
function possibleTimes({ configDir }: LogTask): Section {
  return { name: 'lua', script: `${configDir}/${TIMES_SCRIPT}`, call: 'possible', time_as_table: true };
}

/** Lets events go that wait for another line: so many in a second. */
function beat(): Section {
  return {
    ...{ name: 'dummy', tag: 'pods.beat', dummy: '{"beat":true}', interval_sec: 1, copies: 20 },
    'storage.type': 'filesystem',
  };
}

/** Read again by every reload, so also when the files change. */
function credentials(folder: string): Section[] {
  return [
    { name: 'LOKI_USER', uri: `file://${folder}/username` },
    { name: 'LOKI_PASSWORD', uri: `file://${folder}/password` },
  ];
}

function service({ listen, sending, stateDir }: LogTask): Section {
  return {
    ...flush(seconds(sending.batchWait)),
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

/** Its adaptive flush: twice `flush` below the low pressure, then `flush`, 0.75 and 0.5 of it. */
function flush(batchWait: number): Section {
  const share = (size: Quantity) => (100 * bytes(size)) / bytes(BACKLOG.most);
  return {
    flush: batchWait / 2,
    'flush.adaptive': 'on',
    'flush.adaptive.min_interval': batchWait / 4,
    'flush.adaptive.max_interval': batchWait,
    'flush.adaptive.low_pressure': share(BACKLOG.sooner),
    'flush.adaptive.medium_pressure': share(BACKLOG.evenSooner),
    'flush.adaptive.high_pressure': share(BACKLOG.soonest),
    'flush.adaptive.up_steps': 1,
    'flush.adaptive.down_steps': 1,
  };
}

function tail(task: LogTask): Section {
  return {
    name: 'tail',
    // First what was rotated while it was down, as long as it is not compressed yet: the script relies on the order.
    path: `${POD_LOGS}.*,${POD_LOGS}`,
    exclude_path: '*.gz,*.tmp',
    ignore_older: OLDEST_SECONDS,
    path_key: 'file',
    // One for all containers: what has one tag is one request.
    tag: 'pods.all',
    // Tells the formats apart line by line, and joins the partial lines of both.
    'multiline.parser': FORMATS.join(', '),
    read_from_head: true,
    refresh_interval: 10,
    rotate_wait: ROTATED_SECONDS,
    db: `${task.stateDir}/positions.db`,
    'db.locking': true,
    // Docker's JSON of 16 KiB with every character escaped.
    buffer_max_size: '256k',
    skip_long_lines: 'on',
    'storage.type': 'filesystem',
    'storage.pause_on_chunks_overlimit': 'on',
  };
}

function loki(task: LogTask): Section {
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
      'tls.ca_file': target.caFile ?? PUBLIC_AUTHORITIES,
    }),
    ...(target.credentialsDir && {
      http_user: variable('LOKI_USER'),
      http_passwd: variable('LOKI_PASSWORD'),
    }),
    labels: Object.entries({ ...labels, node: variable('NODE_NAME') })
      .map(([name, value]) => `${name}=${value}`)
      .join(', '),
    label_keys: LINE_LABELS.map((name) => `$${name}`).join(','),
    // What is left is the line alone, and sent as it is.
    remove_keys: [...LINE_LABELS, MARK, 'time', '_p', 'attrs'].join(','),
    drop_single_key: 'raw',
    line_format: 'key_value',
    compress: 'gzip',
    processors: { logs: [possibleTimes(task)] },
    retry_limit: 'no_limits',
    'storage.total_limit_size': bytes(BACKLOG.most),
    'net.connect_timeout': '10s',
    'net.io_timeout': ANSWER_TIMEOUT,
    // Many requests on a connection: a handshake costs more than a small batch.
    'net.keepalive_idle_timeout': `${seconds(sending.batchWait) * 3}s`,
  };
}

/** What its configuration takes from the environment, or from `env`. */
function variable(name: string): string {
  return `\${${name}}`;
}
