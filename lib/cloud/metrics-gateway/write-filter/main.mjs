// Stands between a writer that mixes the samples of many nodes and a Prometheus, which refuses a whole request of remote
// write 1.0 for one sample, and stores the good part of one of 2.0. A request goes on as it is; one that was refused is
// sent again as 2.0, and what the store names is counted by node. One node never costs another a sample.
import { toForget } from '../../../programs/forgetting.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { bodyOf, Refusal, report, respond, serve } from '../../../programs/server.mjs';
import { pack, unpack } from '../../../programs/snappy.mjs';
import { translate } from './remote-write-2.mjs';
import { RemoteWriteClient } from './remote-write-client.mjs';
import { storeInParts } from './write-halves.mjs';
import { refusalsIn } from './write-refusals.mjs';
import { seriesOf, withinTime } from './write-request.mjs';

const {
  TARGET_URL = '',
  LISTEN_PORT = '',
  METRICS_PORT = '',
  OUT_OF_ORDER_SECONDS = '',
  CREDENTIALS_DIR,
  HEADERS = '{}',
} = process.env;

/** Packed and unpacked: vmagent's blocks are of 8 MiB at most. */
const LONGEST_BODY = 16 * 2 ** 20;

/** So far ahead Prometheus takes a sample: ten minutes (maxAheadTime, storage/remote/write_handler.go). */
const AHEAD_SECONDS = 600;

/** The store reckons from the newest sample that it has, which may be ahead of now. */
const MARGIN_SECONDS = Math.min(AHEAD_SECONDS, Number(OUT_OF_ORDER_SECONDS) / 4);

const WRITTEN = {
  samples: 'x-prometheus-remote-write-samples-written',
  histograms: 'x-prometheus-remote-write-histograms-written',
};

const metrics = new Metrics('metrics_gateway_filter', {
  requests_total: 'Requests that the store has taken, whole or in parts',
  requests_translated_total: 'Requests that the store refused as a whole, and were sent again as 2.0',
  requests_split_total: 'Requests that were sent again in parts, since the store does not know protocol 2.0',
  requests_unreadable_total: 'Requests that are no remote write',
  samples_dropped_total: 'Samples that the store refused, by node and reason',
});

const store = new RemoteWriteClient({
  url: TARGET_URL,
  headers: JSON.parse(HEADERS),
  credentialsDir: CREDENTIALS_DIR,
});

/** @param {Buffer} body as the writer packed it. @param {AbortSignal} signal @throws {RangeError} when it is no request. @throws {Unavailable} */
async function write(body, signal) {
  if ((await store.send(body, signal)).ok) return;
  const request = unpack(body, LONGEST_BODY);
  const sent = translate(request);
  metrics.add('requests_translated_total');
  const answer = await store.sendV2(pack(sent.bytes), signal);
  // What does not say how much it has written does not know the protocol, and may have read an empty request.
  if (answer.headers[WRITTEN.samples] === undefined) return writeInParts(request, signal);
  const missing = sent.samples + sent.histograms - written(answer, 'samples') - written(answer, 'histograms');
  for (const refusal of refusalsIn(answer.text, missing)) drop(refusal, refusal.reason, refusal.samples);
}

const written = ({ headers }, what) => Number(headers[WRITTEN[what]] ?? 0);

/** @param {Buffer} request unpacked @param {AbortSignal} signal */
async function writeInParts(request, signal) {
  metrics.add('requests_split_total');
  const now = Date.now();
  const oldest = now - (Number(OUT_OF_ORDER_SECONDS) - MARGIN_SECONDS) * 1_000;
  const limits = { oldest, newest: now + AHEAD_SECONDS * 1_000 };
  const timely = seriesOf(request).flatMap((series) => withinTime(series, limits, drop));
  if (timely.length === 0) return;
  const lost = await storeInParts(timely, async (part) => (await store.send(pack(part), signal)).ok);
  for (const series of lost) drop(series, 'refused', series.samples.length);
}

/** @param {{ node: string, group: string }} series @param {string} reason @param {number} samples */
function drop({ node, group }, reason, samples) {
  if (samples) metrics.add('samples_dropped_total', { reason, group, node }, samples);
}

async function answer(request, response) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    if (request.method !== 'POST') throw new Refusal(405, 'only POST writes');
    await write(await bodyOf(request, LONGEST_BODY), gone.signal);
    metrics.add('requests_total');
    respond(response, 204, '');
  } catch (error) {
    if (gone.signal.aborted) return;
    const isUnreadable = error instanceof RangeError || error.status === 413;
    if (isUnreadable) metrics.add('requests_unreadable_total');
    report(error instanceof Refusal ? error.message : `${error.stack}`);
    // What is too large never gets smaller: vmagent drops a block for 400, and sends one again for 413.
    respond(response, isUnreadable ? 400 : (error.status ?? 500), `${error.message}\n`);
  }
}

function observe(request, response) {
  try {
    if (!toForget(request)) return respond(response, 200, `${metrics}`);
    metrics.forget();
    respond(response, 200, 'counters of nodes begin anew\n');
  } catch (error) {
    respond(response, error.status ?? 500, `${error.message}\n`);
  }
}

serve([
  // Only the writer of the same pod writes here.
  { handler: answer, port: Number(LISTEN_PORT), host: '127.0.0.1' },
  { handler: observe, port: Number(METRICS_PORT) },
]);
