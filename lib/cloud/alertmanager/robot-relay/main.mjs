// Tells robots in groups of messengers of alerts: takes what Alertmanager sends to a webhook, and sends it on as the robot
// reads it. A robot answers 200 to what it refuses, and says so in the body alone; only what it took is answered with 200
// here, so that Alertmanager tries again and counts what fails.
import { createServer } from 'node:http';
import { dingTalk } from './dingtalk.mjs';
import { linesOf, shortened } from './notification.mjs';
import { Pace } from './pace.mjs';
import { weCom } from './wecom.mjs';

const { LISTEN_PORT = '', ROBOTS = '{}' } = process.env;

const ANSWER_MS = 10_000;
const LONGEST_BODY = 8 * 2 ** 20;

/** Both messengers take 20 messages a minute from a robot, and DingTalk none for ten minutes after more. */
const MESSAGES = 20;
const MINUTE_MS = 60_000;

const dialects = { dingtalk: dingTalk, wecom: weCom };

/** @type {Record<string, { dialect: string, addressFile: string, secretFile?: string, keyword?: string }>} */
const robots = JSON.parse(ROBOTS);

/** Of each robot, since it was told last. */
const paces = new Map(Object.keys(robots).map((name) => [name, new Pace(MESSAGES, MINUTE_MS)]));

/** Why a robot did not take it; never with its address, which is a secret. @returns {Promise<string | undefined>} */
async function tell(name, notification) {
  const robot = robots[name];
  const dialect = dialects[robot.dialect];
  const address = dialect.address(robot);
  const message = dialect.message(shortened(linesOf(notification, robot.keyword, dialect), dialect.longest));
  if (!paces.get(name).take()) return `it takes ${MESSAGES} messages a minute`;
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(message),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!answer.ok) return `HTTP ${answer.status}`;
  const { errcode, errmsg } = await answer.json();
  return errcode === 0 ? undefined : withoutSecrets(`${errcode} ${errmsg}`, address);
}

/** @param {string} text @param {URL} address */
function withoutSecrets(text, { searchParams }) {
  const secrets = [...searchParams.values()].filter(Boolean);
  return secrets.reduce((hidden, one) => hidden.replaceAll(one, '***'), text).slice(0, 300);
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

/** The name of the robot that a path names. @param {string} path */
function robotAt(path) {
  try {
    const name = decodeURIComponent(path.slice(1));
    return Object.hasOwn(robots, name) ? name : undefined;
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
  const name = robotAt(request.url ?? '');
  if (name === undefined || request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  const problem = await bodyOf(request)
    .then((notification) => tell(name, notification))
    .catch((error) => `${error.cause?.code ?? error.code ?? error.name}`);
  if (problem) console.error(`${new Date().toISOString()} robot ${name} did not take a message: ${problem}`);
  // Alertmanager tries again after 5xx, and after nothing else.
  response.writeHead(problem ? 503 : 200).end(problem ?? '');
});

server.listen(Number(LISTEN_PORT));
process.on('SIGTERM', () => server.close(() => process.exit()));
