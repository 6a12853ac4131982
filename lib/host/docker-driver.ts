import { Yaml } from 'cdk8s';
import { mirrored } from '../core/mirrors';
import encoder from './credentials.awk';
import editor from './daemon-json.awk';
import script from './docker-driver.sh';
import { type DockerDriverOptions, type DriverOptions, driverOptions } from './docker-driver-options';

const PLUGIN = 'grafana/loki-docker-driver';

/** Programs of awk that the script brings along. */
const PROGRAMS = { DAEMON_JSON_EDITOR: editor, CREDENTIALS_ENCODER: encoder };

/** Stands for the script until the tasks are YAML, since cdk8s writes no tags. */
const SCRIPT_PLACE = 'SCRIPT_OF_THE_DOCKER_DRIVER';

/**
 * The POSIX sh script that installs, configures and rolls back Loki's log driver on a node. It holds
 * nothing secret.
 *
 * @throws InvalidOptionError that names every option that is not allowed, what was given and what is allowed.
 */
export const dockerDriverScript = (options: DockerDriverOptions): string => scriptOf(driverOptions(options));

function scriptOf(options: DriverOptions): string {
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
export function dockerDriverUnit(given: DockerDriverOptions): string {
  const options = driverOptions(given);
  const command = [...applyCommand(options), '--credentials', options.credentialsFile];
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
export function dockerDriverTasks(given: DockerDriverOptions): string {
  const options = driverOptions(given);
  const content = scriptOf(options);
  const { scriptPath } = options;
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

function applyCommand({ scriptPath, restart, proxyCredentialsFile: file }: DriverOptions): string[] {
  return [
    ...[scriptPath, 'apply'],
    ...(restart ? ['--restart'] : []),
    ...(file ? ['--proxy-credentials', file] : []),
  ];
}

/** The variables that the script reads. */
function settings(options: DriverOptions): Record<string, string> {
  const { cluster, group, labels, maxSize, maxFile } = options;
  return {
    LOKI_HOST: options.host,
    PLUGIN_REPOSITORY: options.mirror === undefined ? PLUGIN : mirrored(PLUGIN, options.mirror),
    PLUGIN_VERSION: options.version,
    NODE_NAME: options.node ?? '',
    PROXY: (options.proxy ?? '').replace('http://', ''),
    EXTERNAL_LABELS: pairs({ cluster, group, ...labels }, ','),
    LOG_OPTS: pairs(
      {
        'loki-retries': options.retries,
        'loki-max-backoff': options.maxBackoff,
        'loki-timeout': options.timeout,
        'keep-file': true,
        mode: 'non-blocking',
        'max-buffer-size': options.maxBufferSize,
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
