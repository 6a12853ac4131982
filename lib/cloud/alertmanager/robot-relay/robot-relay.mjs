// HTTP handler of the robot relay: Alertmanager posts notifications to it, with a URL path for each robot.
import { UnusableSecret } from '../../../programs/credentials.mjs';
import { Refusal, readBody, respond } from '../../../programs/server.mjs';
import { StateLog } from '../../../programs/state-log.mjs';
import { Robot } from './robot.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

const LONGEST_BODY = 8 * 2 ** 20;

export class RobotRelay {
  /** @type {Map<string, Robot>} */
  #robots;
  #log = new StateLog((line) => console.error(line));

  /**
   * Creates the relay from the JSON text in the environment variable `ROBOTS`.
   * @param {NodeJS.ProcessEnv} environment
   */
  constructor({ ROBOTS = '{}' }) {
    /** @type {Record<string, import('./robot.mjs').RobotConfig>} */
    const configs = JSON.parse(ROBOTS);
    this.#robots = new Map(Object.entries(configs).map(([name, config]) => [name, new Robot(config)]));
  }

  /**
   * Forwards a notification of Alertmanager to the robot that the path names.
   * @param {Request} request @param {Response} response
   */
  handleRequest = async (request, response) => {
    if (request.url === '/-/healthy') return respond(response, 200, '');
    const name = parseRobotName(request.url ?? '');
    const robot = this.#robots.get(name);
    if (!robot || request.method !== 'POST') return respond(response, 404, '');
    const problem = await this.#sendToRobot(robot, request);
    if (problem) this.#log.logEvent(`robot ${name} did not accept a message: ${problem}`);
    // Alertmanager retries only after a 5xx response.
    respond(response, problem ? 503 : 200, problem ?? '');
  };

  /**
   * Sends the notification in a request to a robot.
   * @param {Robot} robot
   * @param {Request} request
   * @returns {Promise<string | undefined>} error message if the robot did not accept the notification
   */
  async #sendToRobot(robot, request) {
    try {
      const body = await readBody(request, LONGEST_BODY);
      return await robot.send(JSON.parse(body.toString()));
    } catch (error) {
      if (error instanceof Refusal || error instanceof UnusableSecret) return error.message;
      return `${error.cause?.code ?? error.code ?? error.name}`;
    }
  }
}

/**
 * Decodes the robot's name from the URL path.
 * @param {string} path
 * @returns {string} empty if the percent-encoding is invalid
 */
function parseRobotName(path) {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return '';
  }
}
