// HTTP handler of the node filter. The guard verifies the client's certificate, and sends the node name in the
// certificate as a header. The node filter sets the labels of the push, and forwards the push to Loki.
import { MemoryBudget } from '../../../programs/memory-budget.mjs';
import { createDisconnectSignal, Refusal, readRequestBody, sendResponse } from '../../../programs/server.mjs';
import { logProblemIfNew } from '../../../programs/state-log.mjs';
import { relayResponse, Upstream } from '../../../programs/upstream.mjs';
import { replaceLabelsInPush } from './push-request.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

/** Value of the group header for a node that belongs to no group. */
const NO_GROUP = '-';

const ANSWER_MS = 55_000;

/**
 * Maximum total size of request bodies in memory, in bytes: bodies from clients, and bodies that are sent to Loki. Each
 * body stays in memory until Loki has responded. Most bodies have a few kB.
 */
const HELD_BYTES = 48 * 2 ** 20;

/** HTTP server that forwards pushes to Loki. Sets the labels `node` and `group` if the client has a certificate. */
export class NodeFilter {
  #loki;
  #nodeHeader;
  #groupHeader;
  #longest;
  #memory = new MemoryBudget(HELD_BYTES);

  /**
   * Creates the filter in front of Loki.
   * @param {NodeJS.ProcessEnv} environment environment variables: the port of Loki, the names of the headers from the
   * guard, and the maximum size of a push in bytes
   */
  constructor({ LOKI_PORT = '', NODE_HEADER = '', GROUP_HEADER = '', LARGEST_PUSH = '' }) {
    this.#loki = new Upstream('Loki', { port: Number(LOKI_PORT), answerMs: ANSWER_MS });
    this.#nodeHeader = NODE_HEADER.toLowerCase();
    this.#groupHeader = GROUP_HEADER.toLowerCase();
    this.#longest = Number(LARGEST_PUSH);
  }

  /**
   * Forwards a push to Loki, or responds to a readiness probe.
   * @param {Request} request push from the guard, or a probe
   * @param {Response} response response to fill
   */
  handleRequest = async (request, response) => {
    try {
      if (request.url === '/ready') return sendResponse(response, 200, 'ready\n');
      await this.#memory.runTaskThatReservesMemory((reserveMemory) =>
        this.#forwardPush(request, response, reserveMemory),
      );
    } catch (error) {
      this.#respondWithError(response, error);
    }
  };

  /**
   * Returns the labels to set for a node: `node`, and `group` if the guard sent the group header. The guard sends the
   * group header if Kubernetes node labels define groups.
   * @param {string} node node name in the certificate
   * @param {Request['headers']} headers headers of the request
   * @returns {Record<string, string>} value of each label by its name; `group` is empty for a node without a group
   */
  #nodeAndGroupLabels(node, headers) {
    const group = headers[this.#groupHeader];
    if (!group) return { node };
    return { node, group: group === NO_GROUP ? '' : `${group}` };
  }

  /**
   * Forwards a push to Loki. If the client has a certificate, sets the labels of the node first.
   * @param {Request} request push from the guard
   * @param {Response} response response to fill with Loki's response
   * @param {(bytes: number) => void} reserveMemory reserves memory for a body; throws a `Refusal` if too little memory
   * is free
   */
  async #forwardPush(request, response, reserveMemory) {
    const { method = '', url: path = '', headers } = request;
    const signal = createDisconnectSignal(response);
    const body = await readRequestBody(request, this.#longest, reserveMemory);
    const push = { type: headers['content-type'], encoding: headers['content-encoding'], body };
    const node = headers[this.#nodeHeader];
    // If passwords are also allowed, some clients have no certificate. The filter forwards their pushes unchanged.
    const sent = node
      ? replaceLabelsInPush(this.#nodeAndGroupLabels(`${node}`, headers), push, this.#longest)
      : push;
    if (node) reserveMemory(sent.body.length);
    const answer = await this.#loki.sendRequest({
      method,
      path,
      headers: contentHeadersOfPush(sent),
      body: sent.body,
      signal,
    });
    relayResponse(answer, response);
  }

  /**
   * Responds to a request that failed or was rejected. Logs unexpected errors with their stack.
   * @param {Response} response response to fill
   * @param {any} error `Refusal` with a status, or an unexpected error
   */
  #respondWithError(response, error) {
    if (!(error instanceof Refusal)) logProblemIfNew(`${error.stack}`);
    if (!response.destroyed) sendResponse(response, error.status ?? 500, `${error.message}\n`);
  }
}

/**
 * Returns the headers that describe the body of a push: its length, and its type and encoding if they are known.
 * @param {import('./push-request.mjs').Push} push push to send to Loki
 */
const contentHeadersOfPush = ({ type, encoding, body }) => ({
  'Content-Length': body.length,
  ...(type && { 'Content-Type': type }),
  ...(encoding && { 'Content-Encoding': encoding }),
});
