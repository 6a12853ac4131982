import { createHash } from 'node:crypto';
import { genSaltSync, hashSync } from 'bcryptjs';
import type { UsersFormat } from '../../contracts/credentials';
import { CredentialsError } from './credentials-error';

/** A user and the password. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A line of an htpasswd file, as it was found. */
export interface HtpasswdLine {
  /** @default - none: the line is a comment */
  readonly user?: string;
  readonly text: string;
}

/** A proxy checks the hash at every request: 2 ms of it, where cost 10 takes 51 (bench:authentication). */
const BCRYPT_COST = 5;

/** ASCII, since clients encode the rest differently; a colon ends the name, and `#` begins a comment. */
const USER_NAME = /^(?!#)[!-9;-~]{1,80}$/;

/** crypt(3) with an identifier, such as bcrypt and apr1; a scheme in braces; crypt(3) of old. */
const HASH = /^((\$[\w-]+\$|\{[A-Z0-9]+\})\S+|[./0-9A-Za-z]{13})$/;

const COUNTED = /^(.+?)-([1-9]\d{0,8})$/;

const HASHES: Readonly<Record<UsersFormat['hash'], (password: string) => string>> = {
  // The prefix that htpasswd writes and every reader knows; the algorithm is that of $2b$.
  bcrypt: (password) => hashSync(password, genSaltSync(BCRYPT_COST).replace('$2b$', '$2y$')),
  sha1: (password) => `{SHA}${createHash('sha1').update(password).digest('base64')}`,
};

/**
 * Refuses a name that cannot be a user of Basic Auth.
 *
 * @param given where the name comes from, such as `--user`
 * @throws CredentialsError
 */
export function checkUserName(given: string, name: string): void {
  if (USER_NAME.test(name)) return;
  // What stands behind a colon is likely a password.
  const shown = JSON.stringify(name.replace(/:.*$/s, ':***').replace(/^(.{80}).+$/s, '$1...'));
  throw new CredentialsError(
    `${given} is ${shown}; allowed: 1 to 80 letters, digits and signs of ASCII, ` +
      'without spaces and colons, not beginning with "#", such as "edge"',
  );
}

/** A user and the hash of the password, as servers read them. */
export function htpasswdLine({ user, password }: Login, hash: UsersFormat['hash']): HtpasswdLine {
  return { user, text: `${user}:${HASHES[hash](password)}` };
}

/**
 * The lines of an htpasswd file, comments too, so that what is written back is what was found.
 *
 * @param place where the file was found, for messages
 * @throws CredentialsError that names the line which is none, or the user who has two.
 */
export function parseHtpasswd(file: string, place: string): HtpasswdLine[] {
  const lines = file.split(/\r?\n/).map((text, index) => parseLine(text, `line ${index + 1} of ${place}`));
  const users = usersOf(lines);
  const twice = users.find((user, index) => users.indexOf(user) !== index);
  if (twice !== undefined) {
    throw new CredentialsError(`user ${twice} has more than one line in ${place}: take out all but one`);
  }
  return lines.filter(({ text }) => text !== '');
}

/** A line is not shown where it is wrong: it may hold a password in the clear. */
function parseLine(line: string, place: string): HtpasswdLine {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { text };
  const [, user, hash = ''] = /^([^:\p{Cc}]+):([^:]+)(:.*)?$/u.exec(text) ?? [];
  if (user === undefined || !HASH.test(hash)) {
    throw new CredentialsError(`${place} is no line of an htpasswd file; allowed: user:hash`);
  }
  return { user, text };
}

/** The names of the users who have a line. */
export function usersOf(lines: readonly HtpasswdLine[]): string[] {
  return lines.flatMap(({ user }) => user ?? []);
}

/**
 * The name of the user that takes over from another one: `edge`, `edge-2`, `edge-3`. It is one above the
 * highest number there is, so it never is the name of one who still has a line.
 *
 * @param users all who have a line
 * @param old the one whose place is taken @default - the only one, whatever its number
 * @param place where they were found, for messages
 * @throws CredentialsError when it is not clear who is meant, or the name would be too long.
 */
export function successorOf(users: readonly string[], old: string | undefined, place: string): string {
  const { base } = counted(predecessor(users, old, place));
  const counts = users.map(counted).flatMap((user) => (user.base === base ? user.count : []));
  const successor = `${base}-${Math.max(...counts) + 1}`;
  checkUserName(`the new user of ${place}`, successor);
  return successor;
}

/**
 * The name of the next user of a group of nodes: the group's own for the first one, then `north-2`, `north-3`.
 * The name of a group may itself end with a number.
 *
 * @param members users of the group who have a line
 */
export function successorInGroup(group: string, members: readonly string[]): string {
  const counts = members.map((user) => Number(user.slice(group.length + 1) || 1));
  return counts.length ? `${group}-${Math.max(...counts) + 1}` : group;
}

function predecessor(users: readonly string[], old: string | undefined, place: string): string {
  const [first] = users;
  if (first === undefined) {
    throw new CredentialsError(`${place} has no user to take over from: make one without --rotate`);
  }
  const there = `there are: ${users.join(', ')}; choose one with --user`;
  if (old !== undefined && !users.includes(old)) {
    throw new CredentialsError(`--user is ${old}, whom ${place} does not have; ${there}`);
  }
  const { size } = new Set(users.map((user) => counted(user).base));
  if (old === undefined && size > 1) {
    throw new CredentialsError(`it is not clear which user of ${place} to rotate; ${there}`);
  }
  return old ?? first;
}

/** A name and the number at its end; the first one has none. */
function counted(user: string): { readonly base: string; readonly count: number } {
  const [, base = user, count = '1'] = COUNTED.exec(user) ?? [];
  return { base, count: Number(count) };
}
