// Renders a notification of Alertmanager as lines of Markdown.

/** Maximum lengths of labels, summaries and descriptions: with the title and one alert they always fit in 4 KiB. */
const LENGTHS = { label: 60, summary: 120, description: 240 };
const LONGEST_LINK = 500;
const KIB_4 = 4_096;

/** Control characters, characters that change the text direction, and line endings. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * An alert contains text that the node itself sent. The result is one line without markup, and it mentions no user.
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
 * Format of a messenger: the maximum size of a message in bytes, and how text is escaped.
 * @typedef {{ longest: number, escaped: (text: string) => string }} Dialect
 * @typedef {{ status?: string, annotations?: Record<string, string> }} Alert
 * @typedef {{ status?: string, alerts?: Alert[], commonLabels?: Record<string, string> }} Notification what Alertmanager sends
 */

/**
 * Returns the title, and a line for each alert.
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

/**
 * Returns as many whole lines as a robot accepts, by their size in bytes.
 * @param {{ title: string, lines: string[] }} told @param {number} longest
 */
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
