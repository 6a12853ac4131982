import { UsageError } from '../process/usage-error';
import { CredentialsError } from './credentials-error';
import { validateUserName } from './htpasswd';

/** Task of the command `credentials`: create the Secrets with new users. */
export interface CreateTask {
  readonly kind: 'create';
  /** User names. @default - `edge`; with groups, a user for each group */
  readonly users?: readonly string[];
  /** The user whose password clients get. @default - the first user; with groups, the user of the client's group */
  readonly clientUser?: string;
  /** Whether to read the password from standard input. */
  readonly passwordStdin: boolean;
}

/** Task of the command `credentials`: add a new user to each host, or to groups of each host. */
export interface RotateTask {
  readonly kind: 'rotate';
  /**
   * The user to replace, such as `edge`. Required if the host has users with different base names. The users `edge` and
   * `edge-2` have the same base name.
   * @default - the user of the host; with groups, the users of the groups that `group` selects
   */
  readonly old?: string;
  /** Node group to which a user is added. For example, `north` gets the user `north-2`. @default - every group */
  readonly group?: string;
}

/** Task of the command `credentials`: remove a user. */
export interface RetireTask {
  readonly kind: 'retire';
  readonly user: string;
  /** Path of an access log with recent pushes. @default - pushes are not checked, which requires `force` */
  readonly accessLogFile?: string;
  /** Whether to remove the user even if nodes still push with this user. */
  readonly force: boolean;
}

/** A task of the command `credentials` that concerns users. */
export type Task = CreateTask | RotateTask | RetireTask;

/** Values of the options of the command `credentials` that determine the task. */
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

/** The options of the command `credentials` that can be combined with each task. */
const TASK_OPTIONS: Readonly<Record<Task['kind'], readonly (keyof TaskOptions)[]>> = {
  create: ['user', 'clientUser', 'passwordStdin'],
  rotate: ['rotate', 'user', 'group'],
  retire: ['retire', 'accessLog', 'force'],
};

/**
 * Returns the task for the given options: a rotation for `--rotate`, the removal of a user for `--retire`, otherwise
 * the creation of users.
 * @throws UsageError when the options cannot be combined; CredentialsError when a user name is invalid.
 */
export function credentialsTaskFromOptions(options: TaskOptions): Task {
  if (options.rotate) return userRotationTaskFromOptions(options);
  return options.retire === undefined
    ? userCreationTaskFromOptions(options)
    : userRemovalTaskFromOptions(options, options.retire);
}

function userCreationTaskFromOptions(options: TaskOptions): CreateTask {
  validateTaskOptions('create', options);
  const { user: users, clientUser, passwordStdin = false } = options;
  for (const user of users ?? []) validateUserName('--user', user);
  const twice = users?.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined)
    throw new CredentialsError(
      `the user ${twice} is given more than once; allowed: --user once for each user`,
    );
  if (clientUser !== undefined) validateUserName('--client-user', clientUser);
  return { kind: 'create', users, clientUser, passwordStdin };
}

function userRotationTaskFromOptions(options: TaskOptions): RotateTask {
  validateTaskOptions('rotate', options);
  const [old, ...others] = options.user ?? [];
  if (others.length)
    throw new UsageError(
      '--user is given more than once: with --rotate, pass only the user that is replaced',
    );
  if (old !== undefined) validateUserName('--user', old);
  const { group } = options;
  if (old !== undefined && group !== undefined) {
    throw new UsageError('--user cannot be combined with --group, because both select the user to replace');
  }
  return { kind: 'rotate', old, group };
}

function userRemovalTaskFromOptions(options: TaskOptions, user: string): RetireTask {
  validateTaskOptions('retire', options);
  validateUserName('--retire', user);
  const { accessLog: accessLogFile, force = false } = options;
  if (accessLogFile === '-') {
    throw new UsageError(
      '--access-log is "-", but standard input contains the Secrets; allowed: the path of a file',
    );
  }
  if (accessLogFile === undefined && !force) {
    throw new CredentialsError(
      `some nodes possibly still push with the user ${user}: use --access-log with a recent access log of the ingress controller or the guard (see docs/secrets.md), or use --force to remove the user anyway`,
    );
  }
  return { kind: 'retire', user, accessLogFile, force };
}

function validateTaskOptions(kind: Task['kind'], options: TaskOptions): void {
  const given = Object.keys(options) as (keyof TaskOptions)[];
  const other = given.find((name) => options[name] !== undefined && !TASK_OPTIONS[kind].includes(name));
  if (other === undefined) return;
  const what = kind === 'create' ? 'the creation of users' : `--${kind}`;
  const names = TASK_OPTIONS[kind].filter((name) => name !== kind).map(optionNameToFlag);
  const takers = (['rotate', 'retire'] as const).filter(
    (task) => task !== kind && TASK_OPTIONS[task].includes(other),
  );
  const remedy =
    takers.length && other !== takers[0]
      ? `${optionNameToFlag(other)} requires ${takers.map(optionNameToFlag).join(' or ')}; `
      : '';
  throw new UsageError(
    `${optionNameToFlag(other)} cannot be combined with ${what}; ${remedy}allowed: ${names.join(', ')}`,
  );
}

const optionNameToFlag = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
