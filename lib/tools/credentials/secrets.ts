import { CredentialsError } from './credentials-error';
import { type ClientSecret, type Host, type ServerSecret, secretId } from './hosts';
import { createHtpasswdLine, type HtpasswdLine, type Login, userNamesOf } from './htpasswd';
import type { SecretManifest } from './manifest';
import { assignSuccessors, assignUsers, type NewUsers, type Rotation } from './members';
import { generatePassword } from './password';

/** A Secret to print, and the names of its users for messages. */
export interface UsersSecret {
  readonly manifest: SecretManifest;
  readonly users: readonly string[];
}

/** Result of a task. */
export interface Outcome {
  /** Secrets, servers first: they must know a user before its clients do. */
  readonly secrets: readonly UsersSecret[];
  /** Messages for the caller, which contain no secrets. */
  readonly notes: readonly string[];
}

/** Current users of server Secrets. */
export type ExistingUsers = ReadonlyMap<ServerSecret, readonly HtpasswdLine[]>;

/**
 * Creates Secrets with only new users.
 * @throws CredentialsError when a password would not reach the server, when one password is given for several
 * users, or when users do not match the groups.
 */
export function createSecrets(hosts: readonly Host[], given: NewUsers): Outcome {
  const { password } = given;
  const ofHosts = hosts.map((host) => {
    if (password === undefined) requireServerSecret(host);
    const { users, userOfClient } = assignUsers(host, given);
    const logins = users.map((user) => ({ user, password: password ?? generatePassword() }));
    const clients = renderClientSecrets(host.clients, logins, userOfClient);
    const usedNames = clients.flatMap((client) => client.users);
    const unused = logins.filter(({ user }) => !usedNames.includes(user));
    return {
      servers: renderServerSecrets(host, logins),
      clients,
      unassigned: password === undefined ? renderUnassignedLogins(host, unused) : [],
    };
  });
  return secretsOutcome(ofHosts, [
    'these users replace all users of the Secrets: for a running environment, use --rotate instead',
  ]);
}

/**
 * Adds a user for each host, or for each of its groups, which its clients will use.
 * @throws CredentialsError when the user to replace is ambiguous, or the server's Secret is elsewhere.
 */
export function addSuccessors(hosts: readonly Host[], existing: ExistingUsers, rotation: Rotation): Outcome {
  const notes: string[] = [];
  const ofHosts = hosts.map((host) => {
    requireServerSecret(host);
    const users = [...new Set(host.servers.flatMap((server) => userNamesOf(existing.get(server) ?? [])))];
    const { successors, userOfClient } = assignSuccessors(host, users, rotation);
    const logins = successors.map((user) => ({ user, password: generatePassword() }));
    const clients = renderClientSecrets(host.clients, logins, userOfClient);
    const usedNames = clients.flatMap((client) => client.users);
    notes.push(rotationNote(host, successors, users));
    return {
      servers: renderServerSecrets(host, logins, existing),
      clients,
      unassigned: renderUnassignedLogins(
        host,
        logins.filter(({ user }) => !usedNames.includes(user)),
      ),
    };
  });
  return secretsOutcome(ofHosts, notes);
}

function rotationNote({ name }: Host, successors: readonly string[], users: readonly string[]): string {
  const are = successors.length === 1 ? 'is' : 'are';
  const stay = users.length ? `${users.join(', ')} may log in until --retire` : 'no other user may log in';
  return `${name}: ${successors.join(', ')} ${are} new; ${stay}`;
}

/**
 * Returns the server Secrets without a user.
 * @throws CredentialsError when no user has that name, or no user would be left.
 */
export function removeUser(existing: ExistingUsers, user: string): Outcome {
  const holders = [...existing].filter(([, lines]) => userNamesOf(lines).includes(user));
  if (!holders.length) {
    const there = [...existing].map(
      ([server, lines]) => `${secretId(server)}: ${userNamesOf(lines).join(', ')}`,
    );
    throw new CredentialsError(`--retire is ${user}, whom no Secret has; there are: ${there.join('; ')}`);
  }
  const servers = holders.map(([server, lines]) => {
    const left = lines.filter((line) => line.user !== user);
    if (!userNamesOf(left).length) {
      throw new CredentialsError(
        `${user} is the only user of ${secretId(server)}: add another one with --rotate --host ${server.host}, ` +
          'or choose another host with --host',
      );
    }
    return renderServerSecret(server, left);
  });
  return secretsOutcome([{ servers, clients: [], unassigned: [] }], []);
}

/** The Secrets of a host. */
interface HostSecrets {
  readonly servers: readonly UsersSecret[];
  readonly clients: readonly UsersSecret[];
  readonly unassigned: readonly UsersSecret[];
}

function secretsOutcome(hosts: readonly HostSecrets[], notes: readonly string[]): Outcome {
  const unassigned = hosts.flatMap((host) => host.unassigned);
  const secrets = [
    ...hosts.flatMap(({ servers }) => servers).sort(compareById),
    ...[...hosts.flatMap(({ clients }) => clients), ...unassigned].sort(compareById),
  ];
  const ids = secrets.map(({ manifest }) => secretId(manifest.metadata));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice) throw new CredentialsError(`two Secrets would have the name ${twice}: use another --user`);
  return { secrets, notes: [...notes, ...unassigned.map(unassignedLoginNote)] };
}

function compareById(one: UsersSecret, other: UsersSecret): number {
  return secretId(one.manifest.metadata) < secretId(other.manifest.metadata) ? -1 : 1;
}

/** A password that is created for clients only would be unknown to a server elsewhere. */
function requireServerSecret({ name, servers }: Host): void {
  if (servers.length) return;
  throw new CredentialsError(
    `the users of ${name} are managed outside of this environment: get a user and password from there, and ` +
      `pipe it to: --host ${name} --user NAME --password-stdin`,
  );
}

function renderServerSecrets(host: Host, logins: readonly Login[], existing?: ExistingUsers): UsersSecret[] {
  return host.servers.map((server) =>
    renderServerSecret(server, [
      ...(existing?.get(server) ?? []),
      ...logins.map((login) => createHtpasswdLine(login, server.format.hash)),
    ]),
  );
}

/** Returns the Secrets of the clients that use one of these users; those of others stay unchanged. */
function renderClientSecrets(
  clients: readonly ClientSecret[],
  logins: readonly Login[],
  userOf: (client: ClientSecret) => string | undefined,
): UsersSecret[] {
  return clients.flatMap((client) => {
    const login = logins.find(({ user }) => user === userOf(client));
    return login ? [renderClientSecret(client, login)] : [];
  });
}

/** Makes every created password readable: if no client uses it, it is printed next to the users. */
function renderUnassignedLogins({ servers: [server] }: Host, logins: readonly Login[]): UsersSecret[] {
  if (!server) return [];
  return logins.map((login) => {
    const suffix = login.user.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const name = `${server.name}-${suffix}`.replace(/-+$/, '');
    return renderClientSecret({ namespace: server.namespace, name }, login);
  });
}

function unassignedLoginNote({ manifest, users }: UsersSecret): string {
  const id = secretId(manifest.metadata);
  return `no client uses the password of ${users}: read it from ${id}, pass it on, and delete that Secret`;
}

function renderServerSecret(server: ServerSecret, lines: readonly HtpasswdLine[]): UsersSecret {
  const { key, type = 'Opaque' } = server.format;
  const file = lines.map(({ text }) => `${text}\n`).join('');
  return { manifest: secretManifest(server, type, { [key]: file }), users: userNamesOf(lines) };
}

function renderClientSecret(client: Pick<ClientSecret, 'namespace' | 'name'>, login: Login): UsersSecret {
  const stringData = { username: login.user, password: login.password };
  return { manifest: secretManifest(client, 'kubernetes.io/basic-auth', stringData), users: [login.user] };
}

function secretManifest(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  type: string,
  stringData: Readonly<Record<string, string>>,
): SecretManifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, stringData };
}
