import { parseArgs } from 'node:util';
import { InvalidOptionError } from '../core/validation';
import {
  type DockerDriverOptions,
  type DockerSize,
  dockerDriverScript,
  dockerDriverTasks,
  dockerDriverUnit,
  type GoDuration,
} from './docker-driver';

const FORMATS: Readonly<Record<string, (options: DockerDriverOptions) => string>> = {
  script: dockerDriverScript,
  systemd: dockerDriverUnit,
  ansible: dockerDriverTasks,
};

const HELP = `usage: npm run --silent docker-driver -- --host HOST --cluster NAME [options]

Prints what makes Docker on a node ship its containers' logs to Loki, through Loki's log driver.

  --format script|systemd|ansible  a POSIX sh script (default), a unit that runs it, or Ansible tasks
  --host HOST                      public name of Loki, without scheme and path
  --cluster NAME                   label cluster of every line

labels of every line:
  --node NAME                      label node (default: the name of the host where the script runs)
  --group NAME                     label group
  --label NAME=VALUE               a further label; may be given more than once

the plugin and its options:
  --version VERSION                version of the plugin (default: 3.6.0)
  --max-size SIZE                  size of a log file (default: what daemon.json says, else 100m)
  --max-file COUNT                 log files of a container (default: what daemon.json says, else 5)
  --retries COUNT                  how often a batch is sent again (default: 2)
  --max-backoff DURATION           longest wait before that (default: 800ms)
  --timeout DURATION               how long one attempt may take (default: 1s)
  --max-buffer-size SIZE           log that waits in memory, of each container (default: 4m)
  --tls-ca-file PATH               private authority, in the plugin's own root folder
  --batch-size BYTES               bytes of a batch (default: the driver's)
  --batch-wait DURATION            how long a batch waits for more (default: the driver's)

of the unit and the tasks:
  --script-path PATH               where the script is on the node (default: /usr/local/sbin/docker-driver)
  --credentials-file PATH          where the unit finds the user and the password
                                   (default: /etc/docker/loki-credentials)
  --restart                        restart Docker after a change

The password is never an option of this command: the script asks for it on the node, see its --help.
`;

/** The command was called in a way that it does not know. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

function main(args: string[]): void {
  const { help, format = 'script', ...values } = parse(args);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const render = FORMATS[format];
  if (!render)
    throw new UsageError(`--format is ${JSON.stringify(format)}; allowed: script, systemd, ansible`);
  process.stdout.write(render(options(values)));
}

type Values = ReturnType<typeof parse>;

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean' },
        format: { type: 'string' },
        host: { type: 'string' },
        cluster: { type: 'string' },
        node: { type: 'string' },
        group: { type: 'string' },
        label: { type: 'string', multiple: true },
        version: { type: 'string' },
        'max-size': { type: 'string' },
        'max-file': { type: 'string' },
        retries: { type: 'string' },
        'max-backoff': { type: 'string' },
        timeout: { type: 'string' },
        'max-buffer-size': { type: 'string' },
        'tls-ca-file': { type: 'string' },
        'batch-size': { type: 'string' },
        'batch-wait': { type: 'string' },
        'script-path': { type: 'string' },
        'credentials-file': { type: 'string' },
        restart: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Options as they were typed: the formats check each of them. */
function options(values: Values): DockerDriverOptions {
  return {
    host: needed(values, 'host'),
    cluster: needed(values, 'cluster'),
    node: values.node,
    group: values.group,
    labels: values.label && Object.fromEntries(values.label.map(label)),
    version: values.version,
    maxSize: values['max-size'] as DockerSize,
    maxFile: count(values['max-file']),
    retries: count(values.retries),
    maxBackoff: values['max-backoff'] as GoDuration,
    timeout: values.timeout as GoDuration,
    maxBufferSize: values['max-buffer-size'] as DockerSize,
    tlsCaFile: values['tls-ca-file'],
    batchSize: count(values['batch-size']),
    batchWait: values['batch-wait'] as GoDuration,
    scriptPath: values['script-path'],
    credentialsFile: values['credentials-file'],
    restart: values.restart,
  };
}

function needed(values: Values, name: 'host' | 'cluster'): string {
  const value = values[name];
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

function label(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--label is ${JSON.stringify(text)}; allowed: NAME=VALUE, such as site=north-1`);
  }
  return [name, value];
}

/** A number; what is none stays as it was typed, so that the message about it shows that. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : (text as undefined);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`docker-driver: ${error.message}\nSee: npm run --silent docker-driver -- --help`);
    process.exitCode = 2;
  } else if (error instanceof InvalidOptionError) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
