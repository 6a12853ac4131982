// Stands before a Pushgateway, which keeps whatever it is sent, and cannot be read any more when two groups of it
// contradict each other: takes of each push what contradicts nobody, and says what is wrong with the rest.
import { Agent, request as ask } from 'node:http';
import { textOfPush } from './bodies.mjs';
import { groupingKey, pathOf, requireExporterKey } from './grouping-key.mjs';
import { Groups } from './groups.mjs';
import { Metrics } from './metrics.mjs';
import { storable } from './pushes.mjs';
import { bodyOf, Refusal, report, respond, serve } from './server.mjs';
import { Turns } from './turns.mjs';

const {
  PUSHGATEWAY_PORT = '',
  LISTEN_PORT = '',
  METRICS_PORT = '',
  ROUTE_PREFIX = '',
  EXPORTERS_ONLY = '',
  SERIES_OF_GROUP = '',
  SERIES_OF_NODE = '',
  SERIES = '',
  RESERVED_METRICS = '^$',
  RESERVED_JOBS = '^$',
  RESERVED_LABELS = '',
  STATE_FILE = '',
} = process.env;

const ANSWER_MS = 15_000;
const SAVE_MS = 60_000;
const SMALL_BODY = 64 * 2 ** 10;

const limits = {
  seriesOfGroup: Number(SERIES_OF_GROUP),
  seriesOfNode: Number(SERIES_OF_NODE),
  series: Number(SERIES),
};
/** Of a body, before it is unpacked and after. */
const longestBody = limits.seriesOfGroup * 256;
const reservedMetrics = new RegExp(RESERVED_METRICS);
const reservedJobs = new RegExp(RESERVED_JOBS);
const reservedLabels = RESERVED_LABELS.split(',').filter(Boolean);
/** Where every key has them, they are never a sample's own. `node` is made of hostname. */
const labelsOfKeys = EXPORTERS_ONLY ? ['job', 'instance', 'hostname', 'group', 'node'] : ['job', 'instance'];

const agent = new Agent({ keepAlive: true });
const groups = new Groups(limits);
const turns = new Turns(8, 1_000);
/** Large bodies wait for each other, and never for them who send small ones. */
const largeTurns = new Turns(1, 100);
const started = Date.now() / 1_000;

const metrics = new Metrics('pushgateway_filter', {
  pushes_total: 'Pushes that the Pushgateway has taken',
  pushes_refused_total: 'Pushes that were refused, by node, job and reason',
  samples_dropped_total: 'Samples with names of Pushgateway itself, which were left out of pushes, by node',
  groups: 'Groups that the Pushgateway holds',
  series: 'Series that the Pushgateway holds, each group as 20 more and a long series as several',
  series_limit: 'Most series that it may come to hold',
});

/** Asks the Pushgateway, and hands its answer on as it comes. */
function forward({ method, headers }, path, body, response) {
  return new Promise((resolve, reject) => {
    const options = { agent, host: '127.0.0.1', port: Number(PUSHGATEWAY_PORT), method, path, headers };
    const asked = ask({ ...options, timeout: ANSWER_MS }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('end', () => resolve(answer.statusCode));
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', (error) => reject(new Refusal(502, `Pushgateway: ${error.message}`, 'unavailable')));
    response.on('close', () => response.writableFinished || asked.destroy());
    asked.end(body);
  });
}

const isTaken = (status) => status >= 200 && status < 300;

async function push(request, response, path, labels) {
  if (EXPORTERS_ONLY) requireExporterKey(labels);
  if (reservedJobs.test(labels.get('job') ?? '')) {
    throw new Refusal(400, `the job ${labels.get('job')} is one that only the cloud has`, 'reserved');
  }
  const reserved = reservedLabels.find((name) => labels.has(name));
  if (reserved) throw new Refusal(400, `the label ${reserved} is set by the cloud: leave it out`, 'reserved');
  const body = await bodyOf(request, longestBody);
  await turns.take(() => store(request, response, path, labels, body));
}

async function store({ method, headers }, response, path, labels, packed) {
  const text = textOfPush(packed, headers, longestBody);
  const keyLabels = new Set([...labels.keys(), ...labelsOfKeys, ...reservedLabels]);
  if (labels.has('hostname')) keyLabels.add('node');
  const { seriesOfGroup: mostSamples } = limits;
  const accepted = storable(text, { reserved: reservedMetrics, keyLabels, mostSamples });
  const undo = groups.admit(path, labels, accepted, method === 'PUT');
  const body = Buffer.from(accepted.body, 'latin1');
  const sent = { 'Content-Type': 'text/plain; version=0.0.4', 'Content-Length': body.length };
  const status = await forward({ method, headers: sent }, path, body, response).catch((error) => {
    undo();
    throw error;
  });
  if (!isTaken(status)) {
    undo();
    return refused('inconsistent', labels);
  }
  metrics.add('pushes_total');
  if (accepted.dropped) metrics.add('samples_dropped_total', originOf(labels), accepted.dropped);
}

async function remove(response, path) {
  const status = await forward({ method: 'DELETE', headers: {} }, ROUTE_PREFIX + path, undefined, response);
  if (isTaken(status)) groups.remove(ROUTE_PREFIX + path);
}

const originOf = (labels) => ({
  group: labels?.get('group') ?? '',
  node: labels?.get('hostname') ?? '',
  job: labels?.get('job') ?? '',
});

function refused(reason, labels) {
  metrics.add('pushes_refused_total', { reason, ...originOf(labels) });
}

async function write(request, response, path) {
  let labels;
  try {
    labels = groupingKey(path);
    const canonical = pathOf(labels);
    if (request.method === 'DELETE') return await remove(response, canonical);
    const isSmall = Number(request.headers['content-length'] ?? Number.NaN) <= SMALL_BODY;
    const work = () => push(request, response, ROUTE_PREFIX + canonical, labels);
    await (isSmall ? work() : largeTurns.take(work));
  } catch (error) {
    refused(error.reason ?? 'failed', labels);
    throw error;
  }
}

async function answer(request, response) {
  try {
    const [path = ''] = (request.url ?? '').split('?');
    if (!path.startsWith(`${ROUTE_PREFIX}/`)) throw new Refusal(404, 'not found');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead) await forward(request, request.url, undefined, response);
    else if (['PUT', 'POST', 'DELETE'].includes(request.method ?? '')) {
      await write(request, response, path.slice(ROUTE_PREFIX.length));
    } else throw new Refusal(405, 'allowed: GET, HEAD, PUT, POST, DELETE');
  } catch (error) {
    fail(response, error);
  }
}

function fail(response, error) {
  const isRefusal = error instanceof Refusal;
  if (!isRefusal) report(`${error.stack}`);
  else if (error.status >= 500) report(error.message);
  if (response.headersSent) response.destroy();
  else respond(response, isRefusal ? error.status : 500, `${isRefusal ? error.message : 'internal error'}\n`);
}

function observe(request, response) {
  if (request.url === '/groups') {
    const list = { now: Date.now() / 1_000, started, groups: groups.list() };
    return respond(response, 200, JSON.stringify(list), 'application/json');
  }
  metrics.set('groups', groups.count);
  metrics.set('series', groups.size);
  metrics.set('series_limit', limits.series);
  respond(response, 200, `${metrics}`);
}

function save() {
  if (!STATE_FILE) return;
  try {
    groups.save(STATE_FILE);
  } catch (error) {
    report(`cannot save the list of groups: ${error.message}`);
  }
}

function load() {
  if (!STATE_FILE) return;
  try {
    groups.load(STATE_FILE);
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
  save,
);
