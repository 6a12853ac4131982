// Renders a notification from Alertmanager as lines of Markdown.

/**
 * Maximum lengths of labels, summaries and descriptions in characters, if a message may have 4 KiB (WeCom). For
 * DingTalk, with messages of up to 18 kB, the lengths are multiplied by 4. A message always has room for one alert.
 */
const MAX_LENGTHS = { label: 60, summary: 120, description: 240 };
const LONGEST_LINK = 500;
const KIB_4 = 4_096;

/** Matches control characters, characters that change the text direction, and line endings. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Returns a text in one line, with all markup escaped, and truncated to the maximum length. Alerts contain text that
 * edge nodes sent, so the text must not be able to format the message or mention users.
 * @param {unknown} text text of an alert
 * @param {number} longest maximum number of characters for each 4 KiB that a message may have
 * @param {Dialect} dialect format of the messenger
 */
function escapeAndTruncateLine(text, longest, { maxTextBytes: bytes, escapeMarkdown }) {
  const most = longest * Math.floor(bytes / KIB_4);
  const characters = [
    ...`${text ?? ''}`
      .slice(0, 4 * most)
      .toWellFormed()
      .replaceAll(INVISIBLE, ' '),
  ];
  const whole = characters.length > most ? [...characters.slice(0, most), '…'] : characters;
  return escapeMarkdown(whole.join('')).replaceAll('@', '@\u200b');
}

/**
 * Returns a Markdown link to the runbook, or an empty text if the URL is missing, invalid or too long.
 * @param {unknown} address URL of the runbook
 */
function formatRunbookLink(address) {
  const url = URL.canParse(`${address}`) ? new URL(`${address}`) : undefined;
  const text = url?.href.replaceAll('(', '%28').replaceAll(')', '%29') ?? '';
  return /^https?:/.test(text) && text.length <= LONGEST_LINK ? ` [runbook](${text})` : '';
}

/**
 * Format of a messenger: the maximum size of a message in bytes, and a function that escapes text.
 * @typedef {{ maxTextBytes: number, escapeMarkdown: (text: string) => string }} Dialect
 * @typedef {{ status?: string, annotations?: Record<string, string> }} Alert an alert in a notification
 * @typedef {{ status?: string, alerts?: Alert[], commonLabels?: Record<string, string> }} Notification body of a
 * webhook request from Alertmanager
 */

/**
 * Returns the title of a notification, and the lines of its text: the title as a heading, then one line for each
 * alert.
 * @param {Notification} notification notification from Alertmanager
 * @param {string | undefined} keyword word before the title in the heading, for robots that require a keyword
 * @param {Dialect} dialect format of the messenger
 */
export function renderNotificationTitleAndLines(
  { status = '', alerts = [], commonLabels = {} },
  keyword,
  dialect,
) {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const over = alerts.filter((alert) => alert.status !== 'firing');
  /** Escapes and truncates the value of a label, or the status. @param {unknown} text value or status */
  const formatLabelValue = (text) => escapeAndTruncateLine(text, MAX_LENGTHS.label, dialect);
  const count = status === 'firing' ? ` ${firing.length}` : '';
  const where = [commonLabels.cluster, commonLabels.group]
    .filter(Boolean)
    .map(formatLabelValue)
    .join(', group ');
  const title = `[${formatLabelValue(status).toUpperCase()}${count}] ${formatLabelValue(commonLabels.alertname ?? 'alerts')}${where && ` in ${where}`}`;
  /** Escapes and truncates the summary of an alert. @param {unknown} text summary */
  const formatSummary = (text) => escapeAndTruncateLine(text, MAX_LENGTHS.summary, dialect);
  /** Escapes and truncates the description of an alert. @param {unknown} text description */
  const formatDescription = (text) => escapeAndTruncateLine(text, MAX_LENGTHS.description, dialect);
  return {
    title,
    lines: [
      `### ${[keyword, title].filter(Boolean).join(' ')}`,
      ...firing.map(
        ({ annotations = {} }) =>
          `- ${formatSummary(annotations.summary)}: ${formatDescription(annotations.description)}${formatRunbookLink(annotations.runbook_url)}`,
      ),
      ...over.map(({ annotations = {} }) => `- Over: ${formatSummary(annotations.summary)}`),
    ],
  };
}

/**
 * Joins the lines of a message. If the text exceeds the maximum size, drops the last lines, and appends a line such as
 * `and 3 more`.
 * @param {{ title: string, lines: string[] }} message title and lines of the message
 * @param {number} longest maximum size in bytes
 */
export function joinAndTruncateLines({ title, lines }, longest) {
  /**
   * Returns the last line of a truncated message, such as `and 3 more`.
   * @param {number} index number of lines that the message keeps
   */
  const formatOmittedLineCount = (index) => `\n\nand ${lines.length - index} more`;
  const room = longest - Buffer.byteLength(formatOmittedLineCount(0));
  let length = 0;
  const fitting = lines.findIndex((line) => {
    length += Buffer.byteLength(line) + 1;
    return length > room;
  });
  const text =
    fitting < 0
      ? lines.join('\n')
      : `${lines.slice(0, fitting).join('\n')}${formatOmittedLineCount(fitting)}`;
  return { title, text };
}
