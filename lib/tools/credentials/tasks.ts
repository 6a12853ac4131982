import { UsageError } from '../process/usage-error';
import { CredentialsError } from './credentials-error';
import { validateUserName } from './htpasswd';

/** Task: create users. */
export interface CreateTask {
  readonly kind: 'create';
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
export type Task = CreateTask | RotateTask | RetireTask;

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
const TASK_OPTIONS: Readonly<Record<Task['kind'], readonly (keyof TaskOptions)[]>> = {
  create: ['user', 'clientUser', 'passwordStdin'],
  rotate: ['rotate', 'user', 'group'],
  retire: ['retire', 'accessLog', 'force'],
};

/**
 * Returns the task for the given options.
 * @throws UsageError when they cannot be combined; CredentialsError when a user's name is invalid.
 */
export function parseTask(options: TaskOptions): Task {
  if (options.rotate) return parseRotateTask(options);
  return options.retire === undefined ? parseCreateTask(options) : parseRetireTask(options, options.retire);
}

function parseCreateTask(options: TaskOptions): CreateTask {
  refuseOptionsOfOtherTasks('create', options);
  const { user: users, clientUser, passwordStdin = false } = options;
  for (const user of users ?? []) validateUserName('--user', user);
  const twice = users?.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined) throw new CredentialsError(`--user is ${twice} twice: name each user once`);
  if (clientUser !== undefined) validateUserName('--client-user', clientUser);
  return { kind: 'create', users, clientUser, passwordStdin };
}

function parseRotateTask(options: TaskOptions): RotateTask {
  refuseOptionsOfOtherTasks('rotate', options);
  const [old, ...others] = options.user ?? [];
  if (others.length) throw new UsageError('--rotate takes the place of one user: give --user once');
  if (old !== undefined) validateUserName('--user', old);
  const { group } = options;
  if (old !== undefined && group !== undefined) {
    throw new UsageError('--user and --group both say whose place is taken: give one of them');
  }
  return { kind: 'rotate', old, group };
}

function parseRetireTask(options: TaskOptions, user: string): RetireTask {
  refuseOptionsOfOtherTasks('retire', options);
  validateUserName('--retire', user);
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

function refuseOptionsOfOtherTasks(kind: Task['kind'], options: TaskOptions): void {
  const given = Object.keys(options) as (keyof TaskOptions)[];
  const other = given.find((name) => options[name] !== undefined && !TASK_OPTIONS[kind].includes(name));
  if (other === undefined) return;
  const what = kind === 'create' ? 'new users' : `--${kind}`;
  const names = TASK_OPTIONS[kind].filter((name) => name !== kind).map(flagName);
  const takers = (['rotate', 'retire'] as const).filter(
    (task) => task !== kind && TASK_OPTIONS[task].includes(other),
  );
  const remedy =
    takers.length && other !== takers[0] ? `it requires ${takers.map(flagName).join(' or ')}; ` : '';
  throw new UsageError(
    `${flagName(other)} cannot be combined with ${what}; ${remedy}allowed: ${names.join(', ')}`,
  );
}

const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
