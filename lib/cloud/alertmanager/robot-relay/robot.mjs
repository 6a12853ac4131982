// Sends notifications to one robot of a chat group in DingTalk or WeCom.
import { dingTalk } from './dingtalk.mjs';
import { joinAndTruncateLines, renderNotification } from './notification.mjs';
import { RateLimiter } from './pace.mjs';
import { weCom } from './wecom.mjs';

const ANSWER_MS = 10_000;

/**
 * Maximum number of messages per minute that DingTalk and WeCom accept from a robot. Above this rate,
 * DingTalk rejects all messages for ten minutes.
 */
const MESSAGES = 20;
const MINUTE_MS = 60_000;

const DIALECTS = { dingtalk: dingTalk, wecom: weCom };

/**
 * @typedef {object} RobotConfig
 * @property {keyof typeof DIALECTS} dialect
 * @property {string} addressFile
 * @property {string} [secretFile]
 * @property {string} [keyword]
 */

export class Robot {
  #config;
  #pace = new RateLimiter(MESSAGES, MINUTE_MS);

  /** Creates the client for a robot. @param {RobotConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /**
   * Sends a notification.
   * @param {import('./notification.mjs').Notification} notification
   * @returns {Promise<string | undefined>} error message if the robot did not accept the notification; the
   * message never contains the robot's URL, which is a secret
   */
  async send(notification) {
    const { keyword } = this.#config;
    const dialect = DIALECTS[this.#config.dialect];
    const address = dialect.address(this.#config);
    const message = dialect.message(
      joinAndTruncateLines(renderNotification(notification, keyword, dialect), dialect.longest),
    );
    if (!this.#pace.tryAcquire()) return `rate limit: the robot accepts ${MESSAGES} messages per minute`;
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
 * Replaces the secret parameters of the robot's URL in a text by `***`.
 * @param {string} text
 * @param {URL} address
 */
function redactSecrets(text, { searchParams }) {
  const secrets = [...searchParams.values()].filter(Boolean);
  return secrets.reduce((hidden, one) => hidden.replaceAll(one, '***'), text).slice(0, 300);
}
