import { CredentialsError } from './credentials-error';

/** A node that pushed recently, and its user. */
export interface Pusher {
  readonly user: string;
  readonly node: string;
}

/** Maximum number of names in a message; the file contains all. */
const MAX_NAMES = 20;

/** A successful push in the common log format, with which lines of ingress-nginx and the guard start. */
const PUSH = /(?:^|\s)(\S+) - (\S+) \[[^\]]*\] "(?:PUT|POST) (\S+)[^"]*" 2\d\d\b/;

/** Path element of the push sidecar with the node's name. */
const NODE = /\/hostname(?<base64>@base64)?\/(?<name>[^/]+)/;

/**
 * Parses an access log of the ingress controller or the guard for nodes that pushed recently. Other lines are
 * ignored. Pushes without a node's name, such as logs, are identified by their address.
 */
export function parseRecentPushers(accessLog: string): Pusher[] {
  return accessLog.split('\n').flatMap((line) => {
    const [, address, user, path] = PUSH.exec(line) ?? [];
    if (address === undefined || user === undefined || path === undefined) return [];
    return [{ user, node: nodeOfPath(path) ?? address }];
  });
}

function nodeOfPath(path: string): string | undefined {
  const { base64, name } = NODE.exec(path)?.groups ?? {};
  return base64 && name ? Buffer.from(name, 'base64url').toString() : name;
}

/**
 * Refuses to retire a user whose credentials nodes still use.
 * @throws CredentialsError that lists the nodes.
 */
export function requireUnusedUser(user: string, pushers: readonly Pusher[]): void {
  if (!pushers.length) {
    throw new CredentialsError(
      '--access-log has no push at all, which looks like the log of something else rather than a fleet that ' +
        'changed over: get a new access log (see docs/secrets.md), or use --force',
    );
  }
  const nodes = nodesOfUser(user, pushers);
  if (nodes.length) {
    throw new CredentialsError(
      `${nodes.length === 1 ? '1 node pushes' : `${nodes.length} nodes push`} with ${user}: ` +
        `${abbreviateNodes(nodes)}; wait until they use the new credentials, or use --force to cut them off`,
    );
  }
}

/** Returns the nodes that lose access when a user is retired anyway. */
export function lostAccessNote(user: string, pushers: readonly Pusher[] | undefined): string {
  if (!pushers) return `cut off with ${user}: unknown, since --access-log was not given`;
  return `cut off with ${user}: ${abbreviateNodes(nodesOfUser(user, pushers)) || 'no node'}`;
}

function nodesOfUser(user: string, pushers: readonly Pusher[]): string[] {
  return [...new Set(pushers.filter((pusher) => pusher.user === user).map(({ node }) => node))].sort();
}

function abbreviateNodes(nodes: readonly string[]): string {
  const more = nodes.length - MAX_NAMES;
  return nodes.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
