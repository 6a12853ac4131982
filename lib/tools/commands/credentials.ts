import type { App } from 'cdk8s';
import { Platform } from '../../core/platform';
import { requiredSecrets } from '../../core/required-secrets';
import { CredentialsError } from '../credentials/credentials-error';
import {
  type DenialOptions,
  type DeniedNodesList,
  parseDenialTask,
  performDenial,
} from '../credentials/denied-nodes';
import { performCredentialsTask } from '../credentials/perform';
import { parseTask, type TaskOptions } from '../credentials/tasks';
import { runKubectl } from '../process/kubectl';
import { createSingleClusterApp } from '../synthesis/environment';
import { renderApp } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import { type CommandLine, collectValues, requireFolderPath } from './command-line';
import { chooseEnvironmentName } from './environments';

interface Values extends TaskOptions, DenialOptions {
  readonly environment?: string;
  readonly host?: string;
  readonly output?: string;
}

/** Command `credentials`: creates the Secrets with users and passwords of an environment. */
export const credentials: CommandModule = { define: defineCredentialsOptions, run: runCredentials };

function defineCredentialsOptions(line: CommandLine): void {
  line
    .description(
      'Creates the Secrets with users and passwords of an environment, and prints them for kubectl apply --server-side -f - or a sealing tool.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option('--host <host>', 'only the Secrets of this public host (default: all hosts)')
    .option(
      '--output <folder>',
      'writes a file for each Secret to this folder instead of printing them',
      requireFolderPath,
    )
    .optionsGroup('New users, which replace all others:')
    .option('--user <name>', 'a user; repeatable (default: edge, or one for each group)', collectValues)
    .option('--client-user <name>', 'the user for the clients (default: the first, or that of their group)')
    .option(
      '--password-stdin',
      'reads the password from standard input: one line of 16 characters to 72 bytes, for one user of one ' +
        'host (default: 192 random bits for each user)',
    )
    .optionsGroup('A second user, for all hosts with clients or for --host:')
    .option(
      '--rotate',
      'adds edge-2 next to edge, edge-3 next to edge-2; clients get the new one; --user NAME selects the ' +
        'user to replace (default: the only one)',
    )
    .option('--group <name>', 'the group that gets a new user, also its first (default: every group)')
    .optionsGroup('Removing a user, from the same hosts:')
    .option('--retire <user>', 'removes the user')
    .option(
      '--access-log <file>',
      'recent access log of the ingress controller or the guard; refuses if it contains pushes of the user',
    )
    .option('--force', 'removes the user anyway, and lists the nodes that lose access')
    .optionsGroup("Nodes with certificates, in the cluster of kubectl's current context:")
    .option('--deny <node>', 'denies access to the node within a minute; repeatable', collectValues)
    .option('--allow <node>', 'removes the node from the list of denied nodes; repeatable', collectValues)
    .option('--denied', 'prints the list of denied nodes')
    .option('--dry-run', 'checks the names and changes nothing')
    .addHelpText(
      'after',
      `
--rotate and --retire read the Secrets with the users from standard input, as printed by
kubectl get secret NAME... -n NAMESPACE -o yaml.

Passwords cannot be arguments, which all users of the machine can see and shells store in their history.`,
    )
    .hideUnexpectedArguments()
    .refuseFlag('--password', 'a password cannot be an argument: pipe it to --password-stdin');
}

function runCredentials(line: CommandLine, { environments, io }: CommandContext): void | Promise<void> {
  const { environment, host, output, ...options } = line.opts<Values>();
  const denial = parseDenialTask(line.opts<Values>());
  const { deny: _deny, allow: _allow, denied: _denied, dryRun: _dryRun, ...users } = options;
  const task = denial ?? parseTask(users);
  const name = chooseEnvironmentName(environment, environments);
  const app = createSingleClusterApp(name, environments);
  if ('deny' in task)
    return performDenial(task, findDeniedNodesList(app, name), {
      kubectl: runKubectl,
      io,
      now: () => new Date(),
    });
  const required = requiredSecrets(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  performCredentialsTask({ task, environment: name, required, host, output, metadata }, io);
}

/** The list that the environment's own admission program watches. */
function findDeniedNodesList(app: App, environment: string): DeniedNodesList {
  const variables = renderApp(app).flatMap(({ manifest }) =>
    manifest.kind === 'Deployment' ? (manifest.spec.template.spec.containers[0].env ?? []) : [],
  );
  const variableValue = (wanted: string) =>
    variables.find(({ name }: { readonly name: string }) => name === wanted)?.value;
  if (variableValue('DENIED_NODES') !== undefined) {
    return {
      namespace: variableValue('NAMESPACE'),
      knowsNodes: variableValue('WATCHES_NODES') !== undefined,
    };
  }
  throw new CredentialsError(
    `nodes of environment ${environment} show no certificates, so no one of them can be denied: see ingress.authentication of the settings`,
  );
}
