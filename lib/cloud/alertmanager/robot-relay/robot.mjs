// Sends notifications to one robot in a group of a messenger.
import { dingTalk } from './dingtalk.mjs';
import { notificationLines, shortenLines } from './notification.mjs';
import { Pace } from './pace.mjs';
import { weCom } from './wecom.mjs';

const ANSWER_MS = 10_000;

/** Both messengers accept 20 messages per minute from a robot; above that, DingTalk accepts none for ten minutes. */
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
  #pace = new Pace(MESSAGES, MINUTE_MS);

  /** @param {RobotConfig} config */
  constructor(config) {
    this.#config = config;
  }

  /**
   * @param {import('./notification.mjs').Notification} notification
   * @returns {Promise<string | undefined>} why it did not take it; never with its address, which is a secret
   */
  async send(notification) {
    const { keyword } = this.#config;
    const dialect = DIALECTS[this.#config.dialect];
    const address = dialect.address(this.#config);
    const message = dialect.message(
      shortenLines(notificationLines(notification, keyword, dialect), dialect.longest),
    );
    if (!this.#pace.take()) return `it takes ${MESSAGES} messages a minute`;
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

/** @param {string} text @param {URL} address */
function redactSecrets(text, { searchParams }) {
  const secrets = [...searchParams.values()].filter(Boolean);
  return secrets.reduce((hidden, one) => hidden.replaceAll(one, '***'), text).slice(0, 300);
}
