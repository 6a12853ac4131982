import { groupOfUser } from '../../core/groups';
import { CredentialsError } from './credentials-error';
import type { ClientSecret, HostWithSecrets } from './hosts';
import { successorUserName, successorUserNameInGroup } from './htpasswd';

/** Users to create, and the user whose password clients get. */
export interface NewUsers {
  /** User names. @default - `edge`; with groups, a user for each group, with the name of the group */
  readonly users?: readonly string[];
  /** The user whose password clients get, one of `users`. @default - the first user; with groups, the user of the client's group */
  readonly clientUser?: string;
  /** Password of all new users. @default - each user of each host gets its own random password */
  readonly password?: string;
}

/** Options of a rotation: the user to replace, or the node group to which a user is added. */
export interface Rotation {
  /**
   * The user to replace, such as `edge`. Required if the host has users with different base names. The users `edge` and
   * `edge-2` have the same base name.
   * @default - the user of the host; with groups, the users of the groups that `group` selects
   */
  readonly old?: string;
  /** Node group to which a user is added. For example, `north` gets the user `north-2`. @default - every group */
  readonly group?: string;
}

/** The assignment of users to the clients of a host. */
interface UserAssignment {
  /** Returns the name of the user whose password a client gets. Returns `undefined` if the client keeps its password. */
  readonly userOfClient: (client: ClientSecret) => string | undefined;
}

const DEFAULT_USER = 'edge';

/**
 * Returns the users to create for a host, and assigns a user to each client.
 * @throws CredentialsError for a host without groups, when `clientUser` is not one of the users. For a host with groups
 * in these cases:
 * - `clientUser` is set
 * - a user belongs to no group
 * - a group has no user, and the server of the host is part of the environment
 */
export function assignUsersToClients(
  host: HostWithSecrets,
  given: NewUsers,
): UserAssignment & { readonly users: readonly string[] } {
  const users = given.users ?? host.groups ?? [DEFAULT_USER];
  if (host.groups)
    return { users, userOfClient: assignUsersToClientsByGroup(host, host.groups, users, given) };
  const { clientUser = users[0] } = given;
  if (clientUser === undefined || !users.includes(clientUser)) {
    throw new CredentialsError(`--client-user is ${clientUser}; allowed: ${users.join(', ')}`);
  }
  return { users, userOfClient: () => clientUser };
}

function assignUsersToClientsByGroup(
  { name, servers }: HostWithSecrets,
  groups: readonly string[],
  users: readonly string[],
  { clientUser }: NewUsers,
): UserAssignment['userOfClient'] {
  if (clientUser !== undefined) {
    throw new CredentialsError(
      `--client-user is ${clientUser}, but the host ${name} has groups, and each client uses the user of its group: remove --client-user`,
    );
  }
  const stranger = users.find((user) => groupOfUser(user, groups) === undefined);
  if (stranger !== undefined) {
    throw new CredentialsError(
      `--user is ${stranger}, which does not belong to a group of the host ${name}; allowed: the name of a group (${groups.join(', ')}), or the name and a number, such as ${groups[0]}-2`,
    );
  }
  const byGroup = new Map(users.toReversed().map((user) => [groupOfUser(user, groups), user]));
  const alone = groups.filter((group) => !byGroup.has(group));
  if (servers.length && alone.length) {
    throw new CredentialsError(
      `no --user belongs to these groups: ${alone.join(', ')}; their nodes could not push to the host ${name}: add a --user for each group, or remove --user to create a user for every group`,
    );
  }
  return ({ group }) => byGroup.get(group);
}

/**
 * Returns the names of the new users of a rotation, and assigns the new users to the clients of a host. With groups, only the
 * clients of rotated groups get a new user.
 * @param users names of all existing users of the host
 * @throws CredentialsError when the user to replace is ambiguous or does not exist.
 */
export function assignSuccessorUsersToClients(
  host: HostWithSecrets,
  users: readonly string[],
  { old, group }: Rotation,
): UserAssignment & { readonly successors: readonly string[] } {
  const { groups } = host;
  if (!groups) {
    const successor = successorUserName(users, old, host.name);
    return { successors: [successor], userOfClient: () => successor };
  }
  const rotated =
    old === undefined ? (group === undefined ? groups : [group]) : [requireGroupOfUser(host, users, old)];
  const byGroup = new Map(
    rotated.map((one) => [
      one,
      successorUserNameInGroup(
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

/** Returns the group of an existing user. @throws CredentialsError when the user does not exist, or belongs to no group. */
function requireGroupOfUser(
  { name, groups = [] }: HostWithSecrets,
  users: readonly string[],
  old: string,
): string {
  const group = users.includes(old) ? groupOfUser(old, groups) : undefined;
  if (group !== undefined) return group;
  throw new CredentialsError(
    `--user is ${old}, but no group of the host ${name} has this user; allowed: ${users.join(', ')}; or use --group with one of these groups: ${groups.join(', ')}`,
  );
}
