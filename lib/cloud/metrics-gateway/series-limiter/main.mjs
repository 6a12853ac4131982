// Stands before a gateway of remote write: no node brings in more series than it may have, nor series of names that
// the cloud writes itself. What is beyond is cut out and counted; all else passes as it came.
import { readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { toForget } from '../../../programs/forgetting.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originOf } from '../../../programs/origins.mjs';
import { bodyOf, departure, Refusal, report, respond, serve } from '../../../programs/server.mjs';
import { pack, unpack } from '../../../programs/snappy.mjs';
import { Turns } from '../../../programs/turns.mjs';
import { readCapped, Upstream } from '../../../programs/upstream.mjs';
import { GatewayPushes, LONGEST_PUSH } from './gateway-pushes.mjs';
import { keptOf, partsOf } from './limited-request.mjs';
import { Refusals } from './refusals.mjs';

const { LIMITS_FILE = '', STATE_FILE = '', TARGET_URL = '', LISTEN_PORT = '' } = process.env;

/** Of a body, before and after it is unpacked: an agent's blocks have 8 MiB at most. */
const LONGEST_BODY = 10 * 2 ** 20;
/** Of a body when it is unpacked; so much is set aside at once. */
const ORDINARY_BODY = 256 * 2 ** 10;
/** The gateway takes bodies of 2 MiB. */
const PART = 2 ** 20;
/** Frames that ask for more memory to be read are refused: a writer of 8 MiB blocks asks for so much. */
const ZSTD_WINDOW_LOG = 23;
const ZSTD_MAGIC = 0xfd2fb528;

const AT_ONCE = 4;
/** What waits holds a part of its body in memory. */
const MOST_WAITING = 500;
const ANSWER_MS = 60_000;
const LONGEST_ANSWER = 300;
const SAVE_MS = 60_000;

const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
const reservedMetrics = new RegExp(limits.reservedMetrics);
const reservedJobs = new RegExp(limits.reservedJobs);
const stamp = new RegExp(limits.groupStamp);

const allSeries = new KeyedSeries(limits, STATE_FILE);
const pushes = limits.pushes && new GatewayPushes(limits.pushes, limits, allSeries);
const origins = new Origins(
  ({ hostname, group }) => allSeries.known.has(group, hostname),
  Object.keys(limits.pools),
);
const target = new URL(TARGET_URL);
const gateway = new Upstream('the gateway', {
  host: target.hostname,
  port: Number(target.port),
  answerMs: ANSWER_MS,
});
const turns = new Turns(AT_ONCE, MOST_WAITING);

const metrics = new Metrics('metrics_gateway_limiter', {
  nodes: 'Nodes that have series',
  series: 'Series of all nodes that are known',
  requests_total: 'Requests that the gateway has taken',
  requests_refused_total: 'Requests that were refused, by reason',
  pushes_total: 'Pushes in the protocol of Pushgateway that the gateway has taken',
  pushes_refused_total: 'Pushes that were refused, by group, node, job and reason',
  samples_dropped_total: 'Samples with names of Pushgateway itself, which were left out of pushes, by node',
  series_refused_total: 'Series that were cut out of requests, by group, node and reason',
});

const REASONS = {
  too_many_nodes: 'the group has as many nodes as it may have: sent again later, it may be taken',
  too_many_series: 'the node has as many series as it may have',
  too_many_label_names: 'the group has brought in as many names of labels as it may within three hours',
  reserved: 'series of the cloud itself, by their name or job',
  invalid: 'no series that can be stored, or a native histogram',
};

/**
 * @param {string} group @param {import('./limited-request.mjs').Labels | undefined} labels @param {number} hash @param {number} weight
 * @returns {import('../../../programs/known-series.mjs').NodeSeries | { reason: keyof typeof REASONS, node?: string }}
 */
function admit(group, labels, hash, weight) {
  if (!labels) return { reason: 'invalid' };
  if (reservedMetrics.test(labels.name) || reservedJobs.test(labels.job)) {
    return { reason: 'reserved', node: labels.node };
  }
  const node = allSeries.known.node(group, labels.node);
  if (!node) return { reason: 'too_many_nodes' };
  if (node.knows(hash, weight)) return node;
  if (!node.pool.takeLabelNames(labels.labelNames)) {
    return { reason: 'too_many_label_names', node: labels.node };
  }
  return node.add(hash, weight) ? node : { reason: 'too_many_series', node: labels.node };
}

/** Of those that the gateway's clients use. @throws {Refusal} */
function unpacked(body) {
  try {
    if (!isZstd(body)) return unpack(body, LONGEST_BODY);
    return zlib.zstdDecompressSync(body, {
      maxOutputLength: LONGEST_BODY,
      chunkSize: ORDINARY_BODY,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
    });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal(413, `more than ${LONGEST_BODY} bytes when unpacked`, 'too_large');
    }
    throw new Refusal(400, error.message, 'unreadable');
  }
}

const isZstd = (body) => body.length >= 4 && body.readUInt32LE(0) === ZSTD_MAGIC;

/**
 * What is kept of a request; what is not is counted, also of one that is too costly to be read to its end.
 * @param {Buffer} plain @param {string} group @returns {Buffer} @throws {Refusal} when nothing is left
 */
function limited(plain, group) {
  const refusals = new Refusals();
  try {
    const kept = keptOf(
      plain,
      allSeries.key,
      (labels, hash, weight) => admit(group, labels, hash, weight),
      (refused) => refusals.add(refused),
    );
    const { last } = refusals;
    if (kept.length > 0 || !last) return kept;
    throw new Refusal(last === 'too_many_nodes' ? 429 : 400, REASONS[last], last);
  } finally {
    for (const { reason, node, series } of refusals.list()) {
      // Of names without series there may be any number.
      const name = allSeries.known.has(group, node) ? node : '';
      metrics.add('series_refused_total', { reason, group, node: name }, series);
    }
  }
}

/** A push is stored whole or not at all. @param {string} group @param {string} query */
async function push(request, pathname, group, query, gone) {
  let labels;
  try {
    if (!['PUT', 'POST'].includes(request.method))
      throw new Refusal(405, 'allowed here: PUT, POST', 'method');
    labels = pushes.labelsOf(pathname, group);
    await turns.take(async () => {
      const pushed = pushes.read(await bodyOf(request, LONGEST_PUSH), request.headers, labels);
      for (const part of partsOf(pushed.request, PART)) await send(pack(part), 'snappy', query);
      if (pushed.dropped) metrics.add('samples_dropped_total', originOf(labels), pushed.dropped);
    }, gone);
    metrics.add('pushes_total');
  } catch (error) {
    metrics.add('pushes_refused_total', { reason: error.reason ?? 'failure', ...origins.ofRefused(labels) });
    throw error;
  }
}

/** @param {Buffer} body @param {string} group @param {string} query */
async function write(body, group, query) {
  allSeries.known.rotate(Date.now());
  const plain = unpacked(body);
  const kept = limited(plain, group);
  if (kept === plain && plain.length <= PART) return send(body, isZstd(body) ? 'zstd' : 'snappy', query);
  for (const part of kept.length ? partsOf(kept, PART) : []) await send(pack(part), 'snappy', query);
}

/** @throws {Refusal} when the gateway does not take it */
async function send(body, encoding, query) {
  const headers = {
    'Content-Encoding': encoding,
    'Content-Length': body.length,
    'Content-Type': 'application/x-protobuf',
    'X-Prometheus-Remote-Write-Version': '0.1.0',
  };
  const answer = await gateway.send({ method: 'POST', path: `${target.pathname}${query}`, headers, body });
  const text = await readCapped(answer, LONGEST_ANSWER);
  const { statusCode = 502 } = answer;
  if (statusCode < 200 || statusCode > 299) throw new Refusal(statusCode, `${text}`.trim(), 'gateway');
}

/** @throws {Refusal} when it is no request of remote write that can be taken */
function requireWrite({ method, headers }) {
  if (method !== 'POST') throw new Refusal(405, 'only POST writes', 'method');
  if (/proto="?io\.prometheus\.write\.v2/i.test(headers['content-type'] ?? '')) {
    throw new Refusal(415, 'remote write 2.0 is not taken: use 1.0', 'protocol');
  }
}

/** The group that the guard names. @throws {Refusal} when the query is another one */
function groupOf(query) {
  const stamped = query ? stamp.exec(query)?.groups?.group : '';
  if (stamped === undefined) throw new Refusal(400, 'a query is not allowed', 'query');
  return stamped;
}

async function answer(request, response) {
  const [pathname = '', query] = (request.url ?? '/').split('?', 2);
  const search = query === undefined ? '' : `?${query}`;
  if (pathname === '/metrics') return respond(response, 200, exposition());
  try {
    if (toForget(request)) {
      allSeries.forget();
      origins.forget();
      metrics.forget();
      return respond(response, 200, 'all nodes are known again when they write\n');
    }
    const group = groupOf(search);
    const gone = departure(response);
    if (pushes?.has(pathname)) {
      await push(request, pathname, group, search, gone);
      return respond(response, 200, '');
    }
    requireWrite(request);
    const work = async () => write(await bodyOf(request, LONGEST_BODY), group, search);
    await turns.take(work, gone);
    metrics.add('requests_total');
    respond(response, 204, '');
  } catch (error) {
    refuse(response, error instanceof RangeError ? new Refusal(400, error.message, 'unreadable') : error);
  }
}

function refuse(response, error) {
  const { status = 500, reason = 'failure' } = error;
  metrics.add('requests_refused_total', { reason });
  if (status >= 500) report(error instanceof Refusal ? error.message : `${error.stack}`);
  respond(response, status, `${error.message}\n`);
}

function exposition() {
  allSeries.known.rotate(Date.now());
  metrics.set('nodes', allSeries.known.nodes);
  metrics.set('series', allSeries.known.series);
  return metrics.toString();
}

setInterval(() => allSeries.save(), SAVE_MS).unref();
serve([{ handler: answer, port: Number(LISTEN_PORT) }], () => allSeries.saveNow());
