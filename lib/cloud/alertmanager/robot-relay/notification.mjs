// Renders a notification from Alertmanager as lines of Markdown.

/**
 * Maximum lengths of texts in characters, per 4 KiB of message size. With these lengths, the title and one
 * alert always fit into 4 KiB.
 */
const LENGTHS = { label: 60, summary: 120, description: 240 };
const LONGEST_LINK = 500;
const KIB_4 = 4_096;

/** Control characters, characters that change the text direction, and line endings. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Returns a text as one line without markup. Alerts contain text that edge nodes sent, so the text must not
 * be able to format the message or mention users.
 * @param {unknown} text
 * @param {number} longest maximum number of characters per 4 KiB of message size
 * @param {Dialect} dialect
 */
function escapeToOneLine(text, longest, { longest: bytes, escaped }) {
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

/**
 * Returns a Markdown link to the runbook, or an empty text if the URL is invalid or too long.
 * @param {unknown} address
 */
function runbookLink(address) {
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
 * Returns the title of a notification, and its lines: the title again as heading, and one line for each
 * alert.
 * @param {Notification} notification
 * @param {string | undefined} keyword put before the title, for robots that require a keyword
 * @param {Dialect} dialect
 */
export function renderNotification({ status = '', alerts = [], commonLabels = {} }, keyword, dialect) {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const over = alerts.filter((alert) => alert.status !== 'firing');
  /** Escapes and truncates the value of a label. @param {unknown} text */
  const label = (text) => escapeToOneLine(text, LENGTHS.label, dialect);
  const count = status === 'firing' ? ` ${firing.length}` : '';
  const where = [commonLabels.cluster, commonLabels.group].filter(Boolean).map(label).join(', group ');
  const title = `[${label(status).toUpperCase()}${count}] ${label(commonLabels.alertname ?? 'alerts')}${where && ` in ${where}`}`;
  /** Escapes and truncates the summary of an alert. @param {unknown} text */
  const summary = (text) => escapeToOneLine(text, LENGTHS.summary, dialect);
  /** Escapes and truncates the description of an alert. @param {unknown} text */
  const description = (text) => escapeToOneLine(text, LENGTHS.description, dialect);
  return {
    title,
    lines: [
      `### ${[keyword, title].filter(Boolean).join(' ')}`,
      ...firing.map(
        ({ annotations = {} }) =>
          `- ${summary(annotations.summary)}: ${description(annotations.description)}${runbookLink(annotations.runbook_url)}`,
      ),
      ...over.map(({ annotations = {} }) => `- Over: ${summary(annotations.summary)}`),
    ],
  };
}

/**
 * Joins the lines of a message. Drops the last lines if the text exceeds the maximum size, and appends how
 * many lines are missing.
 * @param {{ title: string, lines: string[] }} message
 * @param {number} longest maximum size in bytes
 */
export function joinAndTruncateLines({ title, lines }, longest) {
  /**
   * Returns the line after a truncated message. `index` is the number of lines in the message.
   * @param {number} index
   */
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
