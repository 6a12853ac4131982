// Handles the request POST /forget. After removing a malicious user, an operator sends this request from inside the
// pod of a filter. The filter then deletes the data of this user immediately.
import { Refusal } from './server.mjs';

/**
 * Returns the query parameters of a `POST /forget` request. Returns `undefined` for requests with another path.
 * @param {import('node:http').IncomingMessage} request
 * @returns {URLSearchParams | undefined}
 * @throws {Refusal} when a request for /forget is not a POST, or does not come from inside the pod
 */
export function parseForgetRequestQuery({ method, url = '', socket }) {
  const [path, query] = url.split('?', 2);
  if (path !== '/forget') return undefined;
  if (method !== 'POST') throw new Refusal(405, '/forget only accepts POST');
  const isOwn = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  if (!isOwn) throw new Refusal(403, '/forget only accepts requests from inside the pod');
  return new URLSearchParams(query);
}
