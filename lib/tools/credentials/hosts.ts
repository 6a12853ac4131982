import type { RequiredSecret } from '../../contracts/credentials';
import { CredentialsError } from './credentials-error';

/** A Secret with the users of a host. */
export type ServerSecret = RequiredSecret & { readonly side: 'server' };

/** A Secret with the credentials that a client of a host uses. */
export type ClientSecret = RequiredSecret & { readonly side: 'client' };

/** A public host and the Secrets that have to agree about its users. */
export interface Host {
  readonly name: string;
  readonly servers: readonly ServerSecret[];
  readonly clients: readonly ClientSecret[];
  /** Groups of nodes that each push as a user of their name. @default - users have any name */
  readonly groups?: readonly string[];
}

/**
 * What an environment needs, host by host, each Secret once, in an order that does not depend on who asked
 * for what first.
 *
 * @throws CredentialsError when one Secret would have to hold two different things.
 */
export function hostsOf(required: readonly RequiredSecret[]): Host[] {
  const secrets = [...unique(required).values()].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const names = [...new Set(secrets.map(({ host }) => host))].sort();
  return names.map((name) => {
    const ofHost = secrets.filter(({ host }) => host === name);
    const servers = ofHost.filter((secret): secret is ServerSecret => secret.side === 'server');
    const clients = ofHost.filter((secret): secret is ClientSecret => secret.side === 'client');
    return { name, servers, clients, groups: groupsOf(servers, clients) };
  });
}

/** A Secret's namespace and name, as messages show it. */
export function idOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** What the server says or, where that is elsewhere, the groups of the clients that are here. */
function groupsOf(servers: readonly ServerSecret[], clients: readonly ClientSecret[]): string[] | undefined {
  const groups = servers.length
    ? servers.flatMap((server) => server.groups ?? [])
    : clients.flatMap(({ group }) => group ?? []);
  return groups.length ? [...new Set(groups)].sort() : undefined;
}

function unique(required: readonly RequiredSecret[]): Map<string, RequiredSecret> {
  const secrets = new Map<string, RequiredSecret>();
  for (const secret of required) {
    const id = idOf(secret);
    const other = secrets.get(id) ?? secret;
    if (contentOf(other) !== contentOf(secret)) {
      throw new CredentialsError(
        `Secret ${id} would hold the ${contentOf(other)} and the ${contentOf(secret)}: ` +
          'give each a name of its own in the settings',
      );
    }
    secrets.set(id, secret);
  }
  return secrets;
}

function contentOf(secret: RequiredSecret): string {
  if (secret.side === 'client') {
    return `credentials of clients of ${secret.host}${secret.group ? ` in group ${secret.group}` : ''}`;
  }
  const { key, hash, type = 'Opaque' } = secret.format;
  return `users of ${secret.host} (type ${type}, key ${key}, ${hash})`;
}
