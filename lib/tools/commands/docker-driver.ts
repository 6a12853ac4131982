import {
  dockerDriverAnsibleTasks,
  dockerDriverScript,
  dockerDriverSystemdUnit,
} from '../../host/docker-driver';
import { type DockerDriverOptions, DRIVER_OPTIONS } from '../../host/docker-driver-options';
import { UsageError } from '../process/usage-error';
import type { CommandContext, CommandModule } from './command';
import { appendOptionValue, type CommandLine, parseWholeNumberOrKeepText } from './command-line';

/** Values of the options before validation. The functions in `FORMATS`, such as `dockerDriverScript`, validate the values. */
interface Values extends Omit<DockerDriverOptions, 'labels'> {
  readonly format: string;
  readonly label?: readonly string[];
}

const FORMATS: Readonly<Record<string, (options: DockerDriverOptions) => string>> = {
  script: dockerDriverScript,
  systemd: dockerDriverSystemdUnit,
  ansible: dockerDriverAnsibleTasks,
};

/**
 * Command `docker-driver`: prints a shell script, a systemd unit or Ansible tasks that set up Loki's log driver for Docker
 * on a node.
 */
export const dockerDriver: CommandModule = { define: defineDockerDriverOptions, run: runDockerDriver };

/** Returns the default of an option for the help, such as `(default: 800ms)`. */
const formatDefaultForHelp = (
  option:
    | 'version'
    | 'retries'
    | 'maxBackoff'
    | 'timeout'
    | 'maxBufferSize'
    | 'scriptPath'
    | 'credentialsFile',
) => `(default: ${DRIVER_OPTIONS[option].default})`;

function defineDockerDriverOptions(line: CommandLine): void {
  line
    .description(
      "Prints a shell script, a systemd unit or Ansible tasks. Each of them sets up Loki's log driver for Docker on a node.",
    )
    .option(
      '--format <format>',
      'script: a POSIX shell script; systemd: a unit that runs this script; ansible: tasks',
      'script',
    )
    .option('--host <host>', 'public host of Loki, without scheme and path (required)')
    .option('--cluster <name>', 'value of the label "cluster" of every log line (required)')
    .optionsGroup('Labels of every log line:')
    .option('--node <name>', 'value of the label "node" (default: the host name of the node)')
    .option('--group <name>', 'value of the label "group"')
    .option('--label <name=value>', 'an additional label; repeatable', appendOptionValue)
    .optionsGroup('The plugin and its options:')
    .option('--version <version>', `version of the plugin ${formatDefaultForHelp('version')}`)
    .option(
      '--mirror <registry>',
      'registry with a copy of the plugin, with an optional path (default: Docker Hub)',
    )
    .option(
      '--max-size <size>',
      'maximum size of a log file of a container on the node (default: from daemon.json, else 100m)',
    )
    .option(
      '--max-file <count>',
      'number of log files per container (default: from daemon.json, else 5)',
      parseWholeNumberOrKeepText,
    )
    .option(
      '--retries <count>',
      `number of retries of a batch of log lines ${formatDefaultForHelp('retries')}`,
      parseWholeNumberOrKeepText,
    )
    .option(
      '--max-backoff <duration>',
      `maximum backoff between retries ${formatDefaultForHelp('maxBackoff')}`,
    )
    .option('--timeout <duration>', `timeout of a push request to Loki ${formatDefaultForHelp('timeout')}`)
    .option(
      '--max-buffer-size <size>',
      `size of the memory buffer per container ${formatDefaultForHelp('maxBufferSize')}`,
    )
    .option(
      '--tls-ca-file <path>',
      "path of the file with Loki's CA certificate, in the root file system of the Docker plugin, not of the node (default: public CA certificates)",
    )
    .option(
      '--proxy <address>',
      'HTTP proxy for the connection to Loki, such as http://proxy.example.com:3128',
    )
    .option(
      '--batch-size <bytes>',
      'size of a batch of log lines, in bytes (default: the default of the driver)',
      parseWholeNumberOrKeepText,
    )
    .option(
      '--batch-wait <duration>',
      'how long a batch waits for more lines (default: the default of the driver)',
    )
    .optionsGroup('Options of the systemd unit and the Ansible tasks:')
    .option('--script-path <path>', `path of the script on the node ${formatDefaultForHelp('scriptPath')}`)
    .option(
      '--credentials-file <path>',
      `file from which the systemd unit reads user and password ${formatDefaultForHelp('credentialsFile')}`,
    )
    .option('--proxy-credentials-file <path>', "file with the proxy's user and password (default: no file)")
    .option('--restart', 'restarts Docker after a change')
    .addHelpText(
      'after',
      '\nNo option sets the password: the script asks for the password on the node.\nRun the script with --help for a description.',
    );
}

const REQUIRED = {
  host: 'allowed: the public host of Loki, such as "logs.example.com"',
  cluster: 'allowed: the name of the cluster, such as "production"',
} as const;

function runDockerDriver(line: CommandLine, { io }: CommandContext): void {
  const { format, label: labels, ...options } = line.opts<Values>();
  for (const name of ['host', 'cluster'] as const) {
    if (options[name] === undefined) throw new UsageError(`--${name} is missing; ${REQUIRED[name]}`);
  }
  const render = Object.hasOwn(FORMATS, format) && FORMATS[format];
  if (!render) {
    const allowed = Object.keys(FORMATS).join(', ');
    throw new UsageError(`--format is ${JSON.stringify(format)}; allowed: ${allowed}`);
  }
  io.stdout(render({ ...options, labels: labels && Object.fromEntries(labels.map(parseLabelPair)) }));
}

function parseLabelPair(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--label is ${JSON.stringify(text)}; allowed: NAME=VALUE, such as site=north-1`);
  }
  return [name, value];
}
