// Serves requests between a writer and a store.
import { parseForgetRequest } from '../../../programs/forgetting.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Refusal, readBody, respond } from '../../../programs/server.mjs';
import { pack, unpack } from '../../../programs/snappy.mjs';
import { report } from '../../../programs/state-log.mjs';
import { translate } from './remote-write-2.mjs';
import { RemoteWriteClient } from './remote-write-client.mjs';
import { storeInParts } from './write-halves.mjs';
import { parseRefusals } from './write-refusals.mjs';
import { keepInTimeRange, parseSeries } from './write-request.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

/** Maximum size of a body, compressed and decompressed: blocks of vmagent have at most 8 MiB. */
const LONGEST_BODY = 16 * 2 ** 20;

/** Prometheus accepts samples up to ten minutes in the future (maxAheadTime, storage/remote/write_handler.go). */
const AHEAD_SECONDS = 600;

const WRITTEN = {
  samples: 'x-prometheus-remote-write-samples-written',
  histograms: 'x-prometheus-remote-write-histograms-written',
};

export const FILTER_METRICS = {
  requests_total: 'Requests that the store has taken, whole or in parts',
  requests_translated_total: 'Requests that the store refused as a whole, and were sent again as 2.0',
  requests_split_total: 'Requests that were sent again in parts, since the store does not know protocol 2.0',
  requests_unreadable_total: 'Requests that are no remote write',
  samples_dropped_total: 'Samples that the store refused, by node and reason',
};

export class WriteFilter {
  #metrics = new Metrics('metrics_gateway_filter', FILTER_METRICS);
  #store;
  /** Maximum age of samples that are sent to a store without protocol 2.0. */
  #oldestMs;

  /** @param {NodeJS.ProcessEnv} environment */
  constructor({ TARGET_URL = '', OUT_OF_ORDER_SECONDS = '', CREDENTIALS_DIR, HEADERS = '{}' }) {
    this.#store = new RemoteWriteClient({
      url: TARGET_URL,
      headers: JSON.parse(HEADERS),
      credentialsDir: CREDENTIALS_DIR,
    });
    const seconds = Number(OUT_OF_ORDER_SECONDS);
    // The store computes the age relative to its newest sample, which may be in the future.
    this.#oldestMs = (seconds - Math.min(AHEAD_SECONDS, seconds / 4)) * 1_000;
  }

  /** Requests of the writer. @param {Request} request @param {Response} response */
  answer = async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      if (request.method !== 'POST') throw new Refusal(405, 'only POST writes');
      await this.#write(await readBody(request, LONGEST_BODY), gone.signal);
      this.#metrics.add('requests_total');
      respond(response, 204, '');
    } catch (error) {
      if (!gone.signal.aborted) this.#fail(response, error);
    }
  };

  /** Requests of Prometheus. @param {Request} request @param {Response} response */
  observe = (request, response) => {
    try {
      if (!parseForgetRequest(request)) return respond(response, 200, `${this.#metrics}`);
      this.#metrics.forget();
      respond(response, 200, 'counters of nodes begin anew\n');
    } catch (error) {
      respond(response, error.status ?? 500, `${error.message}\n`);
    }
  };

  /**
   * @param {Buffer} body as the writer packed it @param {AbortSignal} signal
   * @throws {RangeError} when it is no request @throws {import('./remote-write-client.mjs').Unavailable}
   */
  async #write(body, signal) {
    if ((await this.#store.send(body, signal)).ok) return;
    const request = unpack(body, LONGEST_BODY);
    const sent = translate(request);
    this.#metrics.add('requests_translated_total');
    const answer = await this.#store.sendV2(pack(sent.bytes), signal);
    // A store that does not report how many samples it has written does not support the protocol, and may have parsed
    // an empty request.
    if (answer.headers[WRITTEN.samples] === undefined) return this.#writeInParts(request, signal);
    const missing =
      sent.samples + sent.histograms - writtenCount(answer, 'samples') - writtenCount(answer, 'histograms');
    for (const refusal of parseRefusals(answer.text, missing)) {
      this.#drop(refusal, refusal.reason, refusal.samples);
    }
  }

  /** @param {Buffer} request unpacked @param {AbortSignal} signal */
  async #writeInParts(request, signal) {
    this.#metrics.add('requests_split_total');
    const now = Date.now();
    const limits = { oldest: now - this.#oldestMs, newest: now + AHEAD_SECONDS * 1_000 };
    const timely = parseSeries(request).flatMap((series) =>
      keepInTimeRange(series, limits, (one, reason, samples) => this.#drop(one, reason, samples)),
    );
    if (timely.length === 0) return;
    const send = async (/** @type {Buffer} */ part) => (await this.#store.send(pack(part), signal)).ok;
    for (const series of await storeInParts(timely, send))
      this.#drop(series, 'refused', series.samples.length);
  }

  /** @param {{ node: string, group: string }} series @param {string} reason @param {number} samples */
  #drop({ node, group }, reason, samples) {
    if (samples) this.#metrics.add('samples_dropped_total', { reason, group, node }, samples);
  }

  /** @param {Response} response @param {any} error */
  #fail(response, error) {
    const isUnreadable = error instanceof RangeError || error.status === 413;
    if (isUnreadable) this.#metrics.add('requests_unreadable_total');
    report(error instanceof Refusal ? error.message : `${error.stack}`);
    // A block that is too large stays too large: vmagent drops a block after 400, and retries after 413.
    respond(response, isUnreadable ? 400 : (error.status ?? 500), `${error.message}\n`);
  }
}

/** @param {import('./remote-write-client.mjs').Answer} answer @param {keyof typeof WRITTEN} what */
const writtenCount = ({ headers }, what) => Number(headers[WRITTEN[what]] ?? 0);
