import {
  assignSuccessorUsersToClients,
  assignUsersToClients,
  type NewUsers,
  type Rotation,
} from './assign-users';
import { CredentialsError } from './credentials-error';
import { type ClientSecret, formatSecretId, type HostWithSecrets, type ServerSecret } from './hosts';
import { createHtpasswdLine, type HtpasswdLine, type Login, userNamesOfHtpasswdLines } from './htpasswd';
import type { SecretManifest } from './manifest';
import { generatePassword } from './password';

/** A Secret to print, and the names of the users in it for messages. */
export interface UsersSecret {
  readonly manifest: SecretManifest;
  readonly users: readonly string[];
}

/** Result of a task of the command `credentials`: the Secrets to print, and notes for the person who runs the command. */
export interface CredentialsOutcome {
  /** Secrets of servers, then Secrets of clients: a server must know a user before clients push as this user. */
  readonly secrets: readonly UsersSecret[];
  /** Messages for standard error, without passwords. */
  readonly notes: readonly string[];
}

/** The htpasswd lines in the existing Secrets of servers, by Secret. */
export type ExistingUsers = ReadonlyMap<ServerSecret, readonly HtpasswdLine[]>;

/**
 * Creates the Secrets of hosts with new users. The new users replace all existing users of these Secrets.
 * @throws CredentialsError when a password would be generated for a host whose server is not part of the environment, or when
 * the users do not match the groups.
 */
export function createSecretsWithOnlyNewUsers(
  hosts: readonly HostWithSecrets[],
  given: NewUsers,
): CredentialsOutcome {
  const { password } = given;
  const ofHosts = hosts.map((host) => {
    if (password === undefined) requireServerOfHostInEnvironment(host);
    const { users, userOfClient } = assignUsersToClients(host, given);
    const logins = users.map((user) => ({ user, password: password ?? generatePassword() }));
    const clients = createClientSecretsForLogins(host.clients, logins, userOfClient);
    const usedNames = clients.flatMap((client) => client.users);
    const unused = logins.filter(({ user }) => !usedNames.includes(user));
    return {
      servers: createServerSecrets(host, logins),
      clients,
      unassigned: password === undefined ? createSecretsForUsersWithoutClient(host, unused) : [],
    };
  });
  return createCredentialsOutcome(ofHosts, [
    'these users replace all users in the Secrets; in a running environment, use --rotate instead, so that nodes keep access',
  ]);
}

/**
 * Returns the Secrets of a rotation: adds a new user to each host, or to each rotated group of the host, and gives the new
 * password to the clients. Existing users remain.
 * @throws CredentialsError when the user to replace is ambiguous or does not exist, or when the server of a host is not part of
 * the environment.
 */
export function createSecretsForUserRotation(
  hosts: readonly HostWithSecrets[],
  existing: ExistingUsers,
  rotation: Rotation,
): CredentialsOutcome {
  const notes: string[] = [];
  const ofHosts = hosts.map((host) => {
    requireServerOfHostInEnvironment(host);
    const users = [
      ...new Set(host.servers.flatMap((server) => userNamesOfHtpasswdLines(existing.get(server) ?? []))),
    ];
    const { successors, userOfClient } = assignSuccessorUsersToClients(host, users, rotation);
    const logins = successors.map((user) => ({ user, password: generatePassword() }));
    const clients = createClientSecretsForLogins(host.clients, logins, userOfClient);
    const usedNames = clients.flatMap((client) => client.users);
    notes.push(formatRotationNote(host, successors, users));
    return {
      servers: createServerSecrets(host, logins, existing),
      clients,
      unassigned: createSecretsForUsersWithoutClient(
        host,
        logins.filter(({ user }) => !usedNames.includes(user)),
      ),
    };
  });
  return createCredentialsOutcome(ofHosts, notes);
}

function formatRotationNote(
  { name }: HostWithSecrets,
  successors: readonly string[],
  users: readonly string[],
): string {
  const added =
    successors.length === 1 ? `added the user ${successors[0]}` : `added the users ${successors.join(', ')}`;
  const kept = users.length
    ? `the existing users (${users.join(', ')}) can log in until you remove each user with --retire`
    : 'the host has no other users';
  return `${name}: ${added}; ${kept}`;
}

/**
 * Removes a user from the Secrets of servers. Returns only the Secrets that contained the user.
 * @throws CredentialsError when no Secret contains the user, or when a Secret contains no other user.
 */
export function createServerSecretsWithUserRemoved(
  existing: ExistingUsers,
  user: string,
): CredentialsOutcome {
  const holders = [...existing].filter(([, lines]) => userNamesOfHtpasswdLines(lines).includes(user));
  if (!holders.length) {
    const there = [...existing].map(
      ([server, lines]) => `${formatSecretId(server)}: ${userNamesOfHtpasswdLines(lines).join(', ')}`,
    );
    throw new CredentialsError(`--retire is ${user}, which is not in any Secret; users: ${there.join('; ')}`);
  }
  const servers = holders.map(([server, lines]) => {
    const left = lines.filter((line) => line.user !== user);
    if (!userNamesOfHtpasswdLines(left).length) {
      throw new CredentialsError(
        `${user} is the only user in the Secret ${formatSecretId(server)}: add another user with --rotate --host ${server.host} first, or select another host with --host`,
      );
    }
    return createHtpasswdSecret(server, left);
  });
  return createCredentialsOutcome([{ servers, clients: [], unassigned: [] }], []);
}

/** The Secrets of a host. */
interface HostSecrets {
  readonly servers: readonly UsersSecret[];
  readonly clients: readonly UsersSecret[];
  /** One Secret for each user that no client uses. A person reads the password in this Secret to log in as the user. */
  readonly unassigned: readonly UsersSecret[];
}

function createCredentialsOutcome(
  hosts: readonly HostSecrets[],
  notes: readonly string[],
): CredentialsOutcome {
  const unassigned = hosts.flatMap((host) => host.unassigned);
  const secrets = [
    ...hosts.flatMap(({ servers }) => servers).sort(compareSecretsById),
    ...[...hosts.flatMap(({ clients }) => clients), ...unassigned].sort(compareSecretsById),
  ];
  const ids = secrets.map(({ manifest }) => formatSecretId(manifest.metadata));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice)
    throw new CredentialsError(`two Secrets would have the name ${twice}: use another user name in --user`);
  return { secrets, notes: [...notes, ...unassigned.map(formatNoteAboutUserWithoutClient)] };
}

function compareSecretsById(one: UsersSecret, other: UsersSecret): number {
  return formatSecretId(one.manifest.metadata) < formatSecretId(other.manifest.metadata) ? -1 : 1;
}

/**
 * Throws if the server of a host is not part of the environment. A server outside of the environment would reject a
 * generated password.
 */
function requireServerOfHostInEnvironment({ name, servers }: HostWithSecrets): void {
  if (servers.length) return;
  throw new CredentialsError(
    `this environment does not contain the server behind the host ${name}, and this server must know the password: get a user and password from the administrator of the server, and pipe the password to the command with --host ${name} --user NAME --password-stdin`,
  );
}

function createServerSecrets(
  host: HostWithSecrets,
  logins: readonly Login[],
  existing?: ExistingUsers,
): UsersSecret[] {
  return host.servers.map((server) =>
    createHtpasswdSecret(server, [
      ...(existing?.get(server) ?? []),
      ...logins.map((login) => createHtpasswdLine(login, server.format.hash)),
    ]),
  );
}

/** Returns the Secrets of the clients whose user is in `logins`. Omits all other clients, which keep their Secrets. */
function createClientSecretsForLogins(
  clients: readonly ClientSecret[],
  logins: readonly Login[],
  userOf: (client: ClientSecret) => string | undefined,
): UsersSecret[] {
  return clients.flatMap((client) => {
    const login = logins.find(({ user }) => user === userOf(client));
    return login ? [createBasicAuthSecret(client, login)] : [];
  });
}

/**
 * Returns one Secret for each of the given users. No client uses these users. The Secret contains the user name and the
 * password, because servers store only the hash of a password. Returns an empty list if the server of the host is not
 * part of the environment.
 */
function createSecretsForUsersWithoutClient(
  { servers: [server] }: HostWithSecrets,
  logins: readonly Login[],
): UsersSecret[] {
  if (!server) return [];
  return logins.map((login) => {
    const suffix = login.user.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const name = `${server.name}-${suffix}`.replace(/-+$/, '');
    return createBasicAuthSecret({ namespace: server.namespace, name }, login);
  });
}

function formatNoteAboutUserWithoutClient({ manifest, users }: UsersSecret): string {
  const id = formatSecretId(manifest.metadata);
  return `no client uses the password of the user ${users}: read the password from the Secret ${id}, give the password to the person who logs in as this user, and delete the Secret`;
}

function createHtpasswdSecret(server: ServerSecret, lines: readonly HtpasswdLine[]): UsersSecret {
  const { key, type = 'Opaque' } = server.format;
  const file = lines.map(({ text }) => `${text}\n`).join('');
  return {
    manifest: createSecretManifest(server, type, { [key]: file }),
    users: userNamesOfHtpasswdLines(lines),
  };
}

function createBasicAuthSecret(client: Pick<ClientSecret, 'namespace' | 'name'>, login: Login): UsersSecret {
  const stringData = { username: login.user, password: login.password };
  return {
    manifest: createSecretManifest(client, 'kubernetes.io/basic-auth', stringData),
    users: [login.user],
  };
}

function createSecretManifest(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  type: string,
  stringData: Readonly<Record<string, string>>,
): SecretManifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, stringData };
}
