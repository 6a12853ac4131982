// What somebody does in a filter's pod after a hostile user was removed: what that user left behind goes at once.
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
