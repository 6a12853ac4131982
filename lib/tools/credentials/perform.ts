import { readFileSync } from 'node:fs';
import type { RequiredSecret } from '../../contracts/credentials';
import { formatValue } from '../../core/validation';
import type { CommandIo } from '../process/command-io';
import { UsageError } from '../process/usage-error';
import { CredentialsError } from './credentials-error';
import { missingSecretsRemedy, parseExistingUsers } from './existing';
import { formatSecretId, groupSecretsByHost, type HostWithSecrets, type ServerSecret } from './hosts';
import { type SecretMetadata, secretsToYaml } from './manifest';
import { writeSecretFiles } from './output-folder';
import { parsePassword } from './password';
import { formatLostAccessNote, parsePushesInAccessLog, requireUnusedUser } from './pushers';
import {
  type CredentialsOutcome,
  createSecretsForUserRotation,
  createSecretsWithOnlyNewUsers,
  createServerSecretsWithUserRemoved,
  type ExistingUsers,
} from './secrets';
import type { CreateTask, RetireTask, RotateTask, Task } from './tasks';

/** Input of `performCredentialsTask`: the Secrets of an environment, and the task to perform. */
export interface CredentialsRequest {
  readonly task: Task;
  /** Name of the environment. */
  readonly environment: string;
  /** Secrets with users and passwords that the environment references. */
  readonly required: readonly RequiredSecret[];
  /** Public host to which the task is limited. @default - all hosts */
  readonly host?: string;
  /** Output folder. @default - the Secrets are printed to standard output */
  readonly output?: string;
  /** Labels and annotations of the Secrets. @default - the Secrets have no labels and annotations */
  readonly metadata?: SecretMetadata;
}

/**
 * Performs a task of the command `credentials`: creates Secrets with new users, adds users to existing Secrets, or
 * removes a user. Prints or writes all Secrets; after an error, prints and writes no Secret.
 * @throws UsageError when the options cannot be combined; CredentialsError when the input is invalid; Error when a
 * file cannot be written.
 */
export function performCredentialsTask(request: CredentialsRequest, io: CommandIo): void {
  const { task, environment, host, output } = request;
  const hosts = selectHosts(groupSecretsByHost(request.required), host, environment);
  const outcome = performTaskForHosts(task, host, hosts, io);
  const manifests = outcome.secrets.map(({ manifest }) => ({
    ...manifest,
    metadata: { ...manifest.metadata, ...request.metadata },
  }));
  if (output === undefined) io.stdout(secretsToYaml(manifests));
  else writeSecretFiles(output, manifests);
  io.stderr(formatTaskSummary(environment, output, outcome, io));
}

function selectHosts(
  hosts: readonly HostWithSecrets[],
  host: string | undefined,
  environment: string,
): readonly HostWithSecrets[] {
  if (!hosts.length)
    throw new CredentialsError(
      `environment ${environment} uses no Secrets with users and passwords, so there is nothing to create`,
    );
  const ofName = hosts.filter(({ name }) => host === undefined || name === host);
  if (ofName.length) return ofName;
  throw new UsageError(
    `--host is ${formatValue(host)}; allowed: ${hosts.map(({ name }) => name).join(', ')}`,
  );
}

function performTaskForHosts(
  task: Task,
  host: string | undefined,
  hosts: readonly HostWithSecrets[],
  io: CommandIo,
): CredentialsOutcome {
  switch (task.kind) {
    case 'create':
      return createUsers(task, hosts, io);
    case 'rotate':
      return rotateUsers(task, host === undefined ? findHostsWithClients(hosts) : hosts, io);
    case 'retire':
      return retireUser(task, host === undefined ? findHostsWithClients(hosts) : hosts, io);
  }
}

function createUsers(
  { passwordStdin, ...users }: CreateTask,
  hosts: readonly HostWithSecrets[],
  io: CommandIo,
): CredentialsOutcome {
  if (!passwordStdin) return createSecretsWithOnlyNewUsers(hosts, users);
  if (hosts.length > 1) {
    const names = hosts.map(({ name }) => name).join(', ');
    throw new UsageError(
      `--password-stdin sets the password of one host: select it with --host; allowed: ${names}`,
    );
  }
  const several = users.users ?? hosts.flatMap(({ groups }) => groups ?? []);
  if (several.length > 1) {
    throw new UsageError(
      `--password-stdin sets the password of one user, but the users are ${several.join(', ')}: use --user once`,
    );
  }
  return createSecretsWithOnlyNewUsers(hosts, {
    ...users,
    password: parsePassword(readPipedInput(io, 'pipe the password to standard input')),
  });
}

function rotateUsers(
  { old, group }: RotateTask,
  hosts: readonly HostWithSecrets[],
  io: CommandIo,
): CredentialsOutcome {
  const ofGroup = group === undefined ? hosts : findHostsOfNodeGroup(hosts, group);
  return createSecretsForUserRotation(ofGroup, readExistingUsersFromStdin(ofGroup, io), { old, group });
}

/** Returns the hosts that have the group. @throws UsageError when no host has the group. */
function findHostsOfNodeGroup(hosts: readonly HostWithSecrets[], group: string): readonly HostWithSecrets[] {
  const found = hosts.filter(({ groups }) => groups?.includes(group));
  if (found.length) return found;
  const there = [...new Set(hosts.flatMap(({ groups }) => groups ?? []))];
  throw new UsageError(
    `--group is ${formatValue(group)}; allowed: ${there.join(', ') || 'no group, because no host has groups'}`,
  );
}

/**
 * Returns the hosts that have clients in the environment. The users of other hosts are people. Without `--host`, the
 * command does not rotate or remove users of people.
 * @throws CredentialsError when no host has clients.
 */
function findHostsWithClients(hosts: readonly HostWithSecrets[]): readonly HostWithSecrets[] {
  const found = hosts.filter(({ clients }) => clients.length);
  if (found.length) return found;
  throw new CredentialsError(
    'no host of this environment has clients, and without --host, the command only changes hosts with clients: select a host with --host; allowed: ' +
      hosts.map(({ name }) => name).join(', '),
  );
}

function retireUser(
  { user, accessLogFile, force }: RetireTask,
  hosts: readonly HostWithSecrets[],
  io: CommandIo,
): CredentialsOutcome {
  const pushers =
    accessLogFile === undefined ? undefined : parsePushesInAccessLog(readAccessLog(accessLogFile));
  if (pushers && !force) requireUnusedUser(user, pushers);
  const { secrets } = createServerSecretsWithUserRemoved(readExistingUsersFromStdin(hosts, io), user);
  return { secrets, notes: force ? [formatLostAccessNote(user, pushers)] : [] };
}

function readAccessLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CredentialsError(`--access-log cannot be read: ${(error as Error).message}`);
  }
}

function readExistingUsersFromStdin(hosts: readonly HostWithSecrets[], io: CommandIo): ExistingUsers {
  const servers: readonly ServerSecret[] = hosts.flatMap((host) => host.servers);
  if (!servers.length) {
    const names = hosts.map(({ name }) => name).join(', ');
    throw new CredentialsError(
      `this environment does not contain the server behind ${hosts.length === 1 ? 'the host' : 'the hosts'} ${names}: change the users in the environment or cluster that contains the server`,
    );
  }
  return parseExistingUsers(readPipedInput(io, missingSecretsRemedy(servers)), servers);
}

/**
 * Reads and returns standard input.
 * @param instead what to pipe to standard input, as the end of the error message
 * @throws UsageError when standard input is a terminal: nobody types YAML, and a typed password would be visible.
 */
function readPipedInput({ stdin, stdinIsTerminal }: CommandIo, instead: string): string {
  if (stdinIsTerminal) throw new UsageError(`standard input is a terminal: ${instead}`);
  return stdin();
}

function formatTaskSummary(
  environment: string,
  output: string | undefined,
  { secrets, notes }: CredentialsOutcome,
  { stdoutIsTerminal }: CommandIo,
): string {
  const many = `${secrets.length} ${secrets.length === 1 ? 'Secret' : 'Secrets'}`;
  const seen = output === undefined && stdoutIsTerminal;
  return [
    `credentials: ${environment}: ${many}${output === undefined ? '' : ` in ${output}`}`,
    ...secrets.map(({ manifest, users }) => `  ${formatSecretId(manifest.metadata)}: ${users.join(', ')}`),
    ...notes.map((note) => `note: ${note}`),
    ...(seen ? ['note: the output contains passwords: clear the terminal and its scrollback'] : []),
    '',
  ].join('\n');
}
