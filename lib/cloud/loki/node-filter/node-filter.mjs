// Serves requests between the guard, which sends the node name of a verified certificate in a header, and a Loki.
import { Room } from '../../../programs/room.mjs';
import { abortOnClose, Refusal, readBody, respond } from '../../../programs/server.mjs';
import { report } from '../../../programs/state-log.mjs';
import { relayResponse, Upstream } from '../../../programs/upstream.mjs';
import { setLabels } from './push-request.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

/** The group of a node that is in none. */
const NO_GROUP = '-';

const ANSWER_MS = 55_000;

/**
 * Maximum size of all bodies that are held until Loki has responded, both as received and as sent. Most bodies have a
 * few kB.
 */
const HELD_BYTES = 48 * 2 ** 20;

export class NodeFilter {
  #loki;
  #nodeHeader;
  #groupHeader;
  #longest;
  #room = new Room(HELD_BYTES);

  /** @param {NodeJS.ProcessEnv} environment */
  constructor({ LOKI_PORT = '', NODE_HEADER = '', GROUP_HEADER = '', LARGEST_PUSH = '' }) {
    this.#loki = new Upstream('Loki', { port: Number(LOKI_PORT), answerMs: ANSWER_MS });
    this.#nodeHeader = NODE_HEADER.toLowerCase();
    this.#groupHeader = GROUP_HEADER.toLowerCase();
    this.#longest = Number(LARGEST_PUSH);
  }

  /** @param {Request} request @param {Response} response */
  answer = async (request, response) => {
    try {
      if (request.url === '/ready') return respond(response, 200, 'ready\n');
      await this.#room.lend((take) => this.#push(request, response, take));
    } catch (error) {
      this.#respondWithError(response, error);
    }
  };

  /**
   * The guard states the group of a node only if the labels of nodes define groups.
   * @param {string} node @param {Request['headers']} headers @returns {Record<string, string>}
   */
  #labelsOf(node, headers) {
    const group = headers[this.#groupHeader];
    if (!group) return { node };
    return { node, group: group === NO_GROUP ? '' : `${group}` };
  }

  /** @param {Request} request @param {Response} response @param {(bytes: number) => void} take */
  async #push(request, response, take) {
    const { method = '', url: path = '', headers } = request;
    const signal = abortOnClose(response);
    const body = await readBody(request, this.#longest, take);
    const push = { type: headers['content-type'], encoding: headers['content-encoding'], body };
    const node = headers[this.#nodeHeader];
    // If nodes also have passwords, some pushes come without a certificate.
    const sent = node ? setLabels(this.#labelsOf(`${node}`, headers), push, this.#longest) : push;
    if (node) take(sent.body.length);
    const answer = await this.#loki.send({
      method,
      path,
      headers: contentHeaders(sent),
      body: sent.body,
      signal,
    });
    relayResponse(answer, response);
  }

  /** @param {Response} response @param {any} error */
  #respondWithError(response, error) {
    if (!(error instanceof Refusal)) report(`${error.stack}`);
    if (!response.destroyed) respond(response, error.status ?? 500, `${error.message}\n`);
  }
}

/** @param {import('./push-request.mjs').Push} push */
const contentHeaders = ({ type, encoding, body }) => ({
  'Content-Length': body.length,
  ...(type && { 'Content-Type': type }),
  ...(encoding && { 'Content-Encoding': encoding }),
});
