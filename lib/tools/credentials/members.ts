import { groupOf } from '../../core/groups';
import { CredentialsError } from './credentials-error';
import type { ClientSecret, Host } from './hosts';
import { successorInGroup, successorOf } from './htpasswd';

/** Who may log in, and as whom clients do. */
export interface NewUsers {
  /** @default - `edge` or, where there are groups, one of each */
  readonly users?: readonly string[];
  /** One of them. @default - the first or, where there are groups, that of the client's group */
  readonly clientUser?: string;
  /** @default - one is made for every user of every host */
  readonly password?: string;
}

/** Whose place a new user takes. @default - that of the only one or, where there are groups, in each of them */
export interface Rotation {
  readonly old?: string;
  readonly group?: string;
}

/** Users of a host, and which of them a client is, if any. */
interface Assignment {
  readonly userOf: (client: ClientSecret) => string | undefined;
}

const DEFAULT_USER = 'edge';

/**
 * Who may log in at a host from now on.
 *
 * @throws CredentialsError when a user is of no group, when a group would be left without one, or when clients
 * would be one who is none of the users.
 */
export function usersFor(host: Host, given: NewUsers): Assignment & { readonly users: readonly string[] } {
  const users = given.users ?? host.groups ?? [DEFAULT_USER];
  if (host.groups) return { users, userOf: membersOf(host, host.groups, users, given) };
  const { clientUser = users[0] } = given;
  if (clientUser === undefined || !users.includes(clientUser)) {
    throw new CredentialsError(`--client-user is ${clientUser}; allowed: a --user: ${users.join(', ')}`);
  }
  return { users, userOf: () => clientUser };
}

function membersOf(
  { name, servers }: Host,
  groups: readonly string[],
  users: readonly string[],
  { clientUser }: NewUsers,
): Assignment['userOf'] {
  if (clientUser !== undefined) {
    throw new CredentialsError(
      `--client-user is ${clientUser}, and clients of ${name} are users of their groups: leave it out`,
    );
  }
  const stranger = users.find((user) => groupOf(user, groups) === undefined);
  if (stranger !== undefined) {
    throw new CredentialsError(
      `--user is ${stranger}, who would be of no group of ${name}; allowed: ${groups.join(', ')}, each also ` +
        'with a number at its end, such as -2',
    );
  }
  const byGroup = new Map(users.toReversed().map((user) => [groupOf(user, groups), user]));
  const alone = groups.filter((group) => !byGroup.has(group));
  if (servers.length && alone.length) {
    throw new CredentialsError(
      `no --user is of ${alone.join(', ')}, whose nodes could not push to ${name} then: name one of each group, ` +
        'or leave --user out',
    );
  }
  return ({ group }) => byGroup.get(group);
}

/**
 * Who is new at a host when users are rotated.
 *
 * @param users all who may log in now
 * @throws CredentialsError when it is not clear who is meant.
 */
export function successorsFor(
  host: Host,
  users: readonly string[],
  { old, group }: Rotation,
): Assignment & { readonly successors: readonly string[] } {
  const { groups } = host;
  if (!groups) {
    const successor = successorOf(users, old, host.name);
    return { successors: [successor], userOf: () => successor };
  }
  const rotated =
    old === undefined ? (group === undefined ? groups : [group]) : [groupNamed(host, users, old)];
  const byGroup = new Map(
    rotated.map((one) => [
      one,
      successorInGroup(
        one,
        users.filter((user) => groupOf(user, groups) === one),
      ),
    ]),
  );
  return {
    successors: [...byGroup.values()],
    userOf: (client) => (client.group === undefined ? undefined : byGroup.get(client.group)),
  };
}

function groupNamed({ name, groups = [] }: Host, users: readonly string[], old: string): string {
  const group = users.includes(old) ? groupOf(old, groups) : undefined;
  if (group !== undefined) return group;
  throw new CredentialsError(
    `--user is ${old}, who is no user of a group of ${name}; there are: ${users.join(', ')}; choose one, or a ` +
      `group with --group: ${groups.join(', ')}`,
  );
}
