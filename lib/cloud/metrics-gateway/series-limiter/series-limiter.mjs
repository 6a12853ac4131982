// Serves requests in front of a remote-write gateway.
import { readFileSync } from 'node:fs';
import { parseForgetRequest } from '../../../programs/forgetting.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originFromLabels } from '../../../programs/origins.mjs';
import { abortOnClose, Refusal, readBody, respond } from '../../../programs/server.mjs';
import { pack } from '../../../programs/snappy.mjs';
import { report } from '../../../programs/state-log.mjs';
import { Turns } from '../../../programs/turns.mjs';
import { readUpTo, Upstream } from '../../../programs/upstream.mjs';
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

/** The gateway accepts bodies of up to 2 MiB. */
const PART = 2 ** 20;
const AT_ONCE = 4;
/** A waiting request holds a part of its body in memory. */
const MOST_WAITING = 500;
const ANSWER_MS = 60_000;
const LONGEST_ANSWER = 300;

export const LIMITER_METRICS = {
  nodes: 'Nodes that have series',
  series: 'Series of all nodes that are known',
  requests_total: 'Requests that the gateway has taken',
  requests_refused_total: 'Requests that were refused, by reason',
  pushes_total: 'Pushes in the protocol of Pushgateway that the gateway has taken',
  pushes_refused_total: 'Pushes that were refused, by group, node, job and reason',
  samples_dropped_total: 'Samples with names of Pushgateway itself, which were left out of pushes, by node',
  series_refused_total: 'Series that were cut out of requests, by group, node and reason',
};

export class SeriesLimiter {
  #metrics = new Metrics('metrics_gateway_limiter', LIMITER_METRICS);
  #turns = new Turns(AT_ONCE, MOST_WAITING);
  #stamp;
  /** How the guard names the group of the node of a certificate, and how the gateway is told. */
  #certifiedGroup;
  #series;
  #admission;
  #pushes;
  #origins;
  #gateway;
  #writePath;

  /** @param {NodeJS.ProcessEnv} environment */
  constructor({ LIMITS_FILE = '', STATE_FILE = '', TARGET_URL = '' }) {
    const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
    const series = new KeyedSeries(limits, STATE_FILE);
    this.#series = series;
    this.#stamp = new RegExp(limits.groupStamp);
    this.#certifiedGroup = { header: limits.groupHeader ?? '', parameter: limits.groupParameter ?? '' };
    this.#admission = new Admission(limits, series, (labels, count) =>
      this.#metrics.add('series_refused_total', labels, count),
    );
    /** @type {GatewayPushes | undefined} */
    this.#pushes = limits.pushes && new GatewayPushes(limits.pushes, limits, series);
    this.#origins = new Origins(
      ({ hostname = '', group = '' }) => series.known.has(group, hostname),
      Object.keys(limits.pools),
    );
    const { hostname: host, port, pathname } = new URL(TARGET_URL);
    this.#gateway = new Upstream('the gateway', { host, port: Number(port), answerMs: ANSWER_MS });
    this.#writePath = pathname;
  }

  /** @param {Request} request @param {Response} response */
  answer = async (request, response) => {
    const [pathname = '', query] = (request.url ?? '/').split('?', 2);
    if (pathname === '/metrics') return respond(response, 200, this.#exposition());
    try {
      if (parseForgetRequest(request)) return this.#forget(response);
      const sender = this.#senderOf(query === undefined ? '' : `?${query}`, request.headers);
      const gone = abortOnClose(response);
      if (this.#pushes?.has(pathname)) {
        await this.#push(this.#pushes, request, pathname, sender, gone);
        return respond(response, 200, '');
      }
      requireWrite(request);
      await this.#turns.take(async () => this.#write(await readBody(request, LONGEST_BODY), sender), gone);
      this.#metrics.add('requests_total');
      respond(response, 204, '');
    } catch (error) {
      this.#refuse(
        response,
        error instanceof RangeError ? new Refusal(400, error.message, 'unreadable') : error,
      );
    }
  };

  save() {
    return this.#series.save();
  }

  saveAtEnd() {
    this.#series.saveNow();
  }

  /** @param {Response} response */
  #forget(response) {
    this.#series.forget();
    this.#origins.forget();
    this.#metrics.forget();
    respond(response, 200, 'all nodes are known again when they write\n');
  }

  /**
   * @param {string} query @param {Request['headers']} headers
   * @returns {Sender} @throws {Refusal} when it is none of the guard's
   */
  #senderOf(query, headers) {
    const stamp = query ? this.#stamp.exec(query) : undefined;
    if (stamp === null) throw new Refusal(400, 'a query is not allowed', 'query');
    const { group = '', node } = stamp?.groups ?? {};
    const { header, parameter } = this.#certifiedGroup;
    const certified = node && headers[header];
    return { group, node, query: certified ? `${query}&${parameter}${certified}` : query };
  }

  /**
   * A push is stored as a whole or not at all.
   * @param {GatewayPushes} pushes @param {Request} request @param {string} pathname @param {Sender} sender @param {AbortSignal} gone
   */
  async #push(pushes, request, pathname, { group, query }, gone) {
    /** @type {Map<string, string> | undefined} */
    let labels;
    try {
      if (!['PUT', 'POST'].includes(request.method ?? '')) {
        throw new Refusal(405, 'allowed here: PUT, POST', 'method');
      }
      const key = pushes.labelsOf(pathname, group);
      labels = key;
      await this.#turns.take(async () => {
        const pushed = pushes.read(await readBody(request, LONGEST_PUSH), request.headers, key);
        for (const part of splitRequest(pushed.request, PART)) await this.#send(pack(part), 'snappy', query);
        if (pushed.dropped) this.#metrics.add('samples_dropped_total', originFromLabels(key), pushed.dropped);
      }, gone);
      this.#metrics.add('pushes_total');
    } catch (error) {
      const reason = error.reason ?? 'failure';
      this.#metrics.add('pushes_refused_total', { reason, ...this.#origins.refusedOrigin(labels) });
      throw error;
    }
  }

  /** @param {Buffer} body @param {Sender} sender */
  async #write(body, { group, node, query }) {
    this.#series.known.rotate(Date.now());
    const plain = decompressBody(body);
    const kept = this.#admission.filterRequest(plain, group, node);
    if (kept === plain && plain.length <= PART) return this.#send(body, detectEncoding(body), query);
    for (const part of kept.length ? splitRequest(kept, PART) : [])
      await this.#send(pack(part), 'snappy', query);
  }

  /** @param {Buffer} body @param {'snappy' | 'zstd'} encoding @param {string} query @throws {Refusal} when the gateway does not take it */
  async #send(body, encoding, query) {
    const headers = {
      'Content-Encoding': encoding,
      'Content-Length': body.length,
      'Content-Type': 'application/x-protobuf',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    };
    const path = `${this.#writePath}${query}`;
    const answer = await this.#gateway.send({ method: 'POST', path, headers, body });
    const text = await readUpTo(answer, LONGEST_ANSWER);
    const { statusCode = 502 } = answer;
    if (statusCode < 200 || statusCode > 299) throw new Refusal(statusCode, `${text}`.trim(), 'gateway');
  }

  /** @param {Response} response @param {any} error */
  #refuse(response, error) {
    const { status = 500, reason = 'failure' } = error;
    this.#metrics.add('requests_refused_total', { reason });
    if (status >= 500) report(error instanceof Refusal ? error.message : `${error.stack}`);
    respond(response, status, `${error.message}\n`);
  }

  #exposition() {
    const { known } = this.#series;
    known.rotate(Date.now());
    this.#metrics.set('nodes', known.nodes);
    this.#metrics.set('series', known.series);
    return `${this.#metrics}`;
  }
}

/** @param {Request} request @throws {Refusal} when it is no request of remote write that can be taken */
function requireWrite({ method, headers }) {
  if (method !== 'POST') throw new Refusal(405, 'only POST writes', 'method');
  if (/proto="?io\.prometheus\.write\.v2/i.test(headers['content-type'] ?? '')) {
    throw new Refusal(415, 'remote write 2.0 is not taken: use 1.0', 'protocol');
  }
}
