// HTTP handler of the series limiter: forwards remote-write requests and pushes to vmagent, within the limits.
import { readFileSync } from 'node:fs';
import { parseForgetRequestQuery } from '../../../programs/forgetting.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originFromGroupingKey } from '../../../programs/origins.mjs';
import { createDisconnectSignal, Refusal, readRequestBody, sendResponse } from '../../../programs/server.mjs';
import { encodeSnappyWithoutCompression } from '../../../programs/snappy.mjs';
import { logProblemIfNew } from '../../../programs/state-log.mjs';
import { TaskQueue } from '../../../programs/task-queue.mjs';
import { readFirstResponseBytes, Upstream } from '../../../programs/upstream.mjs';
import { SeriesAdmission } from './admission.mjs';
import { GatewayPushes, LONGEST_PUSH } from './gateway-pushes.mjs';
import {
  decompressBody,
  detectBodyCompression,
  LONGEST_BODY,
  requireSupportedWriteRequest,
  splitRequestBySize,
} from './packing.mjs';

/** Maximum size of a forwarded request in bytes, before compression. vmagent's own limit is at least 1 MiB. */
const MAX_FORWARDED_BYTES = 2 ** 20;
const MAX_CONCURRENT_REQUESTS = 4;
/** Maximum number of waiting requests. Each waiting request holds a part of its body in memory. */
const MOST_WAITING = 500;
const ANSWER_MS = 60_000;
const LONGEST_ANSWER = 300;

/** Metrics of the series limiter: their names without prefix, and their help texts. */
export const LIMITER_METRICS = {
  nodes: 'Number of nodes with known series',
  series: 'Number of known series of all nodes',
  requests_total: 'Total number of requests that the gateway accepted',
  requests_refused_total: 'Total number of requests and pushes that were rejected or failed, by reason',
  pushes_total: "Total number of pushes with Pushgateway's protocol that the gateway accepted",
  pushes_refused_total: 'Total number of pushes that were rejected, by node group, node, job and reason',
  samples_dropped_total:
    'Pushed samples that the gateway dropped because Pushgateway itself uses their metric names, by node group, node and job',
  series_refused_total: 'Series that were removed from remote-write requests, by node group, node and reason',
};

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {{ group: string, node?: string, query: string }} Sender `group`: node group of a client without
 * certificate; `node`: node of a client with certificate; `query`: query of the URL for the forwarded request
 */

/** HTTP server that limits the series of remote-write requests and pushes, and forwards them to vmagent. */
export class SeriesLimiter {
  #metrics = new Metrics('metrics_gateway_limiter', LIMITER_METRICS);
  #tasks = new TaskQueue(MAX_CONCURRENT_REQUESTS, MOST_WAITING);
  #stamp;
  /**
   * For nodes with a certificate: the header with the node's group, and the query parameter that passes the group to
   * vmagent.
   */
  #certifiedGroup;
  #series;
  #admission;
  #pushes;
  #origins;
  #gateway;
  #writePath;

  /**
   * Reads the files with the limits and the known series, and creates the limiter.
   * @param {NodeJS.ProcessEnv} environment environment variables: the path of the file with the limits, the path of the
   * file with the known series, and the remote-write URL of vmagent
   */
  constructor({ LIMITS_FILE = '', STATE_FILE = '', TARGET_URL = '' }) {
    const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
    const series = new KeyedSeries(limits, STATE_FILE);
    this.#series = series;
    this.#stamp = new RegExp(limits.groupStamp);
    this.#certifiedGroup = { header: limits.groupHeader ?? '', parameter: limits.groupParameter ?? '' };
    this.#admission = new SeriesAdmission(limits, series, (labels, count) =>
      this.#metrics.addToCounter('series_refused_total', labels, count),
    );
    /** Converter of pushes; undefined if the gateway does not accept pushes. @type {GatewayPushes | undefined} */
    this.#pushes = limits.pushes && new GatewayPushes(limits.pushes, limits, series);
    this.#origins = new Origins(
      ({ hostname = '', group = '' }) => series.known.hasNode(group, hostname),
      Object.keys(limits.pools),
    );
    const { hostname: host, port, pathname } = new URL(TARGET_URL);
    this.#gateway = new Upstream('the gateway', { host, port: Number(port), answerMs: ANSWER_MS });
    this.#writePath = pathname;
  }

  /**
   * Handles a remote-write request, a push, a scrape of the limiter's metrics, or the request to forget all nodes.
   * @param {Request} request request to handle @param {Response} response response to fill
   */
  handleRequest = async (request, response) => {
    const [pathname = '', query] = (request.url ?? '/').split('?', 2);
    if (pathname === '/metrics') return sendResponse(response, 200, this.#renderMetrics());
    try {
      if (parseForgetRequestQuery(request)) return this.#forgetAllNodesAndRespond(response);
      const sender = this.#parseSenderFromQuery(query === undefined ? '' : `?${query}`, request.headers);
      const gone = createDisconnectSignal(response);
      if (this.#pushes?.isPushPath(pathname)) {
        await this.#forwardPush(this.#pushes, request, pathname, sender, gone);
        return sendResponse(response, 200, '');
      }
      requireSupportedWriteRequest(request);
      await this.#tasks.runWhenSlotIsFree(
        async () => this.#forwardWriteRequest(await readRequestBody(request, LONGEST_BODY), sender),
        gone,
      );
      this.#metrics.addToCounter('requests_total');
      sendResponse(response, 204, '');
    } catch (error) {
      this.#respondWithError(
        response,
        error instanceof RangeError ? new Refusal(400, error.message, 'unreadable') : error,
      );
    }
  };

  /** Saves the known series to the state file in the background. */
  saveState() {
    return this.#series.saveSeries();
  }

  /** Saves the known series to the state file before the program exits. */
  saveStateSync() {
    this.#series.saveSeriesSync();
  }

  /** Forgets all nodes and series, so that no limit counts them. @param {Response} response response to fill */
  #forgetAllNodesAndRespond(response) {
    this.#series.forgetAllSeries();
    this.#origins.forgetNodesAndJobs();
    this.#metrics.removeAllLabelledSeries();
    const text = 'forgot all nodes and their series; a node counts again after its next request\n';
    sendResponse(response, 200, text);
  }

  /**
   * Returns the group or node of the sender, which the guard added to the query.
   * @param {string} query query of the URL, with `?`; empty if the URL has no query
   * @param {Request['headers']} headers headers of the request
   * @returns {Sender} sender; if the URL has no query, the group is empty and the node is undefined
   * @throws {Refusal} if the query does not come from the guard
   */
  #parseSenderFromQuery(query, headers) {
    const stamp = query ? this.#stamp.exec(query) : undefined;
    if (stamp === null)
      throw new Refusal(400, 'the URL must not have a query: remove the part after "?"', 'query');
    const { group = '', node } = stamp?.groups ?? {};
    const { header, parameter } = this.#certifiedGroup;
    const certified = node && headers[header];
    return { group, node, query: certified ? `${query}&${parameter}${certified}` : query };
  }

  /**
   * Forwards a push with Pushgateway's protocol to vmagent. A push is accepted or rejected as a whole.
   * @param {GatewayPushes} pushes converter of pushes @param {Request} request push of a client
   * @param {string} pathname URL path of the push @param {Sender} sender sender of the push
   * @param {AbortSignal} gone aborted when the client disconnects @throws {Refusal} if the push is rejected
   */
  async #forwardPush(pushes, request, pathname, { group, query }, gone) {
    /** Labels of the push; undefined if the push is refused before they are parsed. @type {Map<string, string> | undefined} */
    let labels;
    try {
      if (!['PUT', 'POST'].includes(request.method ?? '')) {
        throw new Refusal(405, 'allowed here: PUT, POST', 'method');
      }
      const key = pushes.parseAndValidatePushLabels(pathname, group);
      labels = key;
      await this.#tasks.runWhenSlotIsFree(async () => {
        const pushed = pushes.checkLimitsAndConvertPush(
          await readRequestBody(request, LONGEST_PUSH),
          request.headers,
          key,
        );
        for (const part of splitRequestBySize(pushed.request, MAX_FORWARDED_BYTES))
          await this.#sendToVmagent(encodeSnappyWithoutCompression(part), 'snappy', query);
        if (pushed.dropped)
          this.#metrics.addToCounter('samples_dropped_total', originFromGroupingKey(key), pushed.dropped);
      }, gone);
      this.#metrics.addToCounter('pushes_total');
    } catch (error) {
      const reason = error.reason ?? 'failure';
      this.#metrics.addToCounter('pushes_refused_total', {
        reason,
        ...this.#origins.recordOriginOfRefusedPush(labels),
      });
      throw error;
    }
  }

  /**
   * Forwards the accepted series of a remote-write request to vmagent, in requests of at most 1 MiB.
   * @param {Buffer} body body as received @param {Sender} sender sender of the request
   * @throws {Refusal} if no series is accepted, or if vmagent rejects the request
   */
  async #forwardWriteRequest(body, { group, node, query }) {
    this.#series.known.startNewTimeWindowIfDue(Date.now());
    const plain = decompressBody(body);
    const kept = this.#admission.removeRejectedSeriesFromRequest(plain, group, node);
    if (kept === plain && plain.length <= MAX_FORWARDED_BYTES)
      return this.#sendToVmagent(body, detectBodyCompression(body), query);
    for (const part of kept.length ? splitRequestBySize(kept, MAX_FORWARDED_BYTES) : [])
      await this.#sendToVmagent(encodeSnappyWithoutCompression(part), 'snappy', query);
  }

  /**
   * Sends a remote-write request to vmagent.
   * @param {Buffer} body compressed body @param {'snappy' | 'zstd'} encoding compression of the body
   * @param {string} query query of the URL, with the labels that vmagent adds to the samples
   * @throws {Refusal} if vmagent rejects the request
   */
  async #sendToVmagent(body, encoding, query) {
    const headers = {
      'Content-Encoding': encoding,
      'Content-Length': body.length,
      'Content-Type': 'application/x-protobuf',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    };
    const path = `${this.#writePath}${query}`;
    const answer = await this.#gateway.sendRequest({ method: 'POST', path, headers, body });
    const text = await readFirstResponseBytes(answer, LONGEST_ANSWER);
    const { statusCode = 502 } = answer;
    if (statusCode < 200 || statusCode > 299) throw new Refusal(statusCode, `${text}`.trim(), 'gateway');
  }

  /**
   * Counts a rejected or failed request, and responds to the client.
   * @param {Response} response response to fill
   * @param {any} error `Refusal` with a status and a reason, or an unexpected error
   */
  #respondWithError(response, error) {
    const { status = 500, reason = 'failure' } = error;
    this.#metrics.addToCounter('requests_refused_total', { reason });
    if (status >= 500) logProblemIfNew(error instanceof Refusal ? error.message : `${error.stack}`);
    sendResponse(response, status, `${error.message}\n`);
  }

  /** Returns the limiter's metrics in Prometheus's text format. */
  #renderMetrics() {
    const { known } = this.#series;
    known.startNewTimeWindowIfDue(Date.now());
    this.#metrics.setGauge('nodes', known.nodes);
    this.#metrics.setGauge('series', known.series);
    return `${this.#metrics}`;
  }
}
