// Handles the request POST /forget. An operator sends it inside the pod of a filter after removing a malicious user, so
// that the data of this user is deleted immediately.
import { Refusal } from './server.mjs';

/**
 * Returns the query parameters of a request POST /forget. Returns `undefined` for all other requests.
 * @param {import('node:http').IncomingMessage} request
 * @returns {URLSearchParams | undefined}
 * @throws {Refusal} when the request was not sent inside the pod
 */
export function parseForgetRequest({ method, url = '', socket }) {
  const [path, query] = url.split('?', 2);
  if (path !== '/forget') return undefined;
  if (method !== 'POST') throw new Refusal(405, '/forget only accepts POST');
  const isOwn = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  if (!isOwn) throw new Refusal(403, '/forget only accepts requests from inside the pod');
  return new URLSearchParams(query);
}
