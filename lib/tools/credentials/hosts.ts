import type { RequiredSecret } from '../../contracts/credentials';
import { CredentialsError } from './credentials-error';

/** A Secret with the users of a host. */
export type ServerSecret = RequiredSecret & { readonly side: 'server' };

/** A Secret with the credentials of a host's client. */
export type ClientSecret = RequiredSecret & { readonly side: 'client' };

/** A public host, and the Secrets that must agree on its users. */
export interface Host {
  readonly name: string;
  readonly servers: readonly ServerSecret[];
  readonly clients: readonly ClientSecret[];
  /** Node groups that each have a user of the same name. @default - user names are free */
  readonly groups?: readonly string[];
}

/**
 * Groups an environment's Secrets by host, without duplicates and in a stable order.
 * @throws CredentialsError when a Secret would need two different contents.
 */
export function groupSecretsByHost(required: readonly RequiredSecret[]): Host[] {
  const secrets = [...mergeEqualSecrets(required).values()].sort((one, other) =>
    secretId(one) < secretId(other) ? -1 : 1,
  );
  const names = [...new Set(secrets.map(({ host }) => host))].sort();
  return names.map((name) => {
    const ofHost = secrets.filter(({ host }) => host === name);
    const servers = ofHost.filter((secret): secret is ServerSecret => secret.side === 'server');
    const clients = ofHost.filter((secret): secret is ClientSecret => secret.side === 'client');
    return { name, servers, clients, groups: groupsOfHost(servers, clients) };
  });
}

/** Returns a Secret's namespace and name for messages. */
export function secretId({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** Returns the groups of the server or, if it is elsewhere, those of the clients. */
function groupsOfHost(
  servers: readonly ServerSecret[],
  clients: readonly ClientSecret[],
): string[] | undefined {
  const groups = servers.length
    ? servers.flatMap((server) => server.groups ?? [])
    : clients.flatMap(({ group }) => group ?? []);
  return groups.length ? [...new Set(groups)].sort() : undefined;
}

function mergeEqualSecrets(required: readonly RequiredSecret[]): Map<string, RequiredSecret> {
  const secrets = new Map<string, RequiredSecret>();
  for (const secret of required) {
    const id = secretId(secret);
    const other = secrets.get(id) ?? secret;
    if (describeContent(other) !== describeContent(secret)) {
      throw new CredentialsError(
        `Secret ${id} would contain the ${describeContent(other)} and the ${describeContent(secret)}: ` +
          'set different names in the settings',
      );
    }
    secrets.set(id, secret);
  }
  return secrets;
}

function describeContent(secret: RequiredSecret): string {
  if (secret.side === 'client') {
    return `credentials of clients of ${secret.host}${secret.group ? ` in group ${secret.group}` : ''}`;
  }
  const { key, hash, type = 'Opaque' } = secret.format;
  return `users of ${secret.host} (type ${type}, key ${key}, ${hash})`;
}
