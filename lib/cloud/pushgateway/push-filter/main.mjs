// Stands before a Pushgateway, which keeps whatever it is sent, and cannot be read any more when two groups of it
// contradict each other: takes of each push what contradicts nobody, and says what is wrong with the rest.
import { readFileSync } from 'node:fs';
import { textOfPush } from '../../../programs/bodies.mjs';
import { toForget } from '../../../programs/forgetting.mjs';
import { groupingKey, pathOf, requireExporterKey } from '../../../programs/grouping-key.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originOf } from '../../../programs/origins.mjs';
import { PushedSeries } from '../../../programs/pushed-series.mjs';
import { storable } from '../../../programs/pushes.mjs';
import { Room } from '../../../programs/room.mjs';
import { bodyOf, departure, Refusal, report, respond, serve } from '../../../programs/server.mjs';
import { Turns } from '../../../programs/turns.mjs';
import { relay, Unanswered, Upstream } from '../../../programs/upstream.mjs';
import { abandoned } from './abandoned.mjs';
import { Groups } from './groups.mjs';
import { OCCUPANCY, setOccupancy } from './occupancy.mjs';

const {
  PUSHGATEWAY_PORT = '',
  LISTEN_PORT = '',
  METRICS_PORT = '',
  ROUTE_PREFIX = '',
  EXPORTERS_ONLY = '',
  LIMITS_FILE = '',
  RESERVED_METRICS = '^$',
  RESERVED_JOBS = '^$',
  RESERVED_LABELS = '',
  STATE_DIR = '',
} = process.env;

const ANSWER_MS = 15_000;
const SAVE_MS = 60_000;
const SMALL_BODY = 64 * 2 ** 10;
/** Of a small body, when it is unpacked: that of an ordinary node has a fifth. */
const SMALL_TEXT = 512 * 2 ** 10;
/** Of bodies that wait: with the program and what it works on they fit into its memory limit. */
const SMALL_BODIES = 8 * 2 ** 20;
const LARGE_BODIES = 8 * 2 ** 20;

/** @type {import('./groups.mjs').Limits & { windowMs: number, nodes: number, series: number }} */
const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
/** Of a body, before it is unpacked and after. */
const longestBody = limits.seriesOfGroup * 256;
const reservedMetrics = new RegExp(RESERVED_METRICS);
const reservedJobs = new RegExp(RESERVED_JOBS);
const reservedLabels = RESERVED_LABELS.split(',').filter(Boolean);
/** Where every key has them, they are never a sample's own. `node` is made of hostname. */
const labelsOfKeys = EXPORTERS_ONLY ? ['job', 'instance', 'hostname', 'group', 'node'] : ['job', 'instance'];

const pushgateway = new Upstream('the Pushgateway', {
  port: Number(PUSHGATEWAY_PORT),
  answerMs: ANSWER_MS,
});
const groups = new Groups(limits);
const origins = new Origins((labels) => groups.hasHolder(labels), Object.keys(limits.pools));
const groupsFile = `${STATE_DIR}/groups.json`;
const knownSeries = new KeyedSeries(limits, `${STATE_DIR}/series.json`);
const pushedSeries = new PushedSeries(limits, knownSeries);
/** Large bodies wait for each other, and small ones never for them. */
const small = { room: new Room(SMALL_BODIES), turns: new Turns(8, 1_000) };
const large = { room: new Room(LARGE_BODIES), turns: new Turns(1, 100) };
const started = Date.now() / 1_000;

const metrics = new Metrics('pushgateway_filter', {
  pushes_total: 'Pushes that the Pushgateway has taken',
  pushes_refused_total: 'Pushes that were refused, by node, job and reason',
  samples_dropped_total: 'Samples with names of Pushgateway itself, which were left out of pushes, by node',
  ...OCCUPANCY,
});

const isTaken = ({ statusCode = 502 }) => statusCode >= 200 && statusCode < 300;

async function push(request, response, path, labels, gone) {
  if (EXPORTERS_ONLY) requireExporterKey(labels);
  if (reservedJobs.test(labels.get('job') ?? '')) {
    throw new Refusal(400, `the job ${labels.get('job')} is one that only the cloud has`, 'reserved');
  }
  const reserved = reservedLabels.find((name) => labels.has(name));
  if (reserved) throw new Refusal(400, `the label ${reserved} is set by the cloud: leave it out`, 'reserved');
  const isSmall = Number(request.headers['content-length'] ?? Number.NaN) <= SMALL_BODY;
  const { room } = isSmall ? small : large;
  await room.lend(async (take) => {
    const body = await bodyOf(request, longestBody, take);
    const work = (longest) => store(request, response, path, labels, body, longest);
    await inTurn(isSmall, work, gone);
  });
}

/** What turns out to be large waits again. */
async function inTurn(isSmall, work, gone) {
  try {
    if (isSmall) return await small.turns.take(() => work(Math.min(SMALL_TEXT, longestBody)), gone);
  } catch (error) {
    if (error.reason !== 'too_large') throw error;
  }
  await large.turns.take(() => work(longestBody), gone);
}

async function store({ method, headers }, response, path, labels, packed, longest) {
  const accepted = readPush(packed, headers, labels, longest);
  const settle = groups.admit(path, labels, accepted, method === 'PUT');
  const { body, dropped } = accepted;
  try {
    pushedSeries.admit(path, Object.fromEntries(labels), accepted);
  } catch (error) {
    settle('refused');
    throw error;
  }
  const sent = { 'Content-Type': 'text/plain; version=0.0.4', 'Content-Length': body.length };
  // Also when the client has left: what is sent may be stored, and counts.
  const answer = await pushgateway.send({ method, path, headers: sent, body }).catch((error) => {
    settle(error instanceof Unanswered ? 'unknown' : 'refused');
    throw error;
  });
  settle(isTaken(answer) ? 'stored' : 'refused');
  relay(answer, response);
  if (!isTaken(answer)) return refused('inconsistent', labels);
  metrics.add('pushes_total');
  if (dropped) metrics.add('samples_dropped_total', originOf(labels), dropped);
}

function readPush(packed, headers, labels, longest) {
  const text = textOfPush(packed, headers, longest);
  const keyLabels = new Set([...labels.keys(), ...labelsOfKeys, ...reservedLabels]);
  if (labels.has('hostname')) keyLabels.add('node');
  return storable(text, { reserved: reservedMetrics, keyLabels, mostSamples: limits.seriesOfGroup });
}

async function remove(path) {
  const answer = await pushgateway.send({ method: 'DELETE', path });
  if (isTaken(answer)) groups.remove(path);
  return answer;
}

/** Deletes groups that nobody pushes any more, and forgets which series were pushed, and who was refused: what goes on will be known again. */
async function forget(chosen) {
  const all = abandoned(groups.list(), chosen);
  for (const { labels } of all) {
    (await remove(ROUTE_PREFIX + pathOf(new Map(Object.entries(labels))))).resume();
  }
  knownSeries.forget();
  origins.forget();
  metrics.forget();
  return `deleted ${all.length} groups\n`;
}

async function read({ method, url, headers }, response, gone) {
  relay(await pushgateway.send({ method, path: url, headers, signal: gone }), response);
}

function refused(reason, labels) {
  metrics.add('pushes_refused_total', { reason, ...origins.ofRefused(labels) });
}

async function write(request, response, path, gone) {
  let labels;
  try {
    labels = groupingKey(path);
    const canonical = ROUTE_PREFIX + pathOf(labels);
    if (request.method === 'DELETE') relay(await remove(canonical), response);
    else await push(request, response, canonical, labels, gone);
  } catch (error) {
    refused(gone.aborted ? 'client_left' : (error.reason ?? 'failed'), labels);
    throw error;
  }
}

async function answer(request, response) {
  const gone = departure(response);
  try {
    const [path = ''] = (request.url ?? '').split('?');
    if (!path.startsWith(`${ROUTE_PREFIX}/`)) throw new Refusal(404, 'not found');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead) await read(request, response, gone);
    else if (['PUT', 'POST', 'DELETE'].includes(request.method ?? '')) {
      await write(request, response, path.slice(ROUTE_PREFIX.length), gone);
    } else throw new Refusal(405, 'allowed: GET, HEAD, PUT, POST, DELETE');
  } catch (error) {
    if (!gone.aborted) fail(response, error);
  }
}

function fail(response, error) {
  const isRefusal = error instanceof Refusal;
  if (!isRefusal) report(`${error.stack}`);
  else if (error.status >= 500) report(error.message);
  if (response.headersSent) response.destroy();
  else respond(response, isRefusal ? error.status : 500, `${isRefusal ? error.message : 'internal error'}\n`);
}

async function observe(request, response) {
  try {
    const chosen = toForget(request);
    if (chosen) return respond(response, 200, await forget(chosen));
  } catch (error) {
    return fail(response, error);
  }
  if (request.url === '/groups') {
    const list = { now: Date.now() / 1_000, started, groups: groups.list() };
    return respond(response, 200, JSON.stringify(list), 'application/json');
  }
  setOccupancy(metrics, groups, limits);
  respond(response, 200, `${metrics}`);
}

function saveGroups() {
  try {
    groups.save(groupsFile);
  } catch (error) {
    report(`cannot save the list of groups: ${error.message}`);
  }
}

function save() {
  saveGroups();
  knownSeries.save();
}

function saveAtEnd() {
  saveGroups();
  knownSeries.saveNow();
}

function load() {
  try {
    groups.load(groupsFile);
  } catch (error) {
    if (error.code !== 'ENOENT') report(`cannot read the list of groups: ${error.message}`);
  }
}

load();
setInterval(save, SAVE_MS).unref();
serve(
  [
    { handler: answer, port: Number(LISTEN_PORT) },
    { handler: observe, port: Number(METRICS_PORT) },
  ],
  saveAtEnd,
);
