// HTTP handler of the node filter. The guard verifies the client's certificate and sends its node name in a
// header; the node filter sets the labels of the push, and forwards it to Loki.
import { Room } from '../../../programs/room.mjs';
import { createDisconnectSignal, Refusal, readBody, respond } from '../../../programs/server.mjs';
import { logProblem } from '../../../programs/state-log.mjs';
import { relayResponse, Upstream } from '../../../programs/upstream.mjs';
import { replaceLabels } from './push-request.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

/** Value of the group header for a node that belongs to no group. */
const NO_GROUP = '-';

const ANSWER_MS = 55_000;

/**
 * Maximum total size of request bodies in memory, in bytes: those received from clients, and those sent to
 * Loki. Each body stays in memory until Loki has responded. Most bodies have a few kB.
 */
const HELD_BYTES = 48 * 2 ** 20;

export class NodeFilter {
  #loki;
  #nodeHeader;
  #groupHeader;
  #longest;
  #room = new Room(HELD_BYTES);

  /** Creates the filter from environment variables. @param {NodeJS.ProcessEnv} environment */
  constructor({ LOKI_PORT = '', NODE_HEADER = '', GROUP_HEADER = '', LARGEST_PUSH = '' }) {
    this.#loki = new Upstream('Loki', { port: Number(LOKI_PORT), answerMs: ANSWER_MS });
    this.#nodeHeader = NODE_HEADER.toLowerCase();
    this.#groupHeader = GROUP_HEADER.toLowerCase();
    this.#longest = Number(LARGEST_PUSH);
  }

  /**
   * Forwards a push to Loki, or responds to a readiness probe.
   * @param {Request} request @param {Response} response
   */
  handleRequest = async (request, response) => {
    try {
      if (request.url === '/ready') return respond(response, 200, 'ready\n');
      await this.#room.runWithReservedMemory((take) => this.#forwardPush(request, response, take));
    } catch (error) {
      this.#respondWithError(response, error);
    }
  };

  /**
   * Returns the labels to set for a node. The group is included only if the guard sent it, which it does if
   * Kubernetes node labels define groups.
   * @param {string} node
   * @param {Request['headers']} headers
   * @returns {Record<string, string>}
   */
  #certifiedLabels(node, headers) {
    const group = headers[this.#groupHeader];
    if (!group) return { node };
    return { node, group: group === NO_GROUP ? '' : `${group}` };
  }

  /**
   * Forwards a push to Loki.
   * @param {Request} request
   * @param {Response} response
   * @param {(bytes: number) => void} take reserves memory for a body; throws if too much is in use
   */
  async #forwardPush(request, response, take) {
    const { method = '', url: path = '', headers } = request;
    const signal = createDisconnectSignal(response);
    const body = await readBody(request, this.#longest, take);
    const push = { type: headers['content-type'], encoding: headers['content-encoding'], body };
    const node = headers[this.#nodeHeader];
    // If passwords are also allowed, some clients have no certificate. Their pushes are forwarded unchanged.
    const sent = node ? replaceLabels(this.#certifiedLabels(`${node}`, headers), push, this.#longest) : push;
    if (node) take(sent.body.length);
    const answer = await this.#loki.sendRequest({
      method,
      path,
      headers: contentHeaders(sent),
      body: sent.body,
      signal,
    });
    relayResponse(answer, response);
  }

  /**
   * Responds to a request that failed or was rejected. Logs errors that are defects.
   * @param {Response} response @param {any} error
   */
  #respondWithError(response, error) {
    if (!(error instanceof Refusal)) logProblem(`${error.stack}`);
    if (!response.destroyed) respond(response, error.status ?? 500, `${error.message}\n`);
  }
}

/**
 * Returns the request headers that describe the body of a push.
 * @param {import('./push-request.mjs').Push} push
 */
const contentHeaders = ({ type, encoding, body }) => ({
  'Content-Length': body.length,
  ...(type && { 'Content-Type': type }),
  ...(encoding && { 'Content-Encoding': encoding }),
});
