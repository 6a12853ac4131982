// HTTP client of the write filter: sends remote-write requests to the store, and reads its responses up to a
// maximum size.
import http from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { readAuthorization } from '../../../programs/credentials.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { KEPT_OPEN, readResponseStart, sendWithRetry } from '../../../programs/upstream.mjs';

/** Error: the store neither accepted the request nor rejected it permanently, so vmagent must retry. */
export class Unavailable extends Refusal {}

/**
 * Headers of a protocol version, and status codes of a permanent rejection: the request is invalid, or the
 * store does not support the protocol.
 */
const V1 = {
  headers: { 'Content-Type': 'application/x-protobuf', 'X-Prometheus-Remote-Write-Version': '0.1.0' },
  refusals: [400, 409],
};
const V2 = {
  headers: {
    'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'X-Prometheus-Remote-Write-Version': '2.0.0',
  },
  refusals: [400, 409, 415],
};
const ANSWER_MS = 25_000;

/**
 * Maximum number of bytes that are read from a response. Prometheus writes a line for each rejected sample,
 * with all its labels.
 */
const LONGEST_ANSWER = 4 * 2 ** 20;

/** @typedef {typeof V1 | typeof V2} Protocol */

/**
 * A response of the store that is not a server error.
 * @typedef {{ ok: boolean, headers: import('node:http').IncomingHttpHeaders, text: Buffer }} Answer
 */

export class RemoteWriteClient {
  #url;
  #headers;
  #credentialsDir;
  #agent;
  #options;
  #request;

  /**
   * Creates the client for a store.
   * @param {{ url: string, headers: Record<string, string>, credentialsDir?: string }} store
   */
  constructor({ url, headers, credentialsDir }) {
    this.#url = new URL(url);
    const { Agent, request } = this.#url.protocol === 'https:' ? https : http;
    this.#request = request;
    this.#agent = new Agent(KEPT_OPEN);
    this.#options = { ...urlToHttpOptions(this.#url), method: 'POST' };
    this.#headers = { 'Content-Encoding': 'snappy', ...headers };
    this.#credentialsDir = credentialsDir;
  }

  /**
   * Sends a request in protocol 1.0.
   * @param {Buffer} body @param {AbortSignal} signal @returns {Promise<Answer>} @throws {Unavailable}
   */
  sendV1(body, signal) {
    return this.#post(body, V1, signal);
  }

  /**
   * Sends a request in protocol 2.0.
   * @param {Buffer} body @param {AbortSignal} signal @returns {Promise<Answer>} @throws {Unavailable}
   */
  sendV2(body, signal) {
    return this.#post(body, V2, signal);
  }

  /**
   * Sends a request to the store. Throws `Unavailable` if vmagent must retry.
   * @param {Buffer} body @param {Protocol} protocol @param {AbortSignal} signal
   */
  async #post(body, protocol, signal) {
    /** @type {import('../../../programs/upstream.mjs').Exchange<{ status: number } & Omit<Answer, 'ok'>>} */
    const exchange = (agent, failed) => this.#exchange(body, protocol, { signal, agent }, failed);
    const answer = await sendWithRetry(this.#agent, exchange).catch((error) => {
      throw new Unavailable(502, `${this.#url}: ${error.message}`);
    });
    const ok = answer.status >= 200 && answer.status < 300;
    if (!ok && !protocol.refusals.includes(answer.status)) {
      throw new Unavailable(answer.status, `${this.#url}: ${answer.text.toString('utf8', 0, 300).trim()}`);
    }
    return { ...answer, ok };
  }

  /**
   * Sends one HTTP request, and reads the response.
   * @param {Buffer} body @param {Protocol} protocol @param {import('node:https').RequestOptions} options
   * @param {import('../../../programs/upstream.mjs').Failed} failed
   * @returns {Promise<{ status: number } & Omit<Answer, 'ok'>>}
   */
  #exchange(body, protocol, options, failed) {
    return new Promise((resolve, reject) => {
      const headers = this.#requestHeaders(body, protocol);
      const request = this.#request({ ...this.#options, ...options, headers });
      const tooLate = setTimeout(() => request.destroy(new Error(`no answer in ${ANSWER_MS} ms`)), ANSWER_MS);
      request.on('close', () => clearTimeout(tooLate));
      request.on('error', (error) => {
        failed(request, error);
        reject(error);
      });
      request.on('response', (response) => {
        const { statusCode: status = 502, headers } = response;
        readResponseStart(response, LONGEST_ANSWER).then(
          (text) => resolve({ status, headers, text }),
          reject,
        );
      });
      request.end(body);
    });
  }

  /**
   * Returns the headers of a request, including the password from its file.
   * @param {Buffer} body @param {Protocol} protocol
   */
  #requestHeaders(body, { headers }) {
    return {
      ...this.#headers,
      ...headers,
      'Content-Length': body.length,
      // The password is read for each request, so that rotation needs no restart.
      ...(this.#credentialsDir && { Authorization: readAuthorization(this.#credentialsDir) }),
    };
  }
}
