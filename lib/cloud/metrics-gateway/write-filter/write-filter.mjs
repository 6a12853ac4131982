// HTTP handler of the write filter: forwards remote-write requests of vmagent to Prometheus.
import { parseForgetRequestQuery } from '../../../programs/forgetting.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Refusal, readRequestBody, sendResponse } from '../../../programs/server.mjs';
import { decompressSnappy, encodeSnappyWithoutCompression } from '../../../programs/snappy.mjs';
import { logProblemIfNew } from '../../../programs/state-log.mjs';
import { translateToVersion2 } from './remote-write-2.mjs';
import { RemoteWriteClient } from './remote-write-client.mjs';
import { storeSeriesByHalvingRequests } from './write-halves.mjs';
import { parseRejectedSamples } from './write-refusals.mjs';
import { filterSamplesByTimeRange, parseAllSeries } from './write-request.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 */

/** Maximum size of a body in bytes, compressed and decompressed. Requests of vmagent have at most 8 MiB. */
const LONGEST_BODY = 16 * 2 ** 20;

/** Prometheus accepts samples up to ten minutes in the future (maxAheadTime, storage/remote/write_handler.go). */
const MAX_AHEAD_SECONDS = 600;

const WRITTEN_HEADERS = {
  samples: 'x-prometheus-remote-write-samples-written',
  histograms: 'x-prometheus-remote-write-histograms-written',
};

/** Metrics of the write filter: their names without prefix, and their help texts. */
export const FILTER_METRICS = {
  requests_total: 'Requests that the store accepted, completely or without their invalid samples',
  requests_translated_total:
    'Requests that the write filter sent again as remote write 2.0, because the store rejected them as a whole',
  requests_split_total:
    'Requests that the write filter split and sent again, because a store without remote write 2.0 rejected them as a whole',
  requests_unreadable_total: 'Requests that are not valid remote write',
  samples_dropped_total:
    'Samples that the store rejected or the write filter dropped, by node group, node and reason',
};

/** HTTP server that forwards requests of vmagent to the store, and counts rejected samples by node. */
export class WriteFilter {
  #metrics = new Metrics('metrics_gateway_filter', FILTER_METRICS);
  #store;
  /** Maximum age in milliseconds of samples that are sent to a store without support for remote write 2.0. */
  #maxAgeMs;

  /**
   * Creates the filter in front of a store.
   * @param {NodeJS.ProcessEnv} environment environment variables: URL, headers and credentials of the store, and its
   * out-of-order window in seconds
   */
  constructor({ TARGET_URL = '', OUT_OF_ORDER_SECONDS = '', CREDENTIALS_DIR, HEADERS = '{}' }) {
    this.#store = new RemoteWriteClient({
      url: TARGET_URL,
      headers: JSON.parse(HEADERS),
      credentialsDir: CREDENTIALS_DIR,
    });
    const seconds = Number(OUT_OF_ORDER_SECONDS);
    // The store computes the age of a sample relative to the store's newest sample, which may be in the future.
    this.#maxAgeMs = (seconds - Math.min(MAX_AHEAD_SECONDS, seconds / 4)) * 1_000;
  }

  /**
   * Handles remote-write requests of vmagent.
   * @param {Request} request request of vmagent
   * @param {Response} response response to fill
   */
  handleRequest = async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      if (request.method !== 'POST') throw new Refusal(405, 'the method must be POST');
      await this.#forwardWriteRequest(await readRequestBody(request, LONGEST_BODY), gone.signal);
      this.#metrics.addToCounter('requests_total');
      sendResponse(response, 204, '');
    } catch (error) {
      if (!gone.signal.aborted) this.#respondWithError(response, error);
    }
  };

  /**
   * Handles scrapes of the filter's metrics, and requests to reset the counters.
   * @param {Request} request scrape, or a request from inside the pod
   * @param {Response} response response to fill
   */
  handleMetricsRequest = (request, response) => {
    try {
      if (!parseForgetRequestQuery(request)) return sendResponse(response, 200, `${this.#metrics}`);
      this.#metrics.removeAllLabelledSeries();
      sendResponse(response, 200, 'the counters of all nodes were reset\n');
    } catch (error) {
      sendResponse(response, error.status ?? 500, `${error.message}\n`);
    }
  };

  /**
   * Forwards a request. If the store rejects the request, the filter sends the request again as remote write 2.0.
   * @param {Buffer} body compressed request of vmagent
   * @param {AbortSignal} signal aborted when vmagent disconnects
   * @throws {RangeError} if the request is malformed
   * @throws {import('./remote-write-client.mjs').Unavailable} if vmagent must retry the request
   */
  async #forwardWriteRequest(body, signal) {
    if ((await this.#store.sendV1(body, signal)).ok) return;
    const request = decompressSnappy(body, LONGEST_BODY);
    const sent = translateToVersion2(request);
    this.#metrics.addToCounter('requests_translated_total');
    const answer = await this.#store.sendV2(encodeSnappyWithoutCompression(sent.bytes), signal);
    // A store that supports remote write 2.0 reports how many samples it has written. Another store may have read the
    // request as an empty request of remote write 1.0.
    if (answer.headers[WRITTEN_HEADERS.samples] === undefined)
      return this.#sendRequestInParts(request, signal);
    const missing =
      sent.samples +
      sent.histograms -
      parseCountOfWrittenSamples(answer, 'samples') -
      parseCountOfWrittenSamples(answer, 'histograms');
    for (const refusal of parseRejectedSamples(answer.text, missing)) {
      this.#incrementDroppedSamples(refusal, refusal.reason, refusal.samples);
    }
  }

  /**
   * Sends a request in parts to a store without support for remote write 2.0. Drops and counts the samples that the
   * store does not accept.
   * @param {Buffer} request uncompressed request
   * @param {AbortSignal} signal aborted when vmagent disconnects
   */
  async #sendRequestInParts(request, signal) {
    this.#metrics.addToCounter('requests_split_total');
    const now = Date.now();
    const limits = { oldest: now - this.#maxAgeMs, newest: now + MAX_AHEAD_SECONDS * 1_000 };
    const timely = parseAllSeries(request).flatMap((series) =>
      filterSamplesByTimeRange(series, limits, (one, reason, samples) =>
        this.#incrementDroppedSamples(one, reason, samples),
      ),
    );
    if (timely.length === 0) return;
    /** Sends a part of the request. Returns whether the store accepted this part. */
    const sendPartToStore = async (/** @type {Buffer} */ part) =>
      (await this.#store.sendV1(encodeSnappyWithoutCompression(part), signal)).ok;
    for (const series of await storeSeriesByHalvingRequests(timely, sendPartToStore))
      this.#incrementDroppedSamples(series, 'refused', series.samples.length);
  }

  /**
   * Adds samples that the store did not accept to the counter of a node.
   * @param {{ node: string, group: string }} series node and group of the samples
   * @param {string} reason value of the label `reason`
   * @param {number} samples number of samples
   */
  #incrementDroppedSamples({ node, group }, reason, samples) {
    if (samples) this.#metrics.addToCounter('samples_dropped_total', { reason, group, node }, samples);
  }

  /**
   * Responds to a request that could not be forwarded, and logs the error.
   * @param {Response} response response to fill
   * @param {any} error `Refusal` with a status, or an unexpected error
   */
  #respondWithError(response, error) {
    const isUnreadable = error instanceof RangeError || error.status === 413;
    if (isUnreadable) this.#metrics.addToCounter('requests_unreadable_total');
    logProblemIfNew(error instanceof Refusal ? error.message : `${error.stack}`);
    // vmagent drops a request after status 400, but retries a request after 413. vmagent must not retry a request that
    // is too large.
    sendResponse(response, isUnreadable ? 400 : (error.status ?? 500), `${error.message}\n`);
  }
}

/**
 * Returns how many samples or histograms the store has written, according to a header of the response; 0 if the
 * response has no such header.
 * @param {import('./remote-write-client.mjs').Answer} answer response of the store
 * @param {keyof typeof WRITTEN_HEADERS} what `samples` or `histograms`
 */
const parseCountOfWrittenSamples = ({ headers }, what) => Number(headers[WRITTEN_HEADERS[what]] ?? 0);
