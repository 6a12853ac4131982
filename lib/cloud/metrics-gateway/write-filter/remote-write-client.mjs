// HTTP client of the write filter: sends remote-write requests to the store, and reads its responses up to a
// maximum size.
import http from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { createAuthorizationHeader } from '../../../programs/credentials.mjs';
import { Refusal } from '../../../programs/server.mjs';
import {
  KEPT_OPEN,
  readFirstResponseBytes,
  sendWithRetryOnNewConnection,
} from '../../../programs/upstream.mjs';

/** Error for a request that the store neither accepted nor rejected permanently. vmagent must retry the request. */
export class Unavailable extends Refusal {}

/**
 * Remote write 1.0: the request headers, and the status codes of permanent rejections. With these codes, a store says
 * that the request is invalid, or that the store does not support this version.
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
 * Maximum number of bytes that are read from a response. The response of Prometheus has a line for each rejected
 * sample, with all labels of the sample.
 */
const LONGEST_ANSWER = 4 * 2 ** 20;

/** @typedef {typeof V1 | typeof V2} Protocol version of the remote-write protocol */

/**
 * A response of the store that accepts a request (`ok`) or rejects it permanently.
 * @typedef {{ ok: boolean, headers: import('node:http').IncomingHttpHeaders, text: Buffer }} Answer
 */

/** HTTP client for the remote-write URL of a store. */
export class RemoteWriteClient {
  #url;
  #headers;
  #credentialsDir;
  #agent;
  #options;
  #request;

  /**
   * Creates the client for a store.
   * @param {{ url: string, headers: Record<string, string>, credentialsDir?: string }} store remote-write URL, headers
   * of each request, and the folder with the files `username` and `password`
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
   * @param {Buffer} body request, compressed with Snappy
   * @param {AbortSignal} signal aborted when vmagent disconnects
   * @returns {Promise<Answer>} response that accepts the request or rejects it permanently
   * @throws {Unavailable} if vmagent must retry the request
   */
  sendV1(body, signal) {
    return this.#sendRequest(body, V1, signal);
  }

  /**
   * Sends a request in protocol 2.0.
   * @param {Buffer} body request, compressed with Snappy
   * @param {AbortSignal} signal aborted when vmagent disconnects
   * @returns {Promise<Answer>} response that accepts the request or rejects it permanently
   * @throws {Unavailable} if vmagent must retry the request
   */
  sendV2(body, signal) {
    return this.#sendRequest(body, V2, signal);
  }

  /**
   * Sends a request to the store. If a reused connection turns out to be closed, sends the request again.
   * @param {Buffer} body request, compressed with Snappy
   * @param {Protocol} protocol version of the protocol
   * @param {AbortSignal} signal aborted when vmagent disconnects
   * @throws {Unavailable} if vmagent must retry the request
   */
  async #sendRequest(body, protocol, signal) {
    /**
     * Sends the request on a connection of the given Node.js HTTP agent.
     * @type {import('../../../programs/upstream.mjs').Exchange<{ status: number } & Omit<Answer, 'ok'>>}
     */
    const sendRequestWithHttpAgent = (agent, failed) =>
      this.#sendRequestOnce(body, protocol, { signal, agent }, failed);
    const answer = await sendWithRetryOnNewConnection(this.#agent, sendRequestWithHttpAgent).catch(
      (error) => {
        throw new Unavailable(502, `${this.#url}: ${error.message}`);
      },
    );
    const ok = answer.status >= 200 && answer.status < 300;
    if (!ok && !protocol.refusals.includes(answer.status)) {
      throw new Unavailable(answer.status, `${this.#url}: ${answer.text.toString('utf8', 0, 300).trim()}`);
    }
    return { ...answer, ok };
  }

  /**
   * Sends one HTTP request, and reads the response.
   * @param {Buffer} body request, compressed with Snappy
   * @param {Protocol} protocol version of the protocol
   * @param {import('node:https').RequestOptions} options HTTP agent of Node.js, and abort signal of the request
   * @param {import('../../../programs/upstream.mjs').Failed} failed called with each error of the request
   * @returns {Promise<{ status: number } & Omit<Answer, 'ok'>>} response with any status
   */
  #sendRequestOnce(body, protocol, options, failed) {
    return new Promise((resolve, reject) => {
      const headers = this.#buildRequestHeaders(body, protocol);
      const request = this.#request({ ...this.#options, ...options, headers });
      const tooLate = setTimeout(
        () => request.destroy(new Error(`no response within ${ANSWER_MS} ms`)),
        ANSWER_MS,
      );
      request.on('close', () => clearTimeout(tooLate));
      request.on('error', (error) => {
        failed(request, error);
        reject(error);
      });
      request.on('response', (response) => {
        const { statusCode: status = 502, headers } = response;
        readFirstResponseBytes(response, LONGEST_ANSWER).then(
          (text) => resolve({ status, headers, text }),
          reject,
        );
      });
      request.end(body);
    });
  }

  /**
   * Returns the headers of a request, including user name and password if there is a folder with credentials.
   * @param {Buffer} body request, compressed with Snappy
   * @param {Protocol} protocol version of the protocol
   */
  #buildRequestHeaders(body, { headers }) {
    return {
      ...this.#headers,
      ...headers,
      'Content-Length': body.length,
      // The password is read for each request, so that a new password needs no restart.
      ...(this.#credentialsDir && { Authorization: createAuthorizationHeader(this.#credentialsDir) }),
    };
  }
}
