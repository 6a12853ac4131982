import type { App } from 'cdk8s';
import { Platform } from '../../core/platform';
import { requiredSecrets } from '../../core/required-secrets';
import { CredentialsError } from '../credentials/credentials-error';
import {
  changeOrPrintDeniedNodes,
  type DenialOptions,
  type DeniedNodesList,
  parseDeniedNodesTask,
} from '../credentials/denied-nodes';
import { performCredentialsTask } from '../credentials/perform';
import { credentialsTaskFromOptions, type TaskOptions } from '../credentials/tasks';
import { runKubectl } from '../process/kubectl';
import { createSingleClusterApp } from '../synthesis/environment';
import { renderApp } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import { appendOptionValue, type CommandLine, requireNonEmptyFolderPath } from './command-line';
import { chooseEnvironmentName } from './environments';

interface Values extends TaskOptions, DenialOptions {
  readonly environment?: string;
  readonly host?: string;
  readonly output?: string;
}

/**
 * Command `credentials`: creates, rotates and removes the users of an environment, and prints the Secrets to apply.
 * The command also changes the list of nodes that are denied access.
 */
export const credentials: CommandModule = { define: defineCredentialsOptions, run: runCredentials };

function defineCredentialsOptions(line: CommandLine): void {
  line
    .description(
      'Creates the Secrets with the users and passwords of an environment, and prints them as YAML. Pipe the output to kubectl apply --server-side -f - or to a sealing tool. ' +
        'Other options add a second user, remove a user, or deny access to a node.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option('--host <host>', 'only the Secrets of this public host (default: all hosts)')
    .option(
      '--output <folder>',
      'writes a file for each Secret to this folder instead of printing the Secrets',
      requireNonEmptyFolderPath,
    )
    .optionsGroup('To create users (the new users replace all existing users):')
    .option(
      '--user <name>',
      'name of a user; repeatable (default: edge; with groups, a user for each group)',
      appendOptionValue,
    )
    .option(
      '--client-user <name>',
      "the user whose password clients use (default: the first user; with groups, the user of the client's group)",
    )
    .option(
      '--password-stdin',
      'reads a password from standard input instead of generating it, for one user on one host: one line of at least 16 characters and at most 72 bytes (default: a random password of 192 bits for each user)',
    )
    .optionsGroup('To add a second user (on the host in --host; default: on all hosts with clients):')
    .option(
      '--rotate',
      'adds the user edge-2 next to edge, or edge-3 next to edge-2, and gives the new password to the clients; ' +
        '--user NAME selects the user to replace (required if users of a host have different base names; edge and edge-2 have the base name edge)',
    )
    .option(
      '--group <name>',
      'the group to add a user to, even if the group has no user yet (default: every group)',
    )
    .optionsGroup('To remove a user (from the host in --host; default: from all hosts with clients):')
    .option('--retire <user>', 'removes this user')
    .option(
      '--access-log <file>',
      'path of a recent access log of the ingress controller or the guard; the user is not removed if the log shows pushes with this user',
    )
    .option(
      '--force',
      'removes the user even if nodes still push with this user, and lists the nodes that lose access',
    )
    .optionsGroup(
      "To deny single nodes that have certificates (in the cluster of kubectl's current context):",
    )
    .option(
      '--deny <node>',
      'adds the node to the list of denied nodes, which takes effect within a minute; repeatable',
      appendOptionValue,
    )
    .option('--allow <node>', 'removes the node from the list of denied nodes; repeatable', appendOptionValue)
    .option('--denied', 'prints the list of denied nodes, each with the time at which it was denied')
    .option('--dry-run', 'checks the names of --deny and --allow, and changes nothing')
    .addHelpText(
      'after',
      `
--rotate and --retire read the existing Secrets from standard input. Pipe in the output of
kubectl get secret NAME... -n NAMESPACE -o yaml.

A password cannot be an argument: all users of the machine can see arguments, and shells store them in
their history.`,
    )
    .hideArgumentsInErrors()
    .setErrorForUnsupportedFlag(
      '--password',
      'a password cannot be an argument: pipe it to --password-stdin',
    );
}

function runCredentials(line: CommandLine, { environments, io }: CommandContext): void | Promise<void> {
  const { environment, host, output, ...options } = line.opts<Values>();
  const denial = parseDeniedNodesTask(line.opts<Values>());
  const { deny: _deny, allow: _allow, denied: _denied, dryRun: _dryRun, ...users } = options;
  const task = denial ?? credentialsTaskFromOptions(users);
  const name = chooseEnvironmentName(environment, environments);
  const app = createSingleClusterApp(name, environments);
  if ('deny' in task)
    return changeOrPrintDeniedNodes(task, locateDeniedNodesConfigMapOrThrow(app, name), {
      kubectl: runKubectl,
      io,
      now: () => new Date(),
    });
  const required = requiredSecrets(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  performCredentialsTask({ task, environment: name, required, host, output, metadata }, io);
}

/**
 * Returns the namespace of the ConfigMap with the denied nodes, and `knowsNodes`. The program node-admission watches this
 * ConfigMap.
 * @throws CredentialsError when nodes of this environment do not authenticate with certificates.
 */
function locateDeniedNodesConfigMapOrThrow(app: App, environment: string): DeniedNodesList {
  const variables = renderApp(app).flatMap(({ manifest }) =>
    manifest.kind === 'Deployment' ? (manifest.spec.template.spec.containers[0].env ?? []) : [],
  );
  const findContainerEnvValue = (wanted: string) =>
    variables.find(({ name }: { readonly name: string }) => name === wanted)?.value;
  if (findContainerEnvValue('DENIED_NODES') !== undefined) {
    return {
      namespace: findContainerEnvValue('NAMESPACE'),
      knowsNodes: findContainerEnvValue('WATCHES_NODES') !== undefined,
    };
  }
  throw new CredentialsError(
    `nodes of environment ${environment} do not authenticate with certificates, so the nodes cannot be denied: set ingress.authentication to nodeCertificate(), see docs/node-certificates.md`,
  );
}
