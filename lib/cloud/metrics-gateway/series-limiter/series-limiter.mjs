// HTTP handler of the series limiter: forwards remote-write requests and pushes to vmagent, within the
// limits.
import { readFileSync } from 'node:fs';
import { parseForgetRequest } from '../../../programs/forgetting.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originFromLabels } from '../../../programs/origins.mjs';
import { createDisconnectSignal, Refusal, readBody, respond } from '../../../programs/server.mjs';
import { compressSnappy } from '../../../programs/snappy.mjs';
import { logProblem } from '../../../programs/state-log.mjs';
import { Turns } from '../../../programs/turns.mjs';
import { readResponseStart, Upstream } from '../../../programs/upstream.mjs';
import { Admission } from './admission.mjs';
import { GatewayPushes, LONGEST_PUSH } from './gateway-pushes.mjs';
import { splitRequest } from './limited-request.mjs';
import { decompressBody, detectEncoding, LONGEST_BODY } from './packing.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {{ group: string, node?: string, query: string }} Sender the group of nodes or the node that the guard names, and the query
 * that says so
 */

/** Maximum size of a forwarded request in bytes. vmagent accepts at least 1 MiB. */
const PART = 2 ** 20;
const AT_ONCE = 4;
/**
 * Maximum number of waiting requests. It is limited because each of them holds a part of its body in memory.
 */
const MOST_WAITING = 500;
const ANSWER_MS = 60_000;
const LONGEST_ANSWER = 300;

/** Metrics of the series limiter: their names without prefix, and their help texts. */
export const LIMITER_METRICS = {
  nodes: 'Number of nodes with known series',
  series: 'Number of known series of all nodes',
  requests_total: 'Requests that the gateway accepted',
  requests_refused_total: 'Requests that were rejected, by reason',
  pushes_total: 'Pushes with the protocol of Pushgateway that the gateway accepted',
  pushes_refused_total: 'Pushes that were rejected, by group, node, job and reason',
  samples_dropped_total:
    'Pushed samples that were dropped because Pushgateway itself uses their metric names, by node',
  series_refused_total: 'Series that were removed from requests, by group, node and reason',
};

export class SeriesLimiter {
  #metrics = new Metrics('metrics_gateway_limiter', LIMITER_METRICS);
  #turns = new Turns(AT_ONCE, MOST_WAITING);
  #stamp;
  /**
   * Header in which the guard sends the group of a node with a certificate, and query parameter by which the
   * group is passed to vmagent.
   */
  #certifiedGroup;
  #series;
  #admission;
  #pushes;
  #origins;
  #gateway;
  #writePath;

  /** Creates the limiter from environment variables and the file with limits. @param {NodeJS.ProcessEnv} environment */
  constructor({ LIMITS_FILE = '', STATE_FILE = '', TARGET_URL = '' }) {
    const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
    const series = new KeyedSeries(limits, STATE_FILE);
    this.#series = series;
    this.#stamp = new RegExp(limits.groupStamp);
    this.#certifiedGroup = { header: limits.groupHeader ?? '', parameter: limits.groupParameter ?? '' };
    this.#admission = new Admission(limits, series, (labels, count) =>
      this.#metrics.addToCounter('series_refused_total', labels, count),
    );
    /** @type {GatewayPushes | undefined} */
    this.#pushes = limits.pushes && new GatewayPushes(limits.pushes, limits, series);
    this.#origins = new Origins(
      ({ hostname = '', group = '' }) => series.known.hasNode(group, hostname),
      Object.keys(limits.pools),
    );
    const { hostname: host, port, pathname } = new URL(TARGET_URL);
    this.#gateway = new Upstream('the gateway', { host, port: Number(port), answerMs: ANSWER_MS });
    this.#writePath = pathname;
  }

  /** Handles a remote-write request, a push, a scrape of the metrics, or the request to forget all nodes. @param {Request} request @param {Response} response */
  handleRequest = async (request, response) => {
    const [pathname = '', query] = (request.url ?? '/').split('?', 2);
    if (pathname === '/metrics') return respond(response, 200, this.#renderMetrics());
    try {
      if (parseForgetRequest(request)) return this.#forgetNodes(response);
      const sender = this.#parseSender(query === undefined ? '' : `?${query}`, request.headers);
      const gone = createDisconnectSignal(response);
      if (this.#pushes?.isPushPath(pathname)) {
        await this.#forwardPush(this.#pushes, request, pathname, sender, gone);
        return respond(response, 200, '');
      }
      requireRemoteWrite(request);
      await this.#turns.runInTurn(
        async () => this.#forwardWrite(await readBody(request, LONGEST_BODY), sender),
        gone,
      );
      this.#metrics.addToCounter('requests_total');
      respond(response, 204, '');
    } catch (error) {
      this.#respondWithError(
        response,
        error instanceof RangeError ? new Refusal(400, error.message, 'unreadable') : error,
      );
    }
  };

  saveState() {
    return this.#series.saveSeries();
  }

  saveStateAtExit() {
    this.#series.saveSeriesNow();
  }

  /** Forgets all nodes and their series, so that none of them counts for the limits. @param {Response} response */
  #forgetNodes(response) {
    this.#series.forgetSeries();
    this.#origins.forgetNames();
    this.#metrics.forgetLabelledSeries();
    respond(response, 200, 'forgot all nodes; each node is known again after its next request\n');
  }

  /**
   * Returns group and node of the sender, which the guard added to the query.
   * @param {string} query
   * @param {Request['headers']} headers
   * @returns {Sender}
   * @throws {Refusal} if the query is not from the guard
   */
  #parseSender(query, headers) {
    const stamp = query ? this.#stamp.exec(query) : undefined;
    if (stamp === null) throw new Refusal(400, 'the URL must not have a query', 'query');
    const { group = '', node } = stamp?.groups ?? {};
    const { header, parameter } = this.#certifiedGroup;
    const certified = node && headers[header];
    return { group, node, query: certified ? `${query}&${parameter}${certified}` : query };
  }

  /**
   * Forwards a push with Pushgateway's protocol. A push is either accepted as a whole or rejected.
   * @param {GatewayPushes} pushes
   * @param {Request} request
   * @param {string} pathname
   * @param {Sender} sender
   * @param {AbortSignal} gone aborted when the client disconnects
   */
  async #forwardPush(pushes, request, pathname, { group, query }, gone) {
    /** @type {Map<string, string> | undefined} */
    let labels;
    try {
      if (!['PUT', 'POST'].includes(request.method ?? '')) {
        throw new Refusal(405, 'allowed here: PUT, POST', 'method');
      }
      const key = pushes.parseGroupLabels(pathname, group);
      labels = key;
      await this.#turns.runInTurn(async () => {
        const pushed = pushes.convertToWriteRequest(
          await readBody(request, LONGEST_PUSH),
          request.headers,
          key,
        );
        for (const part of splitRequest(pushed.request, PART))
          await this.#sendToGateway(compressSnappy(part), 'snappy', query);
        if (pushed.dropped)
          this.#metrics.addToCounter('samples_dropped_total', originFromLabels(key), pushed.dropped);
      }, gone);
      this.#metrics.addToCounter('pushes_total');
    } catch (error) {
      const reason = error.reason ?? 'failure';
      this.#metrics.addToCounter('pushes_refused_total', {
        reason,
        ...this.#origins.originOfRefusedPush(labels),
      });
      throw error;
    }
  }

  /** Forwards the accepted series of a remote-write request. @param {Buffer} body @param {Sender} sender */
  async #forwardWrite(body, { group, node, query }) {
    this.#series.known.startNewWindowIfDue(Date.now());
    const plain = decompressBody(body);
    const kept = this.#admission.filterRequest(plain, group, node);
    if (kept === plain && plain.length <= PART) return this.#sendToGateway(body, detectEncoding(body), query);
    for (const part of kept.length ? splitRequest(kept, PART) : [])
      await this.#sendToGateway(compressSnappy(part), 'snappy', query);
  }

  /**
   * Sends a remote-write request to vmagent.
   * @param {Buffer} body
   * @param {'snappy' | 'zstd'} encoding
   * @param {string} query
   * @throws {Refusal} if vmagent rejects the request
   */
  async #sendToGateway(body, encoding, query) {
    const headers = {
      'Content-Encoding': encoding,
      'Content-Length': body.length,
      'Content-Type': 'application/x-protobuf',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    };
    const path = `${this.#writePath}${query}`;
    const answer = await this.#gateway.sendRequest({ method: 'POST', path, headers, body });
    const text = await readResponseStart(answer, LONGEST_ANSWER);
    const { statusCode = 502 } = answer;
    if (statusCode < 200 || statusCode > 299) throw new Refusal(statusCode, `${text}`.trim(), 'gateway');
  }

  /** Counts a rejected or failed request and responds to the client. @param {Response} response @param {any} error */
  #respondWithError(response, error) {
    const { status = 500, reason = 'failure' } = error;
    this.#metrics.addToCounter('requests_refused_total', { reason });
    if (status >= 500) logProblem(error instanceof Refusal ? error.message : `${error.stack}`);
    respond(response, status, `${error.message}\n`);
  }

  #renderMetrics() {
    const { known } = this.#series;
    known.startNewWindowIfDue(Date.now());
    this.#metrics.setGauge('nodes', known.nodes);
    this.#metrics.setGauge('series', known.series);
    return `${this.#metrics}`;
  }
}

/** Validates that a request is a POST request of remote write 1.0. @param {Request} request @throws {Refusal} if the request is not a POST request of remote write 1.0 */
function requireRemoteWrite({ method, headers }) {
  if (method !== 'POST') throw new Refusal(405, 'the method must be POST', 'method');
  if (/proto="?io\.prometheus\.write\.v2/i.test(headers['content-type'] ?? '')) {
    throw new Refusal(415, 'remote write 2.0 is not supported: use 1.0', 'protocol');
  }
}
