// Client of a robot: sends notifications to a group chat in DingTalk or WeCom.
import { dingTalk } from './dingtalk.mjs';
import { joinAndTruncateLines, renderNotificationTitleAndLines } from './notification.mjs';
import { RateLimiter } from './rate-limiter.mjs';
import { weCom } from './wecom.mjs';

const ANSWER_MS = 10_000;

/**
 * Maximum number of messages per minute that DingTalk and WeCom accept from a robot. Above this rate,
 * DingTalk rejects all messages for ten minutes.
 */
const MESSAGES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;

const DIALECTS = { dingtalk: dingTalk, wecom: weCom };

/**
 * Configuration of a robot.
 * @typedef {object} RobotConfig
 * @property {keyof typeof DIALECTS} dialect name of the message format
 * @property {string} addressFile path of the file with the robot's URL
 * @property {string} [secretFile] path of the file with the signing key
 * @property {string} [keyword] keyword that the robot requires in every message
 */

/** Client of one robot in a group chat of DingTalk or WeCom. */
export class Robot {
  #config;
  #rateLimiter = new RateLimiter(MESSAGES_PER_MINUTE, MINUTE_MS);

  /** Creates the client for a robot. @param {RobotConfig} config configuration of the robot */
  constructor(config) {
    this.#config = config;
  }

  /**
   * Sends a notification to the robot, unless the rate limit is reached.
   * @param {import('./notification.mjs').Notification} notification notification from Alertmanager
   * @returns {Promise<string | undefined>} error message if the robot did not accept the notification, otherwise
   * undefined; the error message never contains the secrets in the robot's URL
   */
  async sendNotification(notification) {
    const { keyword } = this.#config;
    const dialect = DIALECTS[this.#config.dialect];
    const address = dialect.buildRobotUrl(this.#config);
    const message = dialect.buildRequestBody(
      joinAndTruncateLines(
        renderNotificationTitleAndLines(notification, keyword, dialect),
        dialect.maxTextBytes,
      ),
    );
    if (!this.#rateLimiter.tryAcquirePermit())
      return `not sent, because of the rate limit: the robot accepts at most ${MESSAGES_PER_MINUTE} messages per minute`;
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!answer.ok) return `HTTP ${answer.status}`;
    const { errcode, errmsg } = /** @type {{ errcode: number, errmsg: string }} */ (await answer.json());
    return errcode === 0 ? undefined : redactSecrets(`${errcode} ${errmsg}`, address);
  }
}

/**
 * Returns a text in which `***` replaces the values of the URL's query parameters, because these values are secrets.
 * The text is truncated to 300 characters.
 * @param {string} text error message of the robot
 * @param {URL} address URL of the robot
 */
function redactSecrets(text, { searchParams }) {
  const secrets = [...searchParams.values()].filter(Boolean);
  return secrets.reduce((hidden, one) => hidden.replaceAll(one, '***'), text).slice(0, 300);
}
