import { Yaml } from 'cdk8s';
import { mirrored } from '../core/mirrors';
import encoder from './credentials.awk';
import editor from './daemon-json.awk';
import script from './docker-driver.sh';
import { type DockerDriverOptions, type DriverOptions, driverOptions } from './docker-driver-options';

const PLUGIN = 'grafana/loki-docker-driver';

/** awk programs that are embedded in the script. */
const PROGRAMS = { DAEMON_JSON_EDITOR: editor, CREDENTIALS_ENCODER: encoder };

/** Placeholder for the script, which is replaced in the YAML text since cdk8s cannot write tags. */
const SCRIPT_PLACE = 'SCRIPT_OF_THE_DOCKER_DRIVER';

/**
 * Returns the POSIX sh script that installs, configures and rolls back Loki's log driver on a node. It
 * contains no secrets.
 * @throws InvalidOptionError that lists every invalid option with the given and the allowed values.
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
 * Returns a systemd unit that runs the script at each boot, when Docker and the network are up.
 * @throws InvalidOptionError that lists every invalid option with the given and the allowed values.
 */
export function dockerDriverUnit(given: DockerDriverOptions): string {
  const options = driverOptions(given);
  const command = [...applyCommand(options), '--credentials', options.credentialsFile];
  // `Wants` instead of `Requires`: when the script restarts Docker, `Requires` would stop this unit.
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
 * Returns Ansible tasks that copy the script to a node and run it. The credentials are the variables
 * `loki_username` and `loki_password`, which are passed on the script's standard input and stored in no file.
 * @throws InvalidOptionError that lists every invalid option with the given and the allowed values.
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
      // Ansible would log the standard input; the next task shows the script's output.
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

/** Marks a text with braces so that Ansible does not expand it as a template. */
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

/** Returns the variables of the script. */
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

/** Quotes a word for the shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
