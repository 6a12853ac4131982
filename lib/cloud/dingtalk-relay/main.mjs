// Tells DingTalk's robots of alerts: takes what Alertmanager sends to a webhook, and sends it on as a robot reads it,
// signed where the robot asks for that. A robot answers 200 to what it refuses, and says so in the body alone; only
// what it took is answered with 200 here, so that Alertmanager tries again and counts what fails.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { LISTEN_PORT = '', ROBOTS = '{}' } = process.env;

const ANSWER_MS = 10_000;
const LONGEST_BODY = 8 * 2 ** 20;

/** A robot takes 20,000 bytes. */
const LONGEST_TEXT = 18_000;

/** @type {Record<string, { addressFile: string, secretFile?: string, keyword?: string }>} */
const robots = JSON.parse(ROBOTS);

/** Read at each message, so that a new one needs no restart. @param {string} file */
const secret = (file) => readFileSync(file, 'utf8').trim();

/** @param {{ addressFile: string, secretFile?: string }} robot */
function address({ addressFile, secretFile }) {
  const url = new URL(secret(addressFile));
  if (!secretFile) return url;
  const timestamp = `${Date.now()}`;
  const key = secret(secretFile);
  url.searchParams.set('timestamp', timestamp);
  url.searchParams.set('sign', createHmac('sha256', key).update(`${timestamp}\n${key}`).digest('base64'));
  return url;
}

/**
 * What an alert says of a node is what the node says of itself: it is one line, has no markup of its own, and mentions
 * nobody.
 * @param {unknown} text
 */
const plain = (text) =>
  `${text ?? ''}`
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\\`*_[\]<>#!~|]/g, '\\$&')
    .replaceAll('@', '@\u200b');

/** @param {unknown} address */
const link = (address) =>
  URL.canParse(`${address}`) ? new URL(`${address}`).href.replaceAll(')', '%29') : undefined;

/** @param {{ keyword?: string }} robot @param {any} notification */
function message({ keyword }, { status = '', alerts = [], commonLabels = {} }) {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const over = alerts.filter((alert) => alert.status !== 'firing');
  const count = status === 'firing' ? ` ${firing.length}` : '';
  const where = [commonLabels.cluster, commonLabels.group].filter(Boolean).join(', group ');
  const title = `[${status.toUpperCase()}${count}] ${plain(commonLabels.alertname ?? 'alerts')}${where && ` in ${plain(where)}`}`;
  const lines = [
    `### ${[keyword, title].filter(Boolean).join(' ')}`,
    ...firing.map(({ annotations = {} }) => {
      const runbook = link(annotations.runbook_url);
      const more = runbook ? ` [runbook](${runbook})` : '';
      return `- ${plain(annotations.summary)}: ${plain(annotations.description)}${more}`;
    }),
    ...over.map(({ annotations = {} }) => `- Over: ${plain(annotations.summary)}`),
  ];
  return { msgtype: 'markdown', markdown: { title, text: shortened(lines) }, at: { isAtAll: false } };
}

/** Whole lines, as many as fit. @param {string[]} lines */
function shortened(lines) {
  let text = '';
  for (const [index, line] of lines.entries()) {
    if (Buffer.byteLength(text) + Buffer.byteLength(line) > LONGEST_TEXT) {
      return `${text}\n\nand ${lines.length - index} more`;
    }
    text += `${index ? '\n' : ''}${line}`;
  }
  return text;
}

/** Why a robot did not take it; never with its address, which is a secret. @returns {Promise<string | undefined>} */
async function tell(robot, notification) {
  const answer = await fetch(address(robot), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(message(robot, notification)),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!answer.ok) return `HTTP ${answer.status}`;
  const { errcode, errmsg } = await answer.json();
  return errcode === 0 ? undefined : `${errcode} ${errmsg}`;
}

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LONGEST_BODY) throw new Error('too long');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString());
}

/** The robot that a path names. @param {string} path */
function robotAt(path) {
  try {
    const name = decodeURIComponent(path.slice(1));
    return Object.hasOwn(robots, name) ? { name, robot: robots[name] } : undefined;
  } catch {
    // It is no text in percent-encoding.
    return undefined;
  }
}

const server = createServer(async (request, response) => {
  if (request.url === '/-/healthy') {
    response.end();
    return;
  }
  const known = robotAt(request.url ?? '');
  if (!known || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  const { name, robot } = known;
  const problem = await bodyOf(request)
    .then((notification) => tell(robot, notification))
    .catch((error) => `${error.cause?.code ?? error.code ?? error.name}`);
  if (problem) console.error(`${new Date().toISOString()} robot ${name} did not take a message: ${problem}`);
  // Alertmanager tries again after 5xx.
  response.writeHead(problem ? 503 : 200).end(problem ?? '');
});

server.listen(Number(LISTEN_PORT));
process.on('SIGTERM', () => server.close(() => process.exit()));
