// HTTP client for the API server, with the service account of the pod.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

/** Timeout of a request in milliseconds, except for watches. */
const ANSWER_MS = 10_000;

/** Client for the API server. */
export class KubernetesApi {
  #host;
  #port;
  #folder;

  /** Creates the client from the environment variables of a pod. @param {NodeJS.ProcessEnv} environment */
  constructor({ KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, SERVICE_ACCOUNT_DIR = '' }) {
    this.#host = KUBERNETES_SERVICE_HOST;
    this.#port = KUBERNETES_SERVICE_PORT;
    this.#folder = SERVICE_ACCOUNT_DIR;
  }

  /**
   * Sends a GET request and parses the JSON response.
   * @param {string} path path with query
   * @param {string} accept value of the header `Accept`
   * @returns {Promise<any>} the parsed body
   * @throws {Error} if the status is not 200, the response is not JSON, or no response arrives within 10
   * seconds
   */
  async getJson(path, accept) {
    let text = '';
    for await (const part of await this.openResponseStream(path, accept, AbortSignal.timeout(ANSWER_MS)))
      text += part;
    return JSON.parse(text);
  }

  /**
   * Sends a GET request and returns the response as a stream. The token and the CA certificate are read for
   * each request, because the kubelet renews them.
   * @param {string} path path with query
   * @param {string} accept value of the header `Accept`
   * @param {AbortSignal} signal ends the request when aborted
   * @returns {Promise<import('node:http').IncomingMessage>} response with status 200
   * @throws {Error} if the status is not 200, or the request fails
   */
  openResponseStream(path, accept, signal) {
    const headers = {
      Accept: accept,
      Authorization: `Bearer ${this.#readServiceAccountFile('token').trim()}`,
    };
    const options = {
      host: this.#host,
      port: this.#port,
      path,
      headers,
      ca: this.#readServiceAccountFile('ca.crt'),
      signal,
    };
    return new Promise((resolve, reject) => {
      request(options, (response) => {
        if (response.statusCode === 200) return resolve(response.setEncoding('utf8'));
        response.resume();
        reject(new Error(`HTTP ${response.statusCode}`));
      })
        .on('error', reject)
        .end();
    });
  }

  /**
   * Reads a file of the service account. The kubelet replaces the files while the program runs.
   * @param {string} name name of the file, such as `token`
   */
  #readServiceAccountFile(name) {
    return readFileSync(join(this.#folder, name), 'utf8');
  }
}
