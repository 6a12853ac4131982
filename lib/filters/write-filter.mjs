// Stands between a writer that mixes the samples of many nodes and a store that refuses a whole request for
// one sample: takes out what is outside of the store's time, and where the store refuses even so, finds out by
// halves which series it means. One node never costs another a sample; what is dropped is counted.
import { readFileSync } from 'node:fs';
import { Metrics } from './metrics.mjs';
import { bodyOf, Refusal, report, respond, serve } from './server.mjs';
import { pack, unpack } from './snappy.mjs';
import { requestOf, seriesOf, withSamples } from './write-request.mjs';

const {
  TARGET_URL = '',
  LISTEN_PORT = '',
  METRICS_PORT = '',
  OUT_OF_ORDER_SECONDS = '',
  AHEAD_SECONDS = '',
  CREDENTIALS_DIR,
  HEADERS = '{}',
} = process.env;

const LONGEST_BODY = 64 * 2 ** 20;
const ANSWER_MS = 30_000;

/** So many refusals of one node's series are looked into in one request; the rest of them is dropped. */
const REFUSALS = 64;

/** The store reckons from the newest sample that it has, which may be ahead of now. */
const MARGIN_SECONDS = Math.min(2 * Number(AHEAD_SECONDS), Number(OUT_OF_ORDER_SECONDS) / 4);

const metrics = new Metrics('metrics_gateway_filter', {
  requests_total: 'Requests that the store has taken, whole or in parts',
  requests_split_total: 'Requests that the store refused as a whole',
  requests_unreadable_total: 'Requests that are no remote write',
  samples_dropped_total: 'Samples that were kept from the store, by node and reason',
});

/** @param {{ node: string, group: string }} series @param {string} reason @param {number} samples */
function drop({ node, group }, reason, samples) {
  if (samples) metrics.add('samples_dropped_total', { reason, group, node }, samples);
}

/** An answer of the store other than a refusal: whoever writes is to try again. */
class Unavailable extends Refusal {}

function headers() {
  return {
    'Content-Encoding': 'snappy',
    'Content-Type': 'application/x-protobuf',
    'X-Prometheus-Remote-Write-Version': '0.1.0',
    ...JSON.parse(HEADERS),
    ...(CREDENTIALS_DIR && { Authorization: `Basic ${credentials(CREDENTIALS_DIR)}` }),
  };
}

/** Read at each request, so that a new password needs no restart. */
function credentials(folder) {
  const [username, password] = ['username', 'password'].map((name) =>
    readFileSync(`${folder}/${name}`, 'utf8'),
  );
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** Whether the store takes it. @throws {Unavailable} */
async function send(body) {
  const request = { method: 'POST', headers: headers(), body, signal: AbortSignal.timeout(ANSWER_MS) };
  const answer = await fetch(TARGET_URL, request).catch((error) => {
    throw new Unavailable(502, `${TARGET_URL}: ${error.cause?.message ?? error.message}`);
  });
  const text = await answer.text();
  if (answer.ok) return true;
  if (answer.status === 400 || answer.status === 409) return false;
  throw new Unavailable(answer.status, `${TARGET_URL}: ${text.trim().slice(0, 300)}`);
}

/** Takes out the samples that the store would refuse for their time. */
function inTime(series, now) {
  const oldest = now - (Number(OUT_OF_ORDER_SECONDS) - MARGIN_SECONDS) * 1000;
  const newest = now + Number(AHEAD_SECONDS) * 1000;
  if (series.samples.every(({ time }) => time >= oldest && time <= newest)) return series;
  drop(series, 'too_old', series.samples.filter(({ time }) => time < oldest).length);
  drop(series, 'too_far_ahead', series.samples.filter(({ time }) => time > newest).length);
  return withSamples(series, ({ time }) => time >= oldest && time <= newest);
}

/** Sends series node by node, and those of a node that are refused by halves, down to the sample. */
async function split(all) {
  const nodes = groupedByNode(all);
  for (const series of nodes) {
    // Where there is one node, all of it was refused already.
    if (nodes.length > 1 && (await send(pack(requestOf(series))))) continue;
    await halve(series, { left: REFUSALS });
  }
}

function groupedByNode(all) {
  const groups = new Map();
  for (const series of all) {
    const key = `${series.group}/${series.node}`;
    const group = groups.get(key);
    if (group) group.push(series);
    else groups.set(key, [series]);
  }
  return [...groups.values()];
}

/** What was refused as a whole, in parts. */
async function halve(series, budget) {
  const parts = series.length > 1 ? halves(series) : samplesOf(series[0]);
  if (budget.left <= 0 || parts.length < 2) {
    for (const one of series) drop(one, 'refused', one.samples.length);
    return;
  }
  for (const part of parts) {
    if (await send(pack(requestOf(part)))) continue;
    budget.left--;
    await halve(part, budget);
  }
}

function halves(list) {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

function samplesOf(series) {
  if (series.samples.length < 2) return [];
  return halves(series.samples).map((part) => [withSamples(series, (sample) => part.includes(sample))]);
}

/** @param {Buffer} body as the writer packed it. @throws {RangeError} when it is no request. @throws {Unavailable} */
async function write(body) {
  const all = seriesOf(unpack(body, LONGEST_BODY));
  const now = Date.now();
  const kept = all.map((series) => inTime(series, now));
  const untouched = kept.every((series, index) => series === all[index]);
  const rest = untouched ? kept : kept.filter(({ samples }) => samples.length > 0);
  if (rest.length === 0 && !untouched) return;
  if (await send(untouched ? body : pack(requestOf(rest)))) return;
  metrics.add('requests_split_total');
  await split(rest);
}

async function answer(request, response) {
  try {
    if (request.method !== 'POST') throw new Refusal(405, 'only POST writes');
    await write(await bodyOf(request, LONGEST_BODY));
    metrics.add('requests_total');
    respond(response, 204, '');
  } catch (error) {
    const isUnreadable = error instanceof RangeError || error.status === 413;
    if (isUnreadable) metrics.add('requests_unreadable_total');
    report(error instanceof Refusal ? error.message : `${error.stack}`);
    respond(response, error.status ?? (isUnreadable ? 400 : 500), `${error.message}\n`);
  }
}

serve([
  // Only the writer of the same pod writes here.
  { handler: answer, port: Number(LISTEN_PORT), host: '127.0.0.1' },
  { handler: (_, response) => respond(response, 200, `${metrics}`), port: Number(METRICS_PORT) },
]);
