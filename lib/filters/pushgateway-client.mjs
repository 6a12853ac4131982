// Sends requests to the Pushgateway of the same pod, and hands on its answers.
import { Agent, request as ask } from 'node:http';
import { Refusal } from './server.mjs';

const ANSWER_MS = 15_000;

/** The Pushgateway did not answer, and may have stored what it was sent. */
export class Unanswered extends Refusal {}

export class PushgatewayClient {
  #options;

  /** @param {number} port */
  constructor(port) {
    this.#options = {
      agent: new Agent({ keepAlive: true }),
      host: '127.0.0.1',
      port,
      timeout: ANSWER_MS,
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
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
      asked.on('error', (error) => reject(failure(error)));
      asked.end(body);
    });
  }
}

function failure({ code, message }) {
  if (code === 'ECONNREFUSED') {
    return new Refusal(502, `the Pushgateway is not running: ${message}`, 'unavailable');
  }
  return new Unanswered(
    502,
    `the Pushgateway does not answer: ${message}; the push may have been stored`,
    'unanswered',
  );
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
