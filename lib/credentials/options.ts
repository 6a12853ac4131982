import { parseArgs } from 'node:util';
import { CredentialsError, UsageError } from './errors';
import { checkUserName } from './htpasswd';

/** How the command is called. */
export const HELP = `usage: npm run --silent credentials -- [--environment NAME] [options]

Prints the Secrets with users and passwords that an environment needs, for kubectl apply -f - or a sealer.

  --environment NAME  which one (may be left out when there is only one)
  --host HOST         only the Secrets of this public host (default: of all hosts)
  --output FOLDER     writes a file for each Secret into FOLDER instead of printing them

new users, who take the place of all others:
  --user NAME         a user (default: edge, or one of each group); may be given more than once
  --client-user NAME  the one whose password the clients get (default: the first, or the one of their group)
  --password-stdin    takes the password from standard input, one line of 16 characters to 72 bytes, for one
                      user of one host (default: a new one of 192 random bits for each)

a second user, of all hosts that have clients or of the one that --host names; standard input: what
kubectl get secret NAME... -n NAMESPACE -o yaml says of the Secrets with the users
  --rotate            adds edge-2 beside edge, edge-3 beside edge-2; clients get the new one
  --user NAME         the user whose place is taken (default: the only one)
  --group NAME        the group that gets a user (default: every group), its first one too

one user less, of the same hosts; standard input: as for --rotate
  --retire USER       takes USER out
  --access-log FILE   what the ingress controller or the guard logged lately: nobody may push with USER
  --force             retires USER even so, and says whom that cuts off

A password is never an argument: arguments are seen by every user of a machine, and kept by shells.
`;

/** New users. */
export interface MakeTask {
  readonly kind: 'make';
  /** @default - `edge`, or one of each group */
  readonly users?: readonly string[];
  /** @default - the first user, or that of the client's group */
  readonly clientUser?: string;
  readonly passwordStdin: boolean;
}

/** A second user for each host. */
export interface RotateTask {
  readonly kind: 'rotate';
  /** @default - the only one */
  readonly old?: string;
  /** @default - every group, where there are groups */
  readonly group?: string;
}

/** One user less. */
export interface RetireTask {
  readonly kind: 'retire';
  readonly user: string;
  /** @default - none, which only `force` allows */
  readonly accessLogFile?: string;
  readonly force: boolean;
}

/** What the command is asked to do. */
export interface Options {
  readonly task: MakeTask | RotateTask | RetireTask;
  /** @default - the only one */
  readonly environment?: string;
  /** @default - all hosts */
  readonly host?: string;
  /** @default - the Secrets are printed */
  readonly output?: string;
}

const OPTIONS = {
  help: { type: 'boolean' },
  environment: { type: 'string' },
  host: { type: 'string' },
  output: { type: 'string' },
  user: { type: 'string', multiple: true },
  'client-user': { type: 'string' },
  'password-stdin': { type: 'boolean' },
  rotate: { type: 'boolean' },
  group: { type: 'string' },
  retire: { type: 'string' },
  'access-log': { type: 'string' },
  force: { type: 'boolean' },
} as const;

const COMMON = ['environment', 'host', 'output'];

/** The options that each task takes beside the common ones. */
const TAKEN: Readonly<Record<Options['task']['kind'], readonly string[]>> = {
  make: ['user', 'client-user', 'password-stdin'],
  rotate: ['rotate', 'user', 'group'],
  retire: ['retire', 'access-log', 'force'],
};

type Values = ReturnType<typeof parse>;

/**
 * Reads the arguments.
 *
 * @returns what is asked for, or `help`.
 * @throws UsageError when the command is called in a way that it does not know; CredentialsError when a
 * user's name is not allowed.
 */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const { environment, host, output } = values;
  return { task: taskOf(values), environment, host, output };
}

function parse(args: readonly string[]) {
  if (args.some((arg) => /^--password(=|$)/.test(arg))) {
    throw new UsageError('a password is never an argument: pipe it to --password-stdin');
  }
  const { values, positionals } = parsed(args);
  // Not shown: it may be a password that was meant for standard input.
  if (positionals.length) throw new UsageError('there is an argument that belongs to no option');
  return values;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const [problem] = message.split(/\.\s/);
    const names = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new UsageError(
      code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? `${problem}; allowed: ${names.join(', ')}` : `${problem}`,
    );
  }
}

function taskOf(values: Values): Options['task'] {
  if (values.rotate) return rotateTask(values);
  return values.retire === undefined ? makeTask(values) : retireTask(values, values.retire);
}

function makeTask(values: Values): MakeTask {
  refuseOthers('make', values);
  const { user: users, 'client-user': clientUser, 'password-stdin': passwordStdin = false } = values;
  for (const user of users ?? []) checkUserName('--user', user);
  const twice = users?.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined) throw new CredentialsError(`--user is ${twice} twice: name each user once`);
  if (clientUser !== undefined) checkUserName('--client-user', clientUser);
  return { kind: 'make', users, clientUser, passwordStdin };
}

function rotateTask(values: Values): RotateTask {
  refuseOthers('rotate', values);
  const [old, ...others] = values.user ?? [];
  if (others.length) throw new UsageError('--rotate takes the place of one user: give --user once');
  if (old !== undefined) checkUserName('--user', old);
  const { group } = values;
  if (old !== undefined && group !== undefined) {
    throw new UsageError('--user and --group both say whose place is taken: give one of them');
  }
  return { kind: 'rotate', old, group };
}

function retireTask(values: Values, user: string): RetireTask {
  refuseOthers('retire', values);
  checkUserName('--retire', user);
  const { 'access-log': accessLogFile, force = false } = values;
  if (accessLogFile === '-') {
    throw new UsageError('--access-log is "-", and standard input holds the Secrets; allowed: a file');
  }
  if (accessLogFile === undefined && !force) {
    throw new CredentialsError(
      `nodes may still push with ${user}: give --access-log FILE, what the ingress controller or the guard ` +
        'logged lately (docs/secrets.md says where), or retire it even so with --force',
    );
  }
  return { kind: 'retire', user, accessLogFile, force };
}

function refuseOthers(kind: Options['task']['kind'], values: Values): void {
  const allowed = [...TAKEN[kind], ...COMMON];
  const other = Object.keys(values).find((name) => !allowed.includes(name));
  if (other === undefined) return;
  const what = kind === 'make' ? 'new users' : `--${kind}`;
  const names = allowed.filter((name) => name !== kind).map((name) => `--${name}`);
  throw new UsageError(`--${other} does not go with ${what}; allowed: ${names.join(', ')}`);
}
