import { createHash } from 'node:crypto';
import { genSaltSync, hashSync } from 'bcryptjs';
import type { UsersFormat } from '../../contracts/credentials';
import { CredentialsError } from './credentials-error';

/** A user name and password. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A line of an htpasswd file. */
export interface HtpasswdLine {
  /** User name. @default - the line is a comment */
  readonly user?: string;
  /** The line without white space at both ends. */
  readonly text: string;
}

/**
 * Cost of bcrypt. The server checks the password at every request. A check takes 2 ms of CPU time with cost 5, and 51 ms with
 * cost 10 (`npm run bench:authentication`).
 */
const BCRYPT_COST = 5;

/**
 * Pattern for allowed user names. Only ASCII is allowed, because clients encode other characters differently. A colon
 * is not allowed, because it ends the name in an htpasswd file. A `#` at the start is not allowed, because it starts a
 * comment.
 */
const USER_NAME = /^(?!#)[!-9;-~]{1,80}$/;

/**
 * Pattern for hashes in one of these formats:
 * - crypt(3) with an identifier, such as `$2y$` and `$apr1$`
 * - a scheme in braces, such as `{SHA}`
 * - traditional crypt(3)
 */
const HASH = /^((\$[\w-]+\$|\{[A-Z0-9]+\})\S+|[./0-9A-Za-z]{13})$/;

const NUMBERED_NAME = /^(.+?)-([1-9]\d{0,8})$/;

const HASHES: Readonly<Record<UsersFormat['hash'], (password: string) => string>> = {
  // Every program supports the prefix $2y$, which htpasswd writes, too. The algorithm is the same as for $2b$.
  bcrypt: (password) => hashSync(password, genSaltSync(BCRYPT_COST).replace('$2b$', '$2y$')),
  sha1: (password) => `{SHA}${createHash('sha1').update(password).digest('base64')}`,
};

/**
 * Validates a user name for Basic Auth.
 * @param given origin of the name for messages, such as `--user`
 * @throws CredentialsError when the name is invalid.
 */
export function validateUserName(given: string, name: string): void {
  if (USER_NAME.test(name)) return;
  // The message hides text after a colon, because this text is probably a password.
  const shown = JSON.stringify(name.replace(/:.*$/s, ':***').replace(/^(.{80}).+$/s, '$1...'));
  throw new CredentialsError(
    `${given} is ${shown}; allowed: 1 to 80 printable ASCII characters without spaces and colons, not starting with "#", such as "edge"`,
  );
}

/** Returns the htpasswd line of a user, with the hash of the password. */
export function createHtpasswdLine({ user, password }: Login, hash: UsersFormat['hash']): HtpasswdLine {
  return { user, text: `${user}:${HASHES[hash](password)}` };
}

/**
 * Parses an htpasswd file. The result includes comments, so that a file that is written back keeps the comments.
 * @param place origin of the file for messages, such as `key auth of Secret monitoring/push-users`
 * @throws CredentialsError when a line is invalid, or a user has two lines. The message names the line or the user.
 */
export function parseHtpasswd(file: string, place: string): HtpasswdLine[] {
  const lines = file
    .split(/\r?\n/)
    .map((text, index) => parseHtpasswdLine(text, `line ${index + 1} of ${place}`));
  const users = userNamesOfHtpasswdLines(lines);
  const twice = users.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined) {
    throw new CredentialsError(
      `user ${twice} has several lines in ${place}: remove all lines of this user except one`,
    );
  }
  return lines.filter(({ text }) => text !== '');
}

/** Parses a line of an htpasswd file. Errors do not contain the line, because it may contain a password in clear text. */
function parseHtpasswdLine(line: string, place: string): HtpasswdLine {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { text };
  const [, user, hash = ''] = /^([^:\p{Cc}]+):([^:]+)(:.*)?$/u.exec(text) ?? [];
  if (user === undefined || !HASH.test(hash)) {
    throw new CredentialsError(`${place} is not in htpasswd format; allowed: user:hash`);
  }
  return { user, text };
}

/** Returns the names of the users in htpasswd lines. */
export function userNamesOfHtpasswdLines(lines: readonly HtpasswdLine[]): string[] {
  return lines.flatMap(({ user }) => user ?? []);
}

/**
 * Returns the name of the user that replaces another user: `edge-2` for `edge`, `edge-3` for `edge-2`. The number is
 * higher than the number of every existing user with the same base name (`edge`), so the new name does not exist yet.
 * @param users names of all existing users
 * @param old the user to replace; may be undefined if all users have the same base name, as `edge` and `edge-2` do
 * @param place origin of the users for messages, such as a host
 * @throws CredentialsError in these cases:
 * - there are no users
 * - `old` is undefined, and the users have different base names
 * - `old` does not exist
 * - the new name is too long
 */
export function successorUserName(users: readonly string[], old: string | undefined, place: string): string {
  const { base } = splitUserNameIntoBaseAndNumber(chooseUserToReplace(users, old, place));
  const numbers = users
    .map(splitUserNameIntoBaseAndNumber)
    .flatMap((user) => (user.base === base ? user.number : []));
  const successor = `${base}-${Math.max(...numbers) + 1}`;
  validateUserName(`the new user of ${place}`, successor);
  return successor;
}

/**
 * Returns the name of the next user of a node group: `north` for the group `north` without users, `north-2` if `north` exists.
 * The name of the group may itself end with a number: the next user of the group `line-2` is `line-2-2`.
 * @param members names of the existing users of the group
 */
export function successorUserNameInGroup(group: string, members: readonly string[]): string {
  const numbers = members.map((user) => Number(user.slice(group.length + 1) || 1));
  return numbers.length ? `${group}-${Math.max(...numbers) + 1}` : group;
}

function chooseUserToReplace(users: readonly string[], old: string | undefined, place: string): string {
  const [first] = users;
  if (first === undefined) {
    throw new CredentialsError(
      `${place} has no user that --rotate can replace: create users without --rotate first`,
    );
  }
  const there = `users: ${users.join(', ')}; select one with --user`;
  if (old !== undefined && !users.includes(old)) {
    throw new CredentialsError(`--user is ${old}, which is not a user of ${place}; ${there}`);
  }
  const { size } = new Set(users.map((user) => splitUserNameIntoBaseAndNumber(user).base));
  if (old === undefined && size > 1) {
    throw new CredentialsError(`${place} has several users, but --rotate replaces only one user; ${there}`);
  }
  return old ?? first;
}

/** Splits a user name into base name and number: `north-2` into `north` and 2. A name without a number has the number 1. */
function splitUserNameIntoBaseAndNumber(user: string): { readonly base: string; readonly number: number } {
  const [, base = user, number = '1'] = NUMBERED_NAME.exec(user) ?? [];
  return { base, number: Number(number) };
}
