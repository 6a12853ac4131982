import { readFileSync } from 'node:fs';
import type { RequiredSecret } from '../contracts/credentials';
import { shown } from '../core/validation';
import { CredentialsError, UsageError } from './errors';
import { existingUsers, remedy } from './existing';
import { type Host, hostsOf, idOf, type ServerSecret } from './hosts';
import { toYaml } from './manifest';
import { HELP, type MakeTask, type Options, parseOptions, type RetireTask, type RotateTask } from './options';
import { writeSecrets } from './output-folder';
import { passwordFrom } from './password';
import { cutOff, parsePushers, requireUnused } from './pushers';
import { type Existing, newSecrets, type Outcome, retiredSecrets, rotatedSecrets } from './secrets';

/** What the command reads from and writes to. */
export interface CredentialsIo {
  /** All of standard input; called at most once, and only when something has to be read. */
  readonly stdin: () => string;
  /** Gets the Secrets, and nothing else. */
  readonly stdout: (text: string) => void;
  /** Gets what is said about them, and nothing secret. */
  readonly stderr: (text: string) => void;
  /** Whether nothing is piped in. @default false */
  readonly stdinIsTerminal?: boolean;
  /** Whether somebody sees what is printed. @default false */
  readonly stdoutIsTerminal?: boolean;
}

/** The Secrets that each environment of an app needs, by its name. */
export type Environments = Readonly<Record<string, readonly RequiredSecret[]>>;

/** The streams of this process. */
export function processIo(): CredentialsIo {
  return {
    stdin: () => readFileSync(0, 'utf8'),
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    stdinIsTerminal: process.stdin.isTTY,
    stdoutIsTerminal: process.stdout.isTTY,
  };
}

/**
 * `npm run --silent credentials`: makes passwords and prints the Secrets that hold them, adds a second user
 * beside one that is in use, or takes one out. Prints all Secrets or, when anything is wrong, none.
 *
 * @returns the exit code: 0, 1 when what was given cannot be used, 2 when the command was called wrongly.
 */
export function credentialsCommand(
  args: readonly string[],
  environments: Environments,
  io: CredentialsIo,
): number {
  try {
    const options = parseOptions(args);
    if (options === 'help') io.stdout(HELP);
    else run(options, environments, io);
    return 0;
  } catch (error) {
    return failure(error, io);
  }
}

function failure(error: unknown, io: CredentialsIo): number {
  if (error instanceof UsageError) {
    io.stderr(`credentials: ${error.message}\nSee: npm run --silent credentials -- --help\n`);
    return 2;
  }
  // An error of the file system names a path and what could not be done there.
  if (error instanceof CredentialsError || (error as NodeJS.ErrnoException).syscall) {
    io.stderr(`credentials: ${(error as Error).message}\n`);
    return 1;
  }
  throw error;
}

function run(options: Options, environments: Environments, io: CredentialsIo): void {
  const environment = environmentOf(options, environments);
  const hosts = selected(hostsOf(environments[environment] ?? []), options.host, environment);
  const outcome = perform(options, hosts, io);
  const manifests = outcome.secrets.map(({ manifest }) => manifest);
  if (options.output === undefined) io.stdout(toYaml(manifests));
  else writeSecrets(options.output, manifests);
  io.stderr(summary(environment, options.output, outcome, io));
}

function environmentOf({ environment }: Options, environments: Environments): string {
  const names = Object.keys(environments);
  const [only, ...others] = names;
  if (only === undefined) throw new CredentialsError('the app has no environment: add one to main.ts');
  if (environment === undefined) {
    if (others.length) throw new UsageError(`--environment is missing; allowed: ${names.join(', ')}`);
    return only;
  }
  if (!names.includes(environment)) {
    throw new UsageError(`--environment is ${shown(environment)}; allowed: ${names.join(', ')}`);
  }
  return environment;
}

function selected(hosts: readonly Host[], host: string | undefined, environment: string): readonly Host[] {
  if (!hosts.length) throw new CredentialsError(`environment ${environment} needs no Secrets of users`);
  const ofName = hosts.filter(({ name }) => host === undefined || name === host);
  if (ofName.length) return ofName;
  throw new UsageError(`--host is ${shown(host)}; allowed: ${hosts.map(({ name }) => name).join(', ')}`);
}

function perform({ task, host }: Options, hosts: readonly Host[], io: CredentialsIo): Outcome {
  switch (task.kind) {
    case 'make':
      return make(task, hosts, io);
    case 'rotate':
      return rotate(task, host === undefined ? withClients(hosts) : hosts, io);
    case 'retire':
      return retire(task, host === undefined ? withClients(hosts) : hosts, io);
  }
}

function make({ passwordStdin, ...users }: MakeTask, hosts: readonly Host[], io: CredentialsIo): Outcome {
  if (!passwordStdin) return newSecrets(hosts, users);
  if (hosts.length > 1) {
    const names = hosts.map(({ name }) => name).join(', ');
    throw new UsageError(`--password-stdin is the password of one host: choose it with --host: ${names}`);
  }
  const several = users.users ?? hosts.flatMap(({ groups }) => groups ?? []);
  if (several.length > 1) {
    throw new UsageError(
      `--password-stdin is the password of one user, not of ${several.join(', ')}: give --user once`,
    );
  }
  return newSecrets(hosts, { ...users, password: passwordFrom(piped(io, 'pipe the password in')) });
}

function rotate({ old, group }: RotateTask, hosts: readonly Host[], io: CredentialsIo): Outcome {
  const ofGroup = group === undefined ? hosts : withGroup(hosts, group);
  return rotatedSecrets(ofGroup, existing(ofGroup, io), { old, group });
}

function withGroup(hosts: readonly Host[], group: string): readonly Host[] {
  const found = hosts.filter(({ groups }) => groups?.includes(group));
  if (found.length) return found;
  const there = [...new Set(hosts.flatMap(({ groups }) => groups ?? []))];
  throw new UsageError(
    `--group is ${shown(group)}; allowed: ${there.join(', ') || 'none: no host has groups'}`,
  );
}

/** Where no client pushes there are people, who keep their names. */
function withClients(hosts: readonly Host[]): readonly Host[] {
  const found = hosts.filter(({ clients }) => clients.length);
  if (found.length) return found;
  throw new CredentialsError(
    `no host has clients whose Secrets could follow: choose one with --host: ` +
      hosts.map(({ name }) => name).join(', '),
  );
}

function retire(
  { user, accessLogFile, force }: RetireTask,
  hosts: readonly Host[],
  io: CredentialsIo,
): Outcome {
  const pushers = accessLogFile === undefined ? undefined : parsePushers(readAccessLog(accessLogFile));
  if (pushers && !force) requireUnused(user, pushers);
  const { secrets } = retiredSecrets(existing(hosts, io), user);
  return { secrets, notes: force ? [cutOff(user, pushers)] : [] };
}

function readAccessLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CredentialsError(`--access-log cannot be read: ${(error as Error).message}`);
  }
}

function existing(hosts: readonly Host[], io: CredentialsIo): Existing {
  const servers: readonly ServerSecret[] = hosts.flatMap((host) => host.servers);
  if (!servers.length) {
    const names = hosts.map(({ name }) => name).join(', ');
    throw new CredentialsError(
      `the users of ${names} are kept outside of this environment: change them there`,
    );
  }
  return existingUsers(piped(io, remedy(servers)), servers);
}

/** Nobody types YAML, and a password that is typed here would be seen. */
function piped({ stdin, stdinIsTerminal }: CredentialsIo, instead: string): string {
  if (stdinIsTerminal) throw new UsageError(`standard input is a terminal: ${instead}`);
  return stdin();
}

function summary(
  environment: string,
  output: string | undefined,
  { secrets, notes }: Outcome,
  { stdoutIsTerminal }: CredentialsIo,
): string {
  const many = `${secrets.length} ${secrets.length === 1 ? 'Secret' : 'Secrets'}`;
  const seen = output === undefined && stdoutIsTerminal;
  return [
    `credentials: ${environment}: ${many}${output === undefined ? '' : ` in ${output}`}`,
    ...secrets.map(({ manifest, users }) => `  ${idOf(manifest.metadata)}: ${users.join(', ')}`),
    ...notes.map((note) => `note: ${note}`),
    ...(seen ? ['note: what was printed is secret: clear the screen and its history'] : []),
    '',
  ].join('\n');
}
