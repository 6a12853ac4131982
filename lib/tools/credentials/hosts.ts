import type { RequiredSecret } from '../../contracts/credentials';
import { CredentialsError } from './credentials-error';

/** A Secret with the users of a host and the hashes of their passwords, for the server of the host. */
export type ServerSecret = RequiredSecret & { readonly side: 'server' };

/** A Secret with a user name and password, for a client of a host. */
export type ClientSecret = RequiredSecret & { readonly side: 'client' };

/** A public host, and the Secrets of its server and of its clients. The users in these Secrets must match. */
export interface HostWithSecrets {
  readonly name: string;
  readonly servers: readonly ServerSecret[];
  readonly clients: readonly ClientSecret[];
  /**
   * Node groups. The users of the group `north` are `north`, `north-2`, `north-3`, and so on.
   * @default - the host has no groups, and any user name is allowed
   */
  readonly groups?: readonly string[];
}

/**
 * Groups the Secrets of an environment by host, without duplicates and in a stable order.
 * @throws CredentialsError when two components use the same Secret for different contents.
 */
export function groupSecretsByHost(required: readonly RequiredSecret[]): HostWithSecrets[] {
  const secrets = [...mergeSecretsById(required).values()].sort((one, other) =>
    formatSecretId(one) < formatSecretId(other) ? -1 : 1,
  );
  const names = [...new Set(secrets.map(({ host }) => host))].sort();
  return names.map((name) => {
    const ofHost = secrets.filter(({ host }) => host === name);
    const servers = ofHost.filter((secret): secret is ServerSecret => secret.side === 'server');
    const clients = ofHost.filter((secret): secret is ClientSecret => secret.side === 'client');
    return { name, servers, clients, groups: nodeGroupsOfPublicHost(servers, clients) };
  });
}

/** Returns the namespace and name of a Secret for messages, such as `monitoring/push-users`. */
export function formatSecretId({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${namespace}/${name}`;
}

/**
 * Returns the node groups of a host: the groups of its server, or the groups of its clients if the server is not part of the
 * environment. Returns `undefined` if the host has no groups.
 */
function nodeGroupsOfPublicHost(
  servers: readonly ServerSecret[],
  clients: readonly ClientSecret[],
): string[] | undefined {
  const groups = servers.length
    ? servers.flatMap((server) => server.groups ?? [])
    : clients.flatMap(({ group }) => group ?? []);
  return groups.length ? [...new Set(groups)].sort() : undefined;
}

/**
 * Returns the required Secrets by their ID, such as `monitoring/push-users`.
 * @throws CredentialsError when components require different content for the same Secret.
 */
function mergeSecretsById(required: readonly RequiredSecret[]): Map<string, RequiredSecret> {
  const secrets = new Map<string, RequiredSecret>();
  for (const secret of required) {
    const id = formatSecretId(secret);
    const other = secrets.get(id) ?? secret;
    if (describeSecretContent(other) !== describeSecretContent(secret)) {
      throw new CredentialsError(
        `two components use the Secret ${id}, one for the ${describeSecretContent(other)}, and one for the ${describeSecretContent(secret)}: set different names in the settings`,
      );
    }
    secrets.set(id, secret);
  }
  return secrets;
}

function describeSecretContent(secret: RequiredSecret): string {
  if (secret.side === 'client') {
    return `credentials of clients of ${secret.host}${secret.group ? ` in group ${secret.group}` : ''}`;
  }
  const { key, hash, type = 'Opaque' } = secret.format;
  return `users of ${secret.host} (type ${type}, key ${key}, ${hash})`;
}
