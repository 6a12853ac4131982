import { dockerDriverScript, dockerDriverTasks, dockerDriverUnit } from '../../host/docker-driver';
import { type DockerDriverOptions, DRIVER_OPTIONS } from '../../host/docker-driver-options';
import { UsageError } from '../process/usage-error';
import type { CommandContext, CommandModule } from './command';
import { type CommandLine, count, repeated } from './command-line';

/** The options as they were typed; their rules check them later. */
interface Values extends Omit<DockerDriverOptions, 'labels'> {
  readonly format: string;
  readonly label?: readonly string[];
}

const FORMATS: Readonly<Record<string, (options: DockerDriverOptions) => string>> = {
  script: dockerDriverScript,
  systemd: dockerDriverUnit,
  ansible: dockerDriverTasks,
};

/**
 * Command `docker-driver`: prints the script, unit or tasks that set up Loki's Docker log driver on a node.
 */
export const dockerDriver: CommandModule = { define, run };

/** Returns the default of an option for the help. */
const byDefault = (
  option:
    | 'version'
    | 'retries'
    | 'maxBackoff'
    | 'timeout'
    | 'maxBufferSize'
    | 'scriptPath'
    | 'credentialsFile',
) => `(default: ${DRIVER_OPTIONS[option].default})`;

function define(line: CommandLine): void {
  line
    .description(
      "Prints what makes Docker on a node ship its containers' logs to Loki, through Loki's log driver.",
    )
    .option(
      '--format <format>',
      'script, a POSIX sh script; systemd, a unit that runs it; or ansible, tasks',
      'script',
    )
    .option('--host <host>', 'public name of Loki, without scheme and path (needed)')
    .option('--cluster <name>', 'label cluster of every line (needed)')
    .optionsGroup('Labels of every line:')
    .option('--node <name>', 'label node (default: the name of the host where the script runs)')
    .option('--group <name>', 'label group')
    .option('--label <name=value>', 'a further label; may be given more than once', repeated)
    .optionsGroup('The plugin and its options:')
    .option('--version <version>', `version of the plugin ${byDefault('version')}`)
    .option(
      '--mirror <registry>',
      'registry with a copy of the plugin, with an optional path (default: Docker Hub)',
    )
    .option('--max-size <size>', 'size of a log file (default: what daemon.json says, else 100m)')
    .option('--max-file <count>', 'log files of a container (default: what daemon.json says, else 5)', count)
    .option('--retries <count>', `how often a batch is sent again ${byDefault('retries')}`, count)
    .option('--max-backoff <duration>', `longest wait before that ${byDefault('maxBackoff')}`)
    .option('--timeout <duration>', `how long one attempt may take ${byDefault('timeout')}`)
    .option(
      '--max-buffer-size <size>',
      `log that waits in memory, of each container ${byDefault('maxBufferSize')}`,
    )
    .option('--tls-ca-file <path>', "private authority, in the plugin's own root folder")
    .option('--proxy <address>', 'HTTP proxy by which Loki is reached, such as http://proxy.example.com:3128')
    .option('--batch-size <bytes>', "bytes of a batch (default: the driver's)", count)
    .option('--batch-wait <duration>', "how long a batch waits for more (default: the driver's)")
    .optionsGroup('Of the unit and the tasks:')
    .option('--script-path <path>', `where the script is on the node ${byDefault('scriptPath')}`)
    .option(
      '--credentials-file <path>',
      `where the unit finds the user and the password ${byDefault('credentialsFile')}`,
    )
    .option('--proxy-credentials-file <path>', "where they find the proxy's user and password")
    .option('--restart', 'restart Docker after a change')
    .addHelpText(
      'after',
      '\nThe password is never an option of this command: the script asks for it on the node, see its --help.',
    );
}

function run(line: CommandLine, { io }: CommandContext): void {
  const { format, label: labels, ...options } = line.opts<Values>();
  for (const name of ['host', 'cluster'] as const) {
    if (options[name] === undefined) throw new UsageError(`--${name} is missing`);
  }
  const render = Object.hasOwn(FORMATS, format) && FORMATS[format];
  if (!render) {
    const allowed = Object.keys(FORMATS).join(', ');
    throw new UsageError(`--format is ${JSON.stringify(format)}; allowed: ${allowed}`);
  }
  io.stdout(render({ ...options, labels: labels && Object.fromEntries(labels.map(pair)) }));
}

function pair(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--label is ${JSON.stringify(text)}; allowed: NAME=VALUE, such as site=north-1`);
  }
  return [name, value];
}
