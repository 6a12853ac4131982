import { Platform } from '../../core/platform';
import { requiredSecrets } from '../../core/required-secrets';
import { performTask } from '../credentials/perform';
import { type TaskOptions, taskOf } from '../credentials/tasks';
import { appOfOneCluster } from '../synthesis/environment';
import type { CommandContext, CommandModule } from './command';
import { type CommandLine, givenFolder, repeated } from './command-line';
import { environmentName } from './environments';

interface Values extends TaskOptions {
  readonly environment?: string;
  readonly host?: string;
  readonly output?: string;
}

/** Command `credentials`: creates the Secrets with users and passwords of an environment. */
export const credentials: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      'Prints the Secrets with users and passwords that an environment needs, for kubectl apply --server-side -f - or a sealer.',
    )
    .option('--environment <name>', 'which one (may be left out when there is only one)')
    .option('--host <host>', 'only the Secrets of this public host (default: of all hosts)')
    .option(
      '--output <folder>',
      'writes a file for each Secret into the folder instead of printing them',
      givenFolder,
    )
    .optionsGroup('New users, who take the place of all others:')
    .option(
      '--user <name>',
      'a user; may be given more than once (default: edge, or one of each group)',
      repeated,
    )
    .option(
      '--client-user <name>',
      'the one whose password the clients get (default: the first, or the one of their group)',
    )
    .option(
      '--password-stdin',
      'takes the password from standard input, one line of 16 characters to 72 bytes, for one user of one ' +
        'host (default: a new one of 192 random bits for each)',
    )
    .optionsGroup('A second user, of all hosts that have clients or of the one that --host names:')
    .option(
      '--rotate',
      'adds edge-2 beside edge, edge-3 beside edge-2; clients get the new one; with --user NAME in that ' +
        "user's place (default: the only one)",
    )
    .option('--group <name>', 'the group that gets a user (default: every group), its first one too')
    .optionsGroup('One user less, of the same hosts:')
    .option('--retire <user>', 'takes the user out')
    .option(
      '--access-log <file>',
      'what the ingress controller or the guard logged lately: nobody may push with the user',
    )
    .option('--force', 'retires the user even so, and says whom that cuts off')
    .addHelpText(
      'after',
      `
--rotate and --retire read on standard input what kubectl get secret NAME... -n NAMESPACE -o yaml says of
the Secrets with the users.

A password is never an argument: arguments are seen by every user of a machine, and kept by shells.`,
    )
    .hideArguments()
    .refuse('--password', 'a password is never an argument: pipe it to --password-stdin');
}

function run(line: CommandLine, { environments, io }: CommandContext): void {
  const { environment, host, output, ...options } = line.opts<Values>();
  const task = taskOf(options);
  const name = environmentName(environment, environments);
  const app = appOfOneCluster(name, environments);
  const required = requiredSecrets(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  performTask({ task, environment: name, required, host, output, metadata }, io);
}
