// Handles the request that an operator sends inside a filter's pod after removing a malicious user, so that the data of
// that user is deleted at once.
import { Refusal } from './server.mjs';

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {URLSearchParams | undefined} what is to be forgotten, where the request says so
 * @throws {Refusal} where it does not come from the pod itself
 */
export function parseForgetRequest({ method, url = '', socket }) {
  const [path, query] = url.split('?', 2);
  if (path !== '/forget') return undefined;
  if (method !== 'POST') throw new Refusal(405, 'only POST forgets');
  const isOwn = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  if (!isOwn) throw new Refusal(403, 'only from inside of the pod');
  return new URLSearchParams(query);
}
