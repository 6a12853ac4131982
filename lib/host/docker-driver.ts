import { Yaml } from 'cdk8s';
import * as rules from '../core/validation';
import encoder from './credentials.awk';
import editor from './daemon-json.awk';
import script from './docker-driver.sh';

/** A length of time as Go reads it, such as `800ms`, `1s` or `5m`. */
export type GoDuration = `${number}${'ms' | 's' | 'm'}`;

/** An amount of memory or disk as Docker reads it, such as `100m` for 100 MiB. */
export type DockerSize = `${number}${'k' | 'm' | 'g'}`;

/** How Docker on an edge node ships its containers' logs through Loki's log driver. */
export interface DockerDriverOptions {
  /** Name of the public host of Loki, without scheme and path. */
  readonly host: string;
  /** Label `cluster` of every line: the cluster's name, as the metrics have it. */
  readonly cluster: string;
  /**
   * Label `node` of every line: the node's name in the cluster.
   *
   * @default - the name of the host where the script runs, in lower case
   */
  readonly node?: string;
  /**
   * Label `group` of every line.
   *
   * @default - no such label
   */
  readonly group?: string;
  /**
   * More labels of every line. Each value is an index entry of Loki: keep them few.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Version of the plugin, without its architecture.
   *
   * @default '3.6.0'
   */
  readonly version?: string;
  /**
   * How large a container's log file becomes before the next one is begun.
   *
   * @default - what the node's daemon.json says, else '100m'
   */
  readonly maxSize?: DockerSize;
  /**
   * How many log files of a container are kept.
   *
   * @default - what the node's daemon.json says, else 5
   */
  readonly maxFile?: number;
  /**
   * How often a batch is sent again before it is dropped. Docker waits for all of them when a container
   * stops, so few of them, and short ones, keep a dead link from blocking it.
   *
   * @default 2
   */
  readonly retries?: number;
  /**
   * Longest wait before a batch is sent again.
   *
   * @default '800ms'
   */
  readonly maxBackoff?: GoDuration;
  /**
   * How long one attempt to send may take.
   *
   * @default '1s'
   */
  readonly timeout?: GoDuration;
  /**
   * How much of a container's log waits in memory while the driver is busy; what comes after is dropped,
   * and the container goes on.
   *
   * @default '4m'
   */
  readonly maxBufferSize?: DockerSize;
  /**
   * File with the authority of Loki's certificate. The driver looks for it in the plugin's own root folder,
   * which sees nothing of the host's, and which an upgrade empties: prefer a public authority.
   *
   * @default - the authorities that the plugin brings
   */
  readonly tlsCaFile?: string;
  /**
   * Bytes of a batch.
   *
   * @default - the driver's, 1048576
   */
  readonly batchSize?: number;
  /**
   * How long a batch waits for more lines.
   *
   * @default - the driver's, '1s'
   */
  readonly batchWait?: GoDuration;
  /**
   * Where the unit and the tasks expect or put the script on the node.
   *
   * @default '/usr/local/sbin/docker-driver'
   */
  readonly scriptPath?: string;
  /**
   * Where the unit finds the credentials on the node.
   *
   * @default '/etc/docker/loki-credentials'
   */
  readonly credentialsFile?: string;
  /**
   * Whether the unit and the tasks restart Docker, and with it all its containers, after a change.
   *
   * @default false
   */
  readonly restart?: boolean;
}

const DEFAULT_VERSION = '3.6.0';
const DEFAULT_SCRIPT_PATH = '/usr/local/sbin/docker-driver';
const DEFAULT_CREDENTIALS_FILE = '/etc/docker/loki-credentials';

/** Programs of awk that the script brings along. */
const PROGRAMS = { DAEMON_JSON_EDITOR: editor, CREDENTIALS_ENCODER: encoder };

/** Stands for the script until the tasks are YAML, since cdk8s writes no tags. */
const SCRIPT_PLACE = 'SCRIPT_OF_THE_DOCKER_DRIVER';

/** Labels that the script or the driver itself gives to every line. */
const OWN_LABELS = ['container_name', 'cluster', 'node', 'group', 'host', 'filename'];

/**
 * The POSIX sh script that installs, configures and rolls back Loki's log driver on a node. It holds
 * nothing secret.
 *
 * @throws InvalidOptionError that names every option that is not allowed, what was given and what is allowed.
 */
export function dockerDriverScript(options: DockerDriverOptions): string {
  check(options);
  const [shebang, ...body] = script.split('\n');
  const notice = '# Printed by npm run docker-driver: print it again rather than edit it.';
  const variables = { ...settings(options), ...PROGRAMS };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  return [shebang, notice, ...assignments, ...body].join('\n');
}

/**
 * A systemd unit that runs the script once at each start of the node, when Docker and the network are there.
 *
 * @throws InvalidOptionError that names every option that is not allowed, what was given and what is allowed.
 */
export function dockerDriverUnit(options: DockerDriverOptions): string {
  check(options);
  const { credentialsFile = DEFAULT_CREDENTIALS_FILE } = options;
  const command = [...applyCommand(options), '--credentials', credentialsFile];
  // Docker is wanted and not required: its restart would stop the unit that asked for it.
  return `[Unit]
Description=Docker's logs to Loki at ${options.host}
Wants=network-online.target docker.service
After=network-online.target docker.service

[Service]
Type=oneshot
ExecStart=${command.join(' ')}
TimeoutStartSec=15min

[Install]
WantedBy=multi-user.target
`;
}

/**
 * A list of Ansible tasks that copies the script to a node and runs it. The credentials are the variables
 * `loki_username` and `loki_password`, which go to the script's standard input and to no file.
 *
 * @throws InvalidOptionError that names every option that is not allowed, what was given and what is allowed.
 */
export function dockerDriverTasks(options: DockerDriverOptions): string {
  const content = dockerDriverScript(options);
  const { scriptPath = DEFAULT_SCRIPT_PATH } = options;
  const tasks = [
    {
      name: "Copy the script of Docker's Loki log driver",
      'ansible.builtin.copy': { dest: scriptPath, mode: '0700', content: SCRIPT_PLACE },
    },
    {
      name: "Apply Docker's Loki log driver",
      'ansible.builtin.command': {
        argv: [...applyCommand(options), '--credentials', '-'],
        stdin: '{{ loki_username }}\n{{ loki_password }}',
      },
      register: 'docker_driver',
      changed_when: "'changed: ' in docker_driver.stdout",
      // Ansible would show the standard input; what the script says is shown by the task after it.
      no_log: true,
      failed_when: false,
    },
    {
      name: "Say what was done about Docker's Loki log driver",
      'ansible.builtin.assert': {
        that: ['docker_driver.rc | default(1) == 0'],
        success_msg: '{{ docker_driver.stdout }}',
        fail_msg: '{{ docker_driver.stderr | default(docker_driver.msg, true) }}',
      },
    },
  ];
  return Yaml.stringify(tasks).replace(SCRIPT_PLACE, () => unsafeBlock(content));
}

/** A text in which Ansible replaces nothing, although it holds braces. */
function unsafeBlock(content: string): string {
  return `!unsafe |\n${content.trimEnd().replaceAll(/^(?=.)/gm, '        ')}`;
}

function applyCommand({ scriptPath = DEFAULT_SCRIPT_PATH, restart = false }: DockerDriverOptions): string[] {
  return [scriptPath, 'apply', ...(restart ? ['--restart'] : [])];
}

function check(options: DockerDriverOptions): void {
  rules.verify('docker-driver', {
    host: [options.host ?? '', rules.hostName],
    cluster: [options.cluster ?? '', lineLabelValue],
    node: [options.node, rules.objectName],
    group: [options.group, lineLabelValue],
    labels: [options.labels, lineLabels],
    version: [options.version, version],
    maxSize: [options.maxSize, dockerSize],
    maxFile: [options.maxFile, rules.wholeNumber(1, 100)],
    retries: [options.retries, rules.wholeNumber(1, 10)],
    maxBackoff: [options.maxBackoff, goDuration],
    timeout: [options.timeout, goDuration],
    maxBufferSize: [options.maxBufferSize, dockerSize],
    tlsCaFile: [options.tlsCaFile, absolutePath],
    batchSize: [options.batchSize, rules.wholeNumber(1_024, 4_194_304)],
    batchWait: [options.batchWait, goDuration],
    scriptPath: [options.scriptPath, absolutePath],
    credentialsFile: [options.credentialsFile, absolutePath],
  });
}

/** The variables that the script reads. */
function settings(options: DockerDriverOptions): Record<string, string> {
  const { cluster, group, labels, maxSize, maxFile } = options;
  return {
    LOKI_HOST: options.host,
    PLUGIN_VERSION: options.version ?? DEFAULT_VERSION,
    NODE_NAME: options.node ?? '',
    EXTERNAL_LABELS: pairs({ cluster, group, ...labels }, ','),
    LOG_OPTS: pairs(
      {
        'loki-retries': options.retries ?? 2,
        'loki-max-backoff': options.maxBackoff ?? '800ms',
        'loki-timeout': options.timeout ?? '1s',
        'keep-file': true,
        mode: 'non-blocking',
        'max-buffer-size': options.maxBufferSize ?? '4m',
        'loki-tls-ca-file': options.tlsCaFile,
        'loki-batch-size': options.batchSize,
        'loki-batch-wait': options.batchWait,
        'max-size': maxSize,
        'max-file': maxFile,
      },
      ' ',
    ),
    DEFAULT_LOG_OPTS: pairs(
      { 'max-size': maxSize ? undefined : '100m', 'max-file': maxFile ? undefined : 5 },
      ' ',
    ),
  };
}

function pairs(values: Readonly<Record<string, unknown>>, separator: string): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join(separator);
}

/** A word of the shell that means itself, whatever it holds. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

const matches = (pattern: RegExp, allowed: string): rules.Rule => ({
  allowed,
  accepts: (value) => typeof value === 'string' && value.length <= 253 && pattern.test(value),
});

const version = matches(
  /^\d+\.\d+\.\d+$/,
  'a version of three numbers, without its architecture, such as "3.6.0"',
);
const goDuration = matches(
  /^[1-9]\d*(ms|s|m)$/,
  'a whole number above zero and a unit of ms, s or m, such as "800ms"',
);
const dockerSize = matches(
  /^[1-9]\d*[kmg]$/,
  'a whole number above zero and a unit of k, m or g, such as "100m"',
);
const absolutePath = matches(
  /^(\/(?!\.\.?(\/|$))[A-Za-z0-9._-]+)+$/,
  'an absolute path of letters, digits, dots, dashes and underscores, such as "/etc/docker/loki-credentials"',
);
// A comma or an equals sign would end the label in the driver's option, and braces are a template there.
const lineLabelValue = matches(
  /^[A-Za-z0-9._:/@+-]+$/,
  'one or more letters, digits and . _ : / @ + -, such as "north-1"',
);
const lineLabels: rules.Rule = {
  allowed:
    'names of letters, digits and underscores that do not begin with a digit, ' +
    `other than ${OWN_LABELS.join(', ')}; values of ${lineLabelValue.allowed}`,
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([name, held]) =>
        /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !OWN_LABELS.includes(name) && lineLabelValue.accepts(held),
    ),
};
