import type { Authentication } from './authentication';

/**
 * Returns the authentication with users and passwords (Basic Auth). All nodes, or all nodes of a group, use the
 * same user.
 */
export function basicAuth(): Authentication {
  return { passwords: true };
}
