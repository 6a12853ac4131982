import type { App } from 'cdk8s';
import { Platform } from '../../core/platform';
import { requiredSecrets } from '../../core/required-secrets';
import { CredentialsError } from '../credentials/credentials-error';
import {
  type DenialOptions,
  type DeniedNodesList,
  denialTask,
  performDenial,
} from '../credentials/denied-nodes';
import { performTask } from '../credentials/perform';
import { type TaskOptions, taskOf } from '../credentials/tasks';
import { kubectl } from '../process/kubectl';
import { appOfOneCluster } from '../synthesis/environment';
import { render } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import { type CommandLine, givenFolder, repeated } from './command-line';
import { environmentName } from './environments';

interface Values extends TaskOptions, DenialOptions {
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
    .optionsGroup("Nodes with certificates, in the cluster of kubectl's current context:")
    .option('--deny <node>', 'refuses the node within a minute; may be given more than once', repeated)
    .option(
      '--allow <node>',
      'takes it out of the list of denied nodes; may be given more than once',
      repeated,
    )
    .option('--denied', 'prints the list')
    .option('--dry-run', 'checks the names and changes nothing')
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

function run(line: CommandLine, { environments, io }: CommandContext): void | Promise<void> {
  const { environment, host, output, ...options } = line.opts<Values>();
  const denial = denialTask(line.opts<Values>());
  const { deny: _deny, allow: _allow, denied: _denied, dryRun: _dryRun, ...users } = options;
  const task = denial ?? taskOf(users);
  const name = environmentName(environment, environments);
  const app = appOfOneCluster(name, environments);
  if ('deny' in task) return performDenial(task, listOf(app, name), { kubectl, io, now: () => new Date() });
  const required = requiredSecrets(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  performTask({ task, environment: name, required, host, output, metadata }, io);
}

/** The list that the environment's own admission program watches. */
function listOf(app: App, environment: string): DeniedNodesList {
  const variables = render(app).flatMap(({ manifest }) =>
    manifest.kind === 'Deployment' ? (manifest.spec.template.spec.containers[0].env ?? []) : [],
  );
  const variable = (wanted: string) =>
    variables.find(({ name }: { readonly name: string }) => name === wanted)?.value;
  if (variable('DENIED_NODES') !== undefined) {
    return { namespace: variable('NAMESPACE'), knowsNodes: variable('WATCHES_NODES') !== undefined };
  }
  throw new CredentialsError(
    `nodes of environment ${environment} show no certificates, so no one of them can be denied: see ingress.authentication of the settings`,
  );
}
