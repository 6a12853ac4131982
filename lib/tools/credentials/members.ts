import { groupOfUser } from '../../core/groups';
import { CredentialsError } from './credentials-error';
import type { ClientSecret, Host } from './hosts';
import { successorName, successorNameInGroup } from './htpasswd';

/** Users to create, and the one that clients use. */
export interface NewUsers {
  /** User names. @default - `edge`; with groups, one for each */
  readonly users?: readonly string[];
  /** The user for clients, one of `users`. @default - the first; with groups, that of the client's group */
  readonly clientUser?: string;
  /** The password. @default - a random one for each user of every host */
  readonly password?: string;
}

/** The user that a new one replaces. @default - the only one; with groups, one in each of them */
export interface Rotation {
  readonly old?: string;
  readonly group?: string;
}

/** Users of a host, and the one that a client uses. */
interface UserAssignment {
  readonly userOfClient: (client: ClientSecret) => string | undefined;
}

const DEFAULT_USER = 'edge';

/**
 * Returns the users of a host.
 * @throws CredentialsError when a user belongs to no group, a group would have no user, or the clients' user
 * is not one of them.
 */
export function assignUsers(
  host: Host,
  given: NewUsers,
): UserAssignment & { readonly users: readonly string[] } {
  const users = given.users ?? host.groups ?? [DEFAULT_USER];
  if (host.groups) return { users, userOfClient: assignGroupUsers(host, host.groups, users, given) };
  const { clientUser = users[0] } = given;
  if (clientUser === undefined || !users.includes(clientUser)) {
    throw new CredentialsError(`--client-user is ${clientUser}; allowed: a --user: ${users.join(', ')}`);
  }
  return { users, userOfClient: () => clientUser };
}

function assignGroupUsers(
  { name, servers }: Host,
  groups: readonly string[],
  users: readonly string[],
  { clientUser }: NewUsers,
): UserAssignment['userOfClient'] {
  if (clientUser !== undefined) {
    throw new CredentialsError(
      `--client-user is ${clientUser}, and clients of ${name} are users of their groups: leave it out`,
    );
  }
  const stranger = users.find((user) => groupOfUser(user, groups) === undefined);
  if (stranger !== undefined) {
    throw new CredentialsError(
      `--user is ${stranger}, who would be of no group of ${name}; allowed: ${groups.join(', ')}, each also ` +
        'with a number at its end, such as -2',
    );
  }
  const byGroup = new Map(users.toReversed().map((user) => [groupOfUser(user, groups), user]));
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
 * Returns the new users of a rotation.
 * @param users all existing users
 * @throws CredentialsError when the user to replace is ambiguous.
 */
export function assignSuccessors(
  host: Host,
  users: readonly string[],
  { old, group }: Rotation,
): UserAssignment & { readonly successors: readonly string[] } {
  const { groups } = host;
  if (!groups) {
    const successor = successorName(users, old, host.name);
    return { successors: [successor], userOfClient: () => successor };
  }
  const rotated =
    old === undefined ? (group === undefined ? groups : [group]) : [findGroupOfUser(host, users, old)];
  const byGroup = new Map(
    rotated.map((one) => [
      one,
      successorNameInGroup(
        one,
        users.filter((user) => groupOfUser(user, groups) === one),
      ),
    ]),
  );
  return {
    successors: [...byGroup.values()],
    userOfClient: (client) => (client.group === undefined ? undefined : byGroup.get(client.group)),
  };
}

function findGroupOfUser({ name, groups = [] }: Host, users: readonly string[], old: string): string {
  const group = users.includes(old) ? groupOfUser(old, groups) : undefined;
  if (group !== undefined) return group;
  throw new CredentialsError(
    `--user is ${old}, who is no user of a group of ${name}; there are: ${users.join(', ')}; choose one, or a ` +
      `group with --group: ${groups.join(', ')}`,
  );
}
