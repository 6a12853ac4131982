// Serves requests in front of a Pushgateway: stores the part of each push that causes no conflict, within limits.
import { readFileSync } from 'node:fs';
import { decodePush } from '../../../programs/bodies.mjs';
import { parseForgetRequest } from '../../../programs/forgetting.mjs';
import { groupingKey, groupPath } from '../../../programs/grouping-key.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originFromLabels } from '../../../programs/origins.mjs';
import { PushedSeries } from '../../../programs/pushed-series.mjs';
import { acceptablePush } from '../../../programs/pushes.mjs';
import { abortOnClose, Refusal, respond } from '../../../programs/server.mjs';
import { report } from '../../../programs/state-log.mjs';
import { relayResponse, Unanswered, Upstream } from '../../../programs/upstream.mjs';
import { groupsToForget } from './abandoned.mjs';
import { Groups } from './groups.mjs';
import { KeyRules } from './key-rules.mjs';
import { Lanes } from './lanes.mjs';
import { OCCUPANCY, setOccupancy } from './occupancy.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {import('./key-rules.mjs').Labels} Labels
 * @typedef {import('./groups.mjs').Limits & { windowMs: number, nodes: number, series: number }} Limits
 * @typedef {{ path: string, labels: Labels }} Group by the one path of it, and its labels
 */

const ANSWER_MS = 15_000;
const BYTES_OF_A_SERIES = 256;

export const PUSH_METRICS = {
  pushes_total: 'Pushes that the Pushgateway has taken',
  pushes_refused_total: 'Pushes that were refused, by node, job and reason',
  samples_dropped_total: 'Samples with names of Pushgateway itself, which were left out of pushes, by node',
  ...OCCUPANCY,
};

/** @param {import('node:http').IncomingMessage} answer */
const isAccepted = ({ statusCode = 502 }) => statusCode >= 200 && statusCode < 300;

export class PushFilter {
  #metrics = new Metrics('pushgateway_filter', PUSH_METRICS);
  #started = Date.now() / 1_000;
  #prefix;
  #limits;
  #keyRules;
  #reservedMetrics;
  #pushgateway;
  #groups;
  #groupsFile;
  #knownSeries;
  #pushedSeries;
  #origins;
  #lanes;

  /** @param {NodeJS.ProcessEnv} environment */
  constructor(environment) {
    const { PUSHGATEWAY_PORT, ROUTE_PREFIX = '', LIMITS_FILE = '', STATE_DIR = '' } = environment;
    /** @type {Limits} */
    const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
    this.#limits = limits;
    this.#prefix = ROUTE_PREFIX;
    this.#keyRules = new KeyRules(environment);
    this.#reservedMetrics = new RegExp(environment.RESERVED_METRICS ?? '^$');
    this.#pushgateway = new Upstream('the Pushgateway', {
      port: Number(PUSHGATEWAY_PORT),
      answerMs: ANSWER_MS,
    });
    this.#groups = new Groups(limits);
    this.#groupsFile = `${STATE_DIR}/groups.json`;
    this.#knownSeries = new KeyedSeries(limits, `${STATE_DIR}/series.json`);
    this.#pushedSeries = new PushedSeries(limits, this.#knownSeries);
    this.#origins = new Origins((labels) => this.#groups.hasHolder(labels), Object.keys(limits.pools));
    this.#lanes = new Lanes(limits.seriesOfGroup * BYTES_OF_A_SERIES);
    this.#load();
  }

  /** Requests of clients. @param {Request} request @param {Response} response */
  answer = async (request, response) => {
    const gone = abortOnClose(response);
    try {
      const { method = '', url = '' } = request;
      const [path = ''] = url.split('?');
      if (!path.startsWith(`${this.#prefix}/`)) throw new Refusal(404, 'not found');
      const isRead = method === 'GET' || method === 'HEAD';
      if (isRead) await this.#read(request, response, gone);
      else if (['PUT', 'POST', 'DELETE'].includes(method)) {
        await this.#write(request, response, path.slice(this.#prefix.length), gone);
      } else throw new Refusal(405, 'allowed: GET, HEAD, PUT, POST, DELETE');
    } catch (error) {
      if (!gone.aborted) respondWithError(response, error);
    }
  };

  /** Requests of Prometheus and of the reaper. @param {Request} request @param {Response} response */
  observe = async (request, response) => {
    try {
      const chosen = parseForgetRequest(request);
      if (chosen) return respond(response, 200, await this.#forget(chosen));
    } catch (error) {
      return respondWithError(response, error);
    }
    if (request.url === '/groups') {
      const list = { now: Date.now() / 1_000, started: this.#started, groups: this.#groups.list() };
      return respond(response, 200, JSON.stringify(list), 'application/json');
    }
    setOccupancy(this.#metrics, this.#groups, this.#limits);
    respond(response, 200, `${this.#metrics}`);
  };

  save() {
    this.#saveGroups();
    return this.#knownSeries.save();
  }

  saveAtEnd() {
    this.#saveGroups();
    this.#knownSeries.saveNow();
  }

  /** @param {Request} request @param {Response} response @param {AbortSignal} gone */
  async #read({ method = '', url = '', headers }, response, gone) {
    relayResponse(await this.#pushgateway.send({ method, path: url, headers, signal: gone }), response);
  }

  /** @param {Request} request @param {Response} response @param {string} path below the prefix @param {AbortSignal} gone */
  async #write(request, response, path, gone) {
    let labels;
    try {
      labels = groupingKey(path);
      const group = { path: this.#prefix + groupPath(labels), labels };
      if (request.method === 'DELETE') relayResponse(await this.#remove(group.path), response);
      else {
        this.#keyRules.check(labels, request.headers);
        await this.#lanes.take(
          request,
          (body, longest) => this.#store(request, response, group, body, longest),
          gone,
        );
      }
    } catch (error) {
      this.#countRefused(gone.aborted ? 'client_left' : (error.reason ?? 'failed'), labels);
      throw error;
    }
  }

  /** @param {Request} request @param {Response} response @param {Group} group @param {Buffer} packed @param {number} longest */
  async #store({ method = '', headers }, response, { path, labels }, packed, longest) {
    const accepted = acceptablePush(decodePush(packed, headers, longest), {
      reserved: this.#reservedMetrics,
      keyLabels: this.#keyRules.keyLabels(labels),
      mostSamples: this.#limits.seriesOfGroup,
    });
    const settle = this.#groups.admit(path, labels, accepted, method === 'PUT');
    const { text, dropped } = accepted;
    const body = Buffer.from(text, 'latin1');
    try {
      this.#pushedSeries.admit(path, Object.fromEntries(labels), accepted);
    } catch (error) {
      settle('refused');
      throw error;
    }
    const sent = { 'Content-Type': 'text/plain; version=0.0.4', 'Content-Length': body.length };
    // The push counts even if the client has disconnected, because the Pushgateway may have stored it.
    const answer = await this.#pushgateway.send({ method, path, headers: sent, body }).catch((error) => {
      settle(error instanceof Unanswered ? 'unknown' : 'refused');
      throw error;
    });
    settle(isAccepted(answer) ? 'stored' : 'refused');
    relayResponse(answer, response);
    if (!isAccepted(answer)) return this.#countRefused('inconsistent', labels);
    this.#metrics.add('pushes_total');
    if (dropped) this.#metrics.add('samples_dropped_total', originFromLabels(labels), dropped);
  }

  /** @param {string} path */
  async #remove(path) {
    const answer = await this.#pushgateway.send({ method: 'DELETE', path });
    if (isAccepted(answer)) this.#groups.remove(path);
    return answer;
  }

  /**
   * Deletes groups that are no longer pushed, and clears the known series and the names of refused clients. Clients
   * that still push are added again.
   * @param {URLSearchParams} chosen
   */
  async #forget(chosen) {
    const all = groupsToForget(this.#groups.list(), chosen);
    for (const { labels } of all) {
      (await this.#remove(this.#prefix + groupPath(new Map(Object.entries(labels))))).resume();
    }
    this.#knownSeries.forget();
    this.#origins.forget();
    this.#metrics.forget();
    return `deleted ${all.length} groups\n`;
  }

  /** @param {string} reason @param {Labels | undefined} labels */
  #countRefused(reason, labels) {
    this.#metrics.add('pushes_refused_total', { reason, ...this.#origins.refusedOrigin(labels) });
  }

  #saveGroups() {
    try {
      this.#groups.save(this.#groupsFile);
    } catch (error) {
      report(`cannot save the list of groups: ${error.message}`);
    }
  }

  #load() {
    try {
      this.#groups.load(this.#groupsFile);
    } catch (error) {
      if (error.code !== 'ENOENT') report(`cannot read the list of groups: ${error.message}`);
    }
  }
}

/** @param {Response} response @param {any} error */
function respondWithError(response, error) {
  const isRefusal = error instanceof Refusal;
  if (!isRefusal) report(`${error.stack}`);
  else if (error.status >= 500) report(error.message);
  if (response.headersSent) response.destroy();
  else respond(response, isRefusal ? error.status : 500, `${isRefusal ? error.message : 'internal error'}\n`);
}
