// HTTP handler of the robot relay: Alertmanager posts notifications to it, with a URL path for each robot.
import { UnusableSecret } from '../../../programs/credentials.mjs';
import { Refusal, readRequestBody, sendResponse } from '../../../programs/server.mjs';
import { StateLog } from '../../../programs/state-log.mjs';
import { Robot } from './robot.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

/** Maximum size of a notification in bytes. */
const LONGEST_BODY = 8 * 2 ** 20;

/** HTTP server that forwards notifications of Alertmanager to chat robots. */
export class RobotRelay {
  /** The chat robots to which notifications are sent, by name. @type {Map<string, Robot>} */
  #robots;
  #log = new StateLog((line) => console.error(line));

  /**
   * Creates the relay with a client for each robot.
   * @param {NodeJS.ProcessEnv} environment environment variables; `ROBOTS` contains the configuration of each robot by
   * its name, as JSON
   */
  constructor({ ROBOTS = '{}' }) {
    /** @type {Record<string, import('./robot.mjs').RobotConfig>} */
    const configs = JSON.parse(ROBOTS);
    this.#robots = new Map(Object.entries(configs).map(([name, config]) => [name, new Robot(config)]));
  }

  /**
   * Forwards a notification of Alertmanager to the robot whose name is the URL path. Responds with 503 if the robot did
   * not accept the message, and with 404 to an unknown path.
   * @param {Request} request request from Alertmanager, or a health probe
   * @param {Response} response response to fill
   */
  handleRequest = async (request, response) => {
    if (request.url === '/-/healthy') return sendResponse(response, 200, '');
    const name = parseRobotNameFromUrlPath(request.url ?? '');
    const robot = this.#robots.get(name);
    if (!robot || request.method !== 'POST') return sendResponse(response, 404, '');
    const problem = await this.#sendToRobot(robot, request);
    if (problem) this.#log.logEvent(`robot ${name} did not accept a message: ${problem}`);
    // Alertmanager retries a notification only after a 5xx response.
    sendResponse(response, problem ? 503 : 200, problem ?? '');
  };

  /**
   * Sends the notification in a request to a robot.
   * @param {Robot} robot robot that gets the notification
   * @param {Request} request request with the notification
   * @returns {Promise<string | undefined>} error message if the robot did not accept the notification; otherwise
   * undefined
   */
  async #sendToRobot(robot, request) {
    try {
      const body = await readRequestBody(request, LONGEST_BODY);
      return await robot.sendNotification(JSON.parse(body.toString()));
    } catch (error) {
      if (error instanceof Refusal || error instanceof UnusableSecret) return error.message;
      return `${error.cause?.code ?? error.code ?? error.name}`;
    }
  }
}

/**
 * Decodes the robot's name from the URL path.
 * @param {string} path URL path, such as `/dingtalk%200%20on-call`
 * @returns {string} name of the robot; empty if the percent-encoding is invalid
 */
function parseRobotNameFromUrlPath(path) {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return '';
  }
}
