import { UsageError } from '../process/usage-error';
import { CredentialsError } from './credentials-error';
import { checkUserName } from './htpasswd';

/** Task: create users. */
export interface MakeTask {
  readonly kind: 'make';
  /** User names. @default - `edge`; with groups, one for each */
  readonly users?: readonly string[];
  /** User of the clients. @default - the first user, or that of the client's group */
  readonly clientUser?: string;
  readonly passwordStdin: boolean;
}

/** Task: add a second user for each host. */
export interface RotateTask {
  readonly kind: 'rotate';
  /** The user to replace. @default - the only one */
  readonly old?: string;
  /** The group to rotate. @default - every group */
  readonly group?: string;
}

/** Task: remove a user. */
export interface RetireTask {
  readonly kind: 'retire';
  readonly user: string;
  /** Access log that shows who still pushes. @default - none, which only `force` allows */
  readonly accessLogFile?: string;
  readonly force: boolean;
}

/** A task of the command `credentials`. */
export type Task = MakeTask | RotateTask | RetireTask;

/** The options that define a task, as they were given. */
export interface TaskOptions {
  readonly user?: readonly string[];
  readonly clientUser?: string;
  readonly passwordStdin?: boolean;
  readonly rotate?: boolean;
  readonly group?: string;
  readonly retire?: string;
  readonly accessLog?: string;
  readonly force?: boolean;
}

/** The options of each task. */
const TAKEN: Readonly<Record<Task['kind'], readonly (keyof TaskOptions)[]>> = {
  make: ['user', 'clientUser', 'passwordStdin'],
  rotate: ['rotate', 'user', 'group'],
  retire: ['retire', 'accessLog', 'force'],
};

/**
 * Returns the task for the given options.
 * @throws UsageError when they cannot be combined; CredentialsError when a user's name is invalid.
 */
export function parseTask(options: TaskOptions): Task {
  if (options.rotate) return rotateTask(options);
  return options.retire === undefined ? makeTask(options) : retireTask(options, options.retire);
}

function makeTask(options: TaskOptions): MakeTask {
  refuseOthers('make', options);
  const { user: users, clientUser, passwordStdin = false } = options;
  for (const user of users ?? []) checkUserName('--user', user);
  const twice = users?.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined) throw new CredentialsError(`--user is ${twice} twice: name each user once`);
  if (clientUser !== undefined) checkUserName('--client-user', clientUser);
  return { kind: 'make', users, clientUser, passwordStdin };
}

function rotateTask(options: TaskOptions): RotateTask {
  refuseOthers('rotate', options);
  const [old, ...others] = options.user ?? [];
  if (others.length) throw new UsageError('--rotate takes the place of one user: give --user once');
  if (old !== undefined) checkUserName('--user', old);
  const { group } = options;
  if (old !== undefined && group !== undefined) {
    throw new UsageError('--user and --group both say whose place is taken: give one of them');
  }
  return { kind: 'rotate', old, group };
}

function retireTask(options: TaskOptions, user: string): RetireTask {
  refuseOthers('retire', options);
  checkUserName('--retire', user);
  const { accessLog: accessLogFile, force = false } = options;
  if (accessLogFile === '-') {
    throw new UsageError('--access-log is "-", and standard input holds the Secrets; allowed: a file');
  }
  if (accessLogFile === undefined && !force) {
    throw new CredentialsError(
      `nodes may still push with ${user}: give --access-log FILE, a recent access log of the ingress controller or the guard ` +
        '(see docs/secrets.md), or use --force to retire it anyway',
    );
  }
  return { kind: 'retire', user, accessLogFile, force };
}

function refuseOthers(kind: Task['kind'], options: TaskOptions): void {
  const given = Object.keys(options) as (keyof TaskOptions)[];
  const other = given.find((name) => options[name] !== undefined && !TAKEN[kind].includes(name));
  if (other === undefined) return;
  const what = kind === 'make' ? 'new users' : `--${kind}`;
  const names = TAKEN[kind].filter((name) => name !== kind).map(flagName);
  const takers = (['rotate', 'retire'] as const).filter(
    (task) => task !== kind && TAKEN[task].includes(other),
  );
  const remedy =
    takers.length && other !== takers[0] ? `it requires ${takers.map(flagName).join(' or ')}; ` : '';
  throw new UsageError(
    `${flagName(other)} cannot be combined with ${what}; ${remedy}allowed: ${names.join(', ')}`,
  );
}

const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
