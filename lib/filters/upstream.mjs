// The server that a filter stands before: sends it requests, and hands on or reads its answers.
import { Agent, request as ask } from 'node:http';
import { Refusal } from './server.mjs';

/** The server did not answer, and may have stored what it was sent. */
export class Unanswered extends Refusal {}

/** How long a connection stays open without a request: a server that closes one first, as vmagent does after a minute, may meet a request. */
export const IDLE_MS = 30_000;

export class Upstream {
  #name;
  #options;

  /** @param {string} name for messages @param {{ host?: string, port: number, answerMs: number }} server */
  constructor(name, { host = '127.0.0.1', port, answerMs }) {
    this.#name = name;
    this.#options = {
      agent: new Agent({ keepAlive: true, timeout: IDLE_MS }),
      host,
      port,
      timeout: answerMs,
    };
  }

  /**
   * @param {{ method: string, path: string, headers?: import('node:http').OutgoingHttpHeaders, body?: Buffer, signal?: AbortSignal }} request
   * @returns {Promise<import('node:http').IncomingMessage>} the answer, whose body has to be read
   * @throws {Unanswered} @throws {Refusal} when it received nothing
   */
  send({ body, headers = {}, ...request }) {
    return new Promise((resolve, reject) => {
      const asked = ask({ ...this.#options, ...request, headers }, resolve);
      asked.on('timeout', () => asked.destroy(new Error(`nothing for ${this.#options.timeout / 1_000} s`)));
      asked.on('error', (error) => reject(this.#failure(error)));
      asked.end(body);
    });
  }

  #failure({ code, message }) {
    if (code === 'ECONNREFUSED') {
      return new Refusal(502, `${this.#name} is not running: ${message}`, 'unavailable');
    }
    const what = `${this.#name} does not answer: ${message}; what it was sent may have been stored`;
    return new Unanswered(502, what, 'unanswered');
  }
}

/**
 * Hands an answer on as it comes, and reads it to its end also when the client has left.
 * @param {import('node:http').IncomingMessage} answer @param {import('node:http').ServerResponse} response
 */
export function relay(answer, response) {
  answer.on('error', () => response.destroy());
  if (response.destroyed) {
    answer.resume();
    return;
  }
  response.on('close', () => answer.resume());
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}

/** @param {import('node:http').IncomingMessage} answer @param {number} longest bytes @returns {Promise<Buffer>} its beginning */
export async function readCapped(answer, longest) {
  const chunks = [];
  let length = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    length += chunk.length;
    // Ends the connection, too: what follows is not wanted.
    if (length >= longest) break;
  }
  return chunks.length === 1 && length <= longest ? chunks[0] : Buffer.concat(chunks).subarray(0, longest);
}
