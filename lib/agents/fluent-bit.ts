import { yaml } from '../core/config-files';
import { seconds } from '../core/units';
import { InvalidOptionError } from '../core/validation';
import script from './fluent-bit.lua';
import {
  LINE_LABELS,
  type LogAgent,
  type LogMatch,
  type LogTask,
  type MultilineRule,
  POD_LOG_PATH,
  POD_LOGS,
} from './log-agent';

type Section = Readonly<Record<string, unknown>>;

const CONFIG = 'fluent-bit.yaml';
const SCRIPT = 'name.lua';

/** Chunks of up to 2 MB that are in memory at once; over them the tail pauses. */
const CHUNKS_IN_MEMORY = 8;

/**
 * So long after its rotation a file is read on. Then it is let go, also where it was read in part: by a link that is
 * slow, or that came back (plugins/in_tail/tail_file.c). One that is deleted meanwhile is let go at once.
 */
const ROTATED_SECONDS = 3_600;

/**
 * Fluent Bit, for 32-bit ARM and for devices with less than a gibibyte of memory. What it has read and not
 * sent yet lies on the host, so that a restart loses nothing, and is bounded: then the tail pauses.
 *
 * Checked against the manual of Fluent Bit 5: tail, multiline, grep, modify, lua, loki, storage, hot reload
 * (https://docs.fluentbit.io/manual/5.0/).
 */
export function fluentBit(): LogAgent {
  return {
    name: 'fluent-bit',
    image: 'fluentBit',
    architectures: ['amd64', 'arm64', 'arm'],
    resources: { cpu: '20m', memory: '32Mi', memoryLimit: '96Mi' },
    needsApiServer: false,
    readyPath: '/api/v1/uptime',
    reloadPath: '/api/v2/reload',
    metrics: { path: '/api/v2/metrics/prometheus', names: ['fluentbit_input_storage_chunks_busy_bytes'] },
    command: ['/fluent-bit/bin/fluent-bit'],
    args: ({ configDir }) => [`--config=${configDir}/${CONFIG}`],
    files: (task) => ({ [CONFIG]: yaml(configuration(task)), [SCRIPT]: script }),
  };
}

function configuration(task: LogTask): object {
  if (task.sending.linesPerSecond !== undefined) {
    throw new InvalidOptionError(
      `linesPerSecond is ${task.sending.linesPerSecond}; Fluent Bit can only drop what is over a limit: leave it out, or give the collector another agent`,
    );
  }
  refuseOtherSyntax(task);
  refuseListsInLabels(task);
  const multiline = task.multiline ?? [];
  return {
    ...(task.target.credentialsDir && { env: credentials(task.target.credentialsDir) }),
    service: service(task),
    ...(multiline.length && { multiline_parsers: multiline.map(multilineParser) }),
    pipeline: {
      inputs: [tail(task)],
      filters: [
        // First: what it joins passes all filters anew.
        ...multiline.map(joined),
        { name: 'lua', match: 'pods.*', script: SCRIPT, call: 'name' },
        ...chosen(task),
      ],
      outputs: [loki(task)],
    },
  };
}

/** Options were checked as RE2's expressions; Onigmo's mean other things by some of its signs. */
function refuseOtherSyntax({ keep = [], drop = [], multiline = [] }: LogTask): void {
  const expressions = [
    ...[...keep, ...drop].flatMap(({ namespace, container, line }) => [namespace, container, line]),
    ...multiline.flatMap(({ namespace, container, firstLine }) => [namespace, container, firstLine]),
  ];
  const other = expressions.find((one) => one !== undefined && /\(\?[a-zA-Z-]*[msU]|\\[QC]/.test(one));
  if (other === undefined) return;
  throw new InvalidOptionError(
    `an expression is ${JSON.stringify(other)}; Fluent Bit's have no flags but i, no \\Q and no \\C: write it ` +
      'without them, or give the collector another agent',
  );
}

/** All labels are one text, of which a comma begins the next, and a dollar sign a variable. */
function refuseListsInLabels({ labels }: LogTask): void {
  const [name, value] = Object.entries(labels).find(([, held]) => /[,$]/.test(held)) ?? [];
  if (name === undefined) return;
  throw new InvalidOptionError(
    `the label ${name} is ${JSON.stringify(value)}; Fluent Bit takes no comma and no dollar sign in one: write it ` +
      'without them, or give the collector another agent',
  );
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
    flush: seconds(sending.batchWait),
    log_level: 'info',
    http_server: 'on',
    http_listen: listen.address,
    http_port: listen.port,
    hot_reload: 'on',
    'storage.path': `${stateDir}/buffer`,
    'storage.metrics': 'on',
    'storage.sync': 'full',
    'storage.max_chunks_up': CHUNKS_IN_MEMORY,
    'storage.backlog.mem_limit': '4M',
    'scheduler.cap': seconds(sending.maxBackoff),
  };
}

function tail({ stateDir }: LogTask): Section {
  return {
    name: 'tail',
    path: POD_LOGS,
    path_key: 'file',
    tag: 'pods.<namespace>_<container>_<pod>',
    tag_regex: onigmo(POD_LOG_PATH),
    // Tells the formats apart line by line, and joins the partial lines of both.
    'multiline.parser': 'docker, cri',
    read_from_head: true,
    refresh_interval: 10,
    rotate_wait: ROTATED_SECONDS,
    db: `${stateDir}/positions.db`,
    'db.locking': true,
    // Docker's JSON of 16 KiB with every character escaped.
    buffer_max_size: '256k',
    skip_long_lines: 'on',
    'storage.type': 'filesystem',
    'storage.pause_on_chunks_overlimit': 'on',
  };
}

function multilineParser({ firstLine }: MultilineRule, index: number): Section {
  return {
    name: `event-${index}`,
    type: 'regex',
    flush_timeout: 3_000,
    rules: [
      { state: 'start_state', regex: `/${slashed(firstLine)}/`, next_state: 'more' },
      { state: 'more', regex: `/^(?!.*(?:${slashed(firstLine)}))/`, next_state: 'more' },
    ],
  };
}

function joined(rule: MultilineRule, index: number): Section {
  return {
    name: 'multiline',
    match_regex: tags(rule),
    'multiline.key_content': 'log',
    'multiline.parser': `event-${index}`,
    flush_ms: seconds(rule.maxWait ?? '3s') * 1_000,
    'emitter_storage.type': 'filesystem',
  };
}

/** What is kept gets a mark; what has none goes. */
function chosen({ keep, drop = [] }: LogTask): Section[] {
  return [
    ...(keep ?? []).map((match) => ({
      name: 'modify',
      match_regex: tags(match),
      condition: `Key_value_matches log ${word(match.line)}`,
      set: 'kept yes',
    })),
    ...(keep
      ? [
          { name: 'grep', match: 'pods.*', regex: 'kept ^yes$' },
          { name: 'modify', match: 'pods.*', remove: 'kept' },
        ]
      : []),
    ...drop.map((match) => ({
      name: 'grep',
      match_regex: tags(match),
      exclude: `log ${word(match.line)}`,
    })),
  ];
}

/** An expression as one word, as filters split what they are told at spaces, and look at quotes. */
function word(expression = '.*'): string {
  return expression.replaceAll(/[ "']/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
}

/** The tags of the containers that a rule is about; none of their names holds an underscore. */
function tags({ namespace = '.+', container = '.+' }: LogMatch): string {
  return `^pods\\.(?:${namespace})_(?:${container})_[^_]+$`;
}

function loki({ labels, target, sending }: LogTask): Section {
  const { hostname, port, protocol, pathname } = new URL(target.url);
  const tls = protocol === 'https:';
  return {
    name: 'loki',
    match: 'pods.*',
    host: hostname,
    port: Number(port || (tls ? 443 : 80)),
    uri: pathname,
    ...(target.tenant !== undefined && { tenant_id: target.tenant }),
    tls: tls ? 'on' : 'off',
    ...(tls && { 'tls.verify': 'on', 'tls.verify_hostname': 'on' }),
    ...(target.caFile && { 'tls.ca_file': target.caFile }),
    ...(target.credentialsDir && {
      http_user: variable('LOKI_USER'),
      http_passwd: variable('LOKI_PASSWORD'),
    }),
    labels: Object.entries({ ...labels, node: variable('NODE_NAME') })
      .map(([name, value]) => `${name}=${value}`)
      .join(', '),
    label_keys: LINE_LABELS.map((name) => `$${name}`).join(','),
    // What is left is the line alone, and sent as it is.
    remove_keys: [...LINE_LABELS, 'time', '_p', 'attrs'].join(','),
    drop_single_key: 'raw',
    line_format: 'key_value',
    compress: 'gzip',
    retry_limit: 'no_limits',
    'net.connect_timeout': '10s',
    'net.io_timeout': '30s',
    // Many requests on a connection: a handshake costs more than a small batch.
    'net.keepalive_idle_timeout': `${seconds(sending.batchWait) * 3}s`,
  };
}

/** What its configuration takes from the environment, or from `env`. */
function variable(name: string): string {
  return `\${${name}}`;
}

/** RE2 names groups `(?P<name>...)`, Onigmo `(?<name>...)`. */
function onigmo(expression: string): string {
  return expression.replaceAll('(?P<', '(?<');
}

function slashed(expression: string): string {
  return expression.replaceAll('/', '\\/');
}
