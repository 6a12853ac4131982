import { createHash } from 'node:crypto';
import { genSaltSync, hashSync } from 'bcryptjs';
import type { UsersFormat } from '../../contracts/credentials';
import { CredentialsError } from './credentials-error';

/** A user name and password. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A line of an htpasswd file, unchanged. */
export interface HtpasswdLine {
  /** User name. @default - none; the line is a comment */
  readonly user?: string;
  readonly text: string;
}

/** The hash is checked at every request: 2 ms, compared with 51 ms for cost 10 (bench:authentication). */
const BCRYPT_COST = 5;

/**
 * User names are ASCII, since clients encode other characters differently. They contain no colon, which ends the
 * name in an htpasswd file, and do not start with `#`, which starts a comment.
 */
const USER_NAME = /^(?!#)[!-9;-~]{1,80}$/;

/** crypt(3) with an identifier, such as bcrypt and apr1; a scheme in braces; traditional crypt(3). */
const HASH = /^((\$[\w-]+\$|\{[A-Z0-9]+\})\S+|[./0-9A-Za-z]{13})$/;

const NUMBERED_NAME = /^(.+?)-([1-9]\d{0,8})$/;

const HASHES: Readonly<Record<UsersFormat['hash'], (password: string) => string>> = {
  // The prefix that htpasswd writes and every program supports; the algorithm is that of $2b$.
  bcrypt: (password) => hashSync(password, genSaltSync(BCRYPT_COST).replace('$2b$', '$2y$')),
  sha1: (password) => `{SHA}${createHash('sha1').update(password).digest('base64')}`,
};

/**
 * Refuses an invalid user name for Basic Auth.
 * @param given origin of the name, such as `--user`
 * @throws CredentialsError when it is invalid.
 */
export function validateUserName(given: string, name: string): void {
  if (USER_NAME.test(name)) return;
  // Text after a colon is likely a password.
  const shown = JSON.stringify(name.replace(/:.*$/s, ':***').replace(/^(.{80}).+$/s, '$1...'));
  throw new CredentialsError(
    `${given} is ${shown}; allowed: 1 to 80 printable ASCII characters ` +
      'without spaces and colons, not starting with "#", such as "edge"',
  );
}

/** Returns the htpasswd line for a user. */
export function createHtpasswdLine({ user, password }: Login, hash: UsersFormat['hash']): HtpasswdLine {
  return { user, text: `${user}:${HASHES[hash](password)}` };
}

/**
 * Parses an htpasswd file, including comments, so that it can be written back unchanged.
 * @param place origin of the file, for messages
 * @throws CredentialsError that names the invalid line, or the user with two lines.
 */
export function parseHtpasswd(file: string, place: string): HtpasswdLine[] {
  const lines = file.split(/\r?\n/).map((text, index) => parseLine(text, `line ${index + 1} of ${place}`));
  const users = userNamesOf(lines);
  const twice = users.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined) {
    throw new CredentialsError(`user ${twice} has more than one line in ${place}: remove all but one`);
  }
  return lines.filter(({ text }) => text !== '');
}

/** Errors do not show the line, since it may contain a clear-text password. */
function parseLine(line: string, place: string): HtpasswdLine {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { text };
  const [, user, hash = ''] = /^([^:\p{Cc}]+):([^:]+)(:.*)?$/u.exec(text) ?? [];
  if (user === undefined || !HASH.test(hash)) {
    throw new CredentialsError(`${place} is not a line of an htpasswd file; allowed: user:hash`);
  }
  return { user, text };
}

/** Returns the users in the lines. */
export function userNamesOf(lines: readonly HtpasswdLine[]): string[] {
  return lines.flatMap(({ user }) => user ?? []);
}

/**
 * Returns the name of a user's successor: `edge`, `edge-2`, `edge-3`. Its number is above all existing ones,
 * so that it never belongs to another user.
 * @param users all existing users
 * @param old the user to replace
 * @default - the only one
 * @param place origin of the users, for messages
 * @throws CredentialsError when the user is ambiguous, or the name would be too long.
 */
export function successorName(users: readonly string[], old: string | undefined, place: string): string {
  const { base } = splitUserName(chooseUserToReplace(users, old, place));
  const counts = users.map(splitUserName).flatMap((user) => (user.base === base ? user.count : []));
  const successor = `${base}-${Math.max(...counts) + 1}`;
  validateUserName(`the new user of ${place}`, successor);
  return successor;
}

/**
 * Returns the name of the next user of a node group: the group's name first, then `north-2`, `north-3`. The
 * group's name may itself end with a number.
 * @param members existing users of the group
 */
export function successorNameInGroup(group: string, members: readonly string[]): string {
  const counts = members.map((user) => Number(user.slice(group.length + 1) || 1));
  return counts.length ? `${group}-${Math.max(...counts) + 1}` : group;
}

function chooseUserToReplace(users: readonly string[], old: string | undefined, place: string): string {
  const [first] = users;
  if (first === undefined) {
    throw new CredentialsError(`${place} has no user to rotate: create one without --rotate`);
  }
  const there = `users: ${users.join(', ')}; select one with --user`;
  if (old !== undefined && !users.includes(old)) {
    throw new CredentialsError(`--user is ${old}, whom ${place} does not have; ${there}`);
  }
  const { size } = new Set(users.map((user) => splitUserName(user).base));
  if (old === undefined && size > 1) {
    throw new CredentialsError(`the user of ${place} to rotate is ambiguous; ${there}`);
  }
  return old ?? first;
}

/** Splits a user name into base and number: `north-2` into `north` and 2. A name without a number has 1. */
function splitUserName(user: string): { readonly base: string; readonly count: number } {
  const [, base = user, count = '1'] = NUMBERED_NAME.exec(user) ?? [];
  return { base, count: Number(count) };
}
