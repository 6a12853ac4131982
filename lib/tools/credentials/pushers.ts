import { CredentialsError } from './credentials-error';

/** A push in an access log: the node, and the user that the node pushed with. */
export interface LoggedPush {
  readonly user: string;
  /** Name of the node, or its IP address if the request does not contain the name. */
  readonly node: string;
}

/** Maximum number of node names in a message. */
const MAX_NAMES = 20;

/**
 * Matches the log line of a successful push in the common log format, which ingress-nginx and the guard (nginx) write.
 */
const PUSH = /(?:^|\s)(\S+) - (\S+) \[[^\]]*\] "(?:PUT|POST) (\S+)[^"]*" 2\d\d\b/;

/**
 * Matches the part of a request path for the Pushgateway that contains the name of the node, such as
 * `/hostname/edge-1`.
 */
const NODE = /\/hostname(?<base64>@base64)?\/(?<name>[^/]+)/;

/**
 * Parses an access log of the ingress controller or the guard, and returns the node and user of each successful push.
 * Ignores other lines. Returns the IP address as `node` if the path of a push does not contain the name of the node,
 * for example if the node pushes logs.
 */
export function parsePushesInAccessLog(accessLog: string): LoggedPush[] {
  return accessLog.split('\n').flatMap((line) => {
    const [, address, user, path] = PUSH.exec(line) ?? [];
    if (address === undefined || user === undefined || path === undefined) return [];
    return [{ user, node: nodeNameInPushPath(path) ?? address }];
  });
}

function nodeNameInPushPath(path: string): string | undefined {
  const { base64, name } = NODE.exec(path)?.groups ?? {};
  return base64 && name ? Buffer.from(name, 'base64url').toString() : name;
}

/**
 * Throws if nodes still push with a user that is to be removed.
 * @throws CredentialsError when nodes still push with the user, or when the access log contains no successful pushes.
 * The message names the nodes.
 */
export function requireUnusedUser(user: string, pushers: readonly LoggedPush[]): void {
  if (!pushers.length) {
    throw new CredentialsError(
      '--access-log contains no successful push of any node, so it is probably not the log of the ingress controller or the guard: get a new access log (see docs/secrets.md), or use --force',
    );
  }
  const nodes = nodesThatPushAsUser(user, pushers);
  if (nodes.length) {
    throw new CredentialsError(
      `${nodes.length === 1 ? '1 node still pushes' : `${nodes.length} nodes still push`} with the user ${user}: ${abbreviateNodeList(nodes)}; wait until these nodes use the new password, or use --force to remove the user anyway`,
    );
  }
}

/** Returns a note with the nodes that lose access because a user is removed. Without `pushers`, the nodes are unknown. */
export function formatLostAccessNote(user: string, pushers: readonly LoggedPush[] | undefined): string {
  const prefix = `nodes that lose access because the user ${user} is removed`;
  if (!pushers) return `${prefix}: unknown, because --access-log is not given`;
  return `${prefix}: ${abbreviateNodeList(nodesThatPushAsUser(user, pushers)) || 'none'}`;
}

function nodesThatPushAsUser(user: string, pushers: readonly LoggedPush[]): string[] {
  return [...new Set(pushers.filter((pusher) => pusher.user === user).map(({ node }) => node))].sort();
}

function abbreviateNodeList(nodes: readonly string[]): string {
  const more = nodes.length - MAX_NAMES;
  return nodes.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
