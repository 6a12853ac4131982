// What a notification of Alertmanager says, in lines of markdown.

/** Characters of labels, summaries and descriptions that fit in 4 KiB with the title and one alert, whatever they are. */
const LENGTHS = { label: 60, summary: 120, description: 240 };
const LONGEST_LINK = 500;
const KIB_4 = 4_096;

/** Control characters, characters that turn the direction of a text, and ends of lines. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * What an alert says of a node is what the node says of itself: it is one line, has no markup of its own, and mentions
 * nobody.
 * @param {unknown} text @param {number} longest
 * @param {Dialect} dialect
 */
function plainText(text, longest, { longest: bytes, escaped }) {
  const most = longest * Math.floor(bytes / KIB_4);
  const characters = [
    ...`${text ?? ''}`
      .slice(0, 4 * most)
      .toWellFormed()
      .replaceAll(INVISIBLE, ' '),
  ];
  const whole = characters.length > most ? [...characters.slice(0, most), '…'] : characters;
  return escaped(whole.join('')).replaceAll('@', '@\u200b');
}

/** @param {unknown} address */
function safeLink(address) {
  const url = URL.canParse(`${address}`) ? new URL(`${address}`) : undefined;
  const text = url?.href.replaceAll('(', '%28').replaceAll(')', '%29') ?? '';
  return /^https?:/.test(text) && text.length <= LONGEST_LINK ? ` [runbook](${text})` : '';
}

/**
 * How a messenger writes: the most bytes of a message, and how a text is without markup.
 * @typedef {{ longest: number, escaped: (text: string) => string }} Dialect
 * @typedef {{ status?: string, annotations?: Record<string, string> }} Alert
 * @typedef {{ status?: string, alerts?: Alert[], commonLabels?: Record<string, string> }} Notification what Alertmanager sends
 */

/**
 * The title, and a line for each alert.
 * @param {Notification} notification @param {string | undefined} keyword said first, where the robot asks for it
 * @param {Dialect} dialect
 */
export function notificationLines({ status = '', alerts = [], commonLabels = {} }, keyword, dialect) {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const over = alerts.filter((alert) => alert.status !== 'firing');
  /** @param {unknown} text */
  const label = (text) => plainText(text, LENGTHS.label, dialect);
  const count = status === 'firing' ? ` ${firing.length}` : '';
  const where = [commonLabels.cluster, commonLabels.group].filter(Boolean).map(label).join(', group ');
  const title = `[${label(status).toUpperCase()}${count}] ${label(commonLabels.alertname ?? 'alerts')}${where && ` in ${where}`}`;
  /** @param {unknown} text */
  const summary = (text) => plainText(text, LENGTHS.summary, dialect);
  /** @param {unknown} text */
  const description = (text) => plainText(text, LENGTHS.description, dialect);
  return {
    title,
    lines: [
      `### ${[keyword, title].filter(Boolean).join(' ')}`,
      ...firing.map(
        ({ annotations = {} }) =>
          `- ${summary(annotations.summary)}: ${description(annotations.description)}${safeLink(annotations.runbook_url)}`,
      ),
      ...over.map(({ annotations = {} }) => `- Over: ${summary(annotations.summary)}`),
    ],
  };
}

/** Whole lines, as many as a robot takes, in bytes. @param {{ title: string, lines: string[] }} told @param {number} longest */
export function shortenLines({ title, lines }, longest) {
  /** @param {number} index */
  const rest = (index) => `\n\nand ${lines.length - index} more`;
  const room = longest - Buffer.byteLength(rest(0));
  let length = 0;
  const fitting = lines.findIndex((line) => {
    length += Buffer.byteLength(line) + 1;
    return length > room;
  });
  const text = fitting < 0 ? lines.join('\n') : `${lines.slice(0, fitting).join('\n')}${rest(fitting)}`;
  return { title, text };
}
