import type { Authentication } from './authentication';

/** Users and their passwords, by Basic Auth: all nodes, or all nodes of a group, have one. */
export function basicAuth(): Authentication {
  return { passwords: true };
}
