// HTTP handlers of the push filter: check pushes and forward them to the Pushgateway, and serve metrics and
// the list of groups.
import { readFileSync } from 'node:fs';
import { convertPushBodyToText } from '../../../programs/bodies.mjs';
import { parseForgetRequestQuery } from '../../../programs/forgetting.mjs';
import { parseGroupingKey, pathOfGroupingKey } from '../../../programs/grouping-key.mjs';
import { KeyedSeries } from '../../../programs/keyed-series.mjs';
import { Metrics } from '../../../programs/metrics.mjs';
import { Origins, originFromGroupingKey } from '../../../programs/origins.mjs';
import { PushedSeries } from '../../../programs/pushed-series.mjs';
import { parsePushBody } from '../../../programs/pushes.mjs';
import { createDisconnectSignal, Refusal, sendResponse } from '../../../programs/server.mjs';
import { logProblemIfNew } from '../../../programs/state-log.mjs';
import { relayResponse, Unanswered, Upstream } from '../../../programs/upstream.mjs';
import { selectGroupsByLabelsAndAge } from './abandoned.mjs';
import { BodyQueues } from './body-queues.mjs';
import { Groups } from './groups.mjs';
import { GroupingKeyRules } from './key-rules.mjs';
import { setUsageMetrics, USAGE_METRICS } from './occupancy.mjs';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {import('./key-rules.mjs').Labels} Labels
 * @typedef {import('./groups.mjs').Limits & { windowMs: number, nodes: number, series: number }} Limits
 * @typedef {{ path: string, labels: Labels }} Group canonical path of a grouping key, and its labels
 */

/** Time in milliseconds without data after which a request to the Pushgateway fails. */
const ANSWER_MS = 15_000;
const BYTES_OF_A_SERIES = 256;

/** Help text of each metric of the push filter, by the name of the metric without its prefix. */
export const PUSH_METRICS = {
  pushes_total: 'Pushes that the Pushgateway accepted',
  pushes_refused_total: 'Pushes that were refused, by node group, node, job and reason',
  samples_dropped_total:
    'Pushed samples that were dropped because Pushgateway itself uses their metric names, by node group, node and job',
  ...USAGE_METRICS,
};

/** Returns whether a response of the Pushgateway has a status of 200 to 299. @param {import('node:http').IncomingMessage} answer */
const hasSuccessStatus = ({ statusCode = 502 }) => statusCode >= 200 && statusCode < 300;

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
  #bodyQueues;

  /** Creates the filter from environment variables and the file with the limits. Loads the saved state. @param {NodeJS.ProcessEnv} environment */
  constructor(environment) {
    const { PUSHGATEWAY_PORT, ROUTE_PREFIX = '', LIMITS_FILE = '', STATE_DIR = '' } = environment;
    /** @type {Limits} */
    const limits = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'));
    this.#limits = limits;
    this.#prefix = ROUTE_PREFIX;
    this.#keyRules = new GroupingKeyRules(environment);
    this.#reservedMetrics = new RegExp(environment.RESERVED_METRICS ?? '^$');
    this.#pushgateway = new Upstream('the Pushgateway', {
      port: Number(PUSHGATEWAY_PORT),
      answerMs: ANSWER_MS,
    });
    this.#groups = new Groups(limits);
    this.#groupsFile = `${STATE_DIR}/groups.json`;
    this.#knownSeries = new KeyedSeries(limits, `${STATE_DIR}/series.json`);
    this.#pushedSeries = new PushedSeries(limits, this.#knownSeries);
    this.#origins = new Origins((labels) => this.#groups.hasNodeOrJob(labels), Object.keys(limits.pools));
    this.#bodyQueues = new BodyQueues(limits.seriesOfGroup * BYTES_OF_A_SERIES);
    this.#loadGroups();
  }

  /** Handles pushes of clients, and requests that only read, such as a scrape of the pushed metrics. @param {Request} request @param {Response} response */
  handleRequest = async (request, response) => {
    const gone = createDisconnectSignal(response);
    try {
      const { method = '', url = '' } = request;
      const [path = ''] = url.split('?');
      if (!path.startsWith(`${this.#prefix}/`)) throw new Refusal(404, 'not found');
      const isRead = method === 'GET' || method === 'HEAD';
      if (isRead) await this.#forwardReadRequest(request, response, gone);
      else if (['PUT', 'POST', 'DELETE'].includes(method)) {
        await this.#handlePushOrDeletion(request, response, path.slice(this.#prefix.length), gone);
      } else throw new Refusal(405, 'the method must be GET, HEAD, PUT, POST or DELETE');
    } catch (error) {
      if (!gone.aborted) respondWithError(response, error);
    }
  };

  /** Handles scrapes of the filter's own metrics, GET /groups from the reaper, and POST /forget. @param {Request} request @param {Response} response */
  handleMetricsRequest = async (request, response) => {
    try {
      const chosen = parseForgetRequestQuery(request);
      if (chosen) return sendResponse(response, 200, await this.#deleteGroupsAndForgetSeries(chosen));
    } catch (error) {
      return respondWithError(response, error);
    }
    if (request.url === '/groups') {
      const list = { now: Date.now() / 1_000, started: this.#started, groups: this.#groups.listGroups() };
      return sendResponse(response, 200, JSON.stringify(list), 'application/json');
    }
    setUsageMetrics(this.#metrics, this.#groups, this.#limits);
    sendResponse(response, 200, `${this.#metrics}`);
  };

  /** Saves the metric groups, then the known series in parts, so that requests are not blocked for long. */
  saveState() {
    this.#saveGroups();
    return this.#knownSeries.saveSeries();
  }

  /** Saves the metric groups and the known series synchronously, when the process ends. */
  saveStateSync() {
    this.#saveGroups();
    this.#knownSeries.saveSeriesSync();
  }

  /** Forwards a read-only request to the Pushgateway, and the response to the client. @param {Request} request @param {Response} response @param {AbortSignal} gone aborted when the client disconnects */
  async #forwardReadRequest({ method = '', url = '', headers }, response, gone) {
    relayResponse(
      await this.#pushgateway.sendRequest({ method, path: url, headers, signal: gone }),
      response,
    );
  }

  /**
   * Handles a push, or a request to delete a metric group. Counts refused requests.
   * @param {Request} request @param {Response} response @param {string} path URL path without prefix
   * @param {AbortSignal} gone aborted when the client disconnects
   */
  async #handlePushOrDeletion(request, response, path, gone) {
    let labels;
    try {
      labels = parseGroupingKey(path);
      const group = { path: this.#prefix + pathOfGroupingKey(labels), labels };
      if (request.method === 'DELETE') relayResponse(await this.#deleteGroup(group.path), response);
      else {
        this.#keyRules.validateGroupingKey(labels, request.headers);
        await this.#bodyQueues.queueAndProcessBody(
          request,
          (body, longest) => this.#forwardPush(request, response, group, body, longest),
          gone,
        );
      }
    } catch (error) {
      this.#incrementRefusedPushes(gone.aborted ? 'client_left' : (error.reason ?? 'failed'), labels);
      throw error;
    }
  }

  /**
   * Sends a push to the Pushgateway. Throws a `Refusal` if the push is invalid or exceeds a limit.
   * @param {Request} request @param {Response} response @param {Group} group @param {Buffer} packed body as received
   * @param {number} longest maximum size of the decompressed body, in bytes
   */
  async #forwardPush({ method = '', headers }, response, { path, labels }, packed, longest) {
    const accepted = parsePushBody(convertPushBodyToText(packed, headers, longest), {
      reserved: this.#reservedMetrics,
      keyLabels: this.#keyRules.listSampleLabelsToRemove(labels),
      mostSamples: this.#limits.seriesOfGroup,
    });
    const settle = this.#groups.reserveSeriesForPush(path, labels, accepted, method === 'PUT');
    const { text, dropped } = accepted;
    const body = Buffer.from(text, 'latin1');
    try {
      this.#pushedSeries.addSeriesOfPush(path, Object.fromEntries(labels), accepted);
    } catch (error) {
      settle('refused');
      throw error;
    }
    const sent = { 'Content-Type': 'text/plain; version=0.0.4', 'Content-Length': body.length };
    // The push is completed even if the client has disconnected, because the Pushgateway may have stored it already.
    const answer = await this.#pushgateway
      .sendRequest({ method, path, headers: sent, body })
      .catch((error) => {
        settle(error instanceof Unanswered ? 'unknown' : 'refused');
        throw error;
      });
    settle(hasSuccessStatus(answer) ? 'stored' : 'refused');
    relayResponse(answer, response);
    if (!hasSuccessStatus(answer)) return this.#incrementRefusedPushes('inconsistent', labels);
    this.#metrics.addToCounter('pushes_total');
    if (dropped) this.#metrics.addToCounter('samples_dropped_total', originFromGroupingKey(labels), dropped);
  }

  /** Deletes a metric group in the Pushgateway. After a success, no limit counts the group. @param {string} path canonical path of the group */
  async #deleteGroup(path) {
    const answer = await this.#pushgateway.sendRequest({ method: 'DELETE', path });
    if (hasSuccessStatus(answer)) this.#groups.removeGroup(path);
    return answer;
  }

  /**
   * Deletes the metric groups that a request POST /forget selects. Forgets all known series, and the names of nodes
   * and jobs in counters. Series that clients still push become known again. Returns the text of the response.
   * @param {URLSearchParams} chosen query of the request: `seconds`, and labels of the grouping key
   */
  async #deleteGroupsAndForgetSeries(chosen) {
    const all = selectGroupsByLabelsAndAge(this.#groups.listGroups(), chosen);
    for (const { labels } of all) {
      (await this.#deleteGroup(this.#prefix + pathOfGroupingKey(new Map(Object.entries(labels))))).resume();
    }
    this.#knownSeries.forgetAllSeries();
    this.#origins.forgetNodesAndJobs();
    this.#metrics.removeAllLabelledSeries();
    return `deleted ${all.length} groups\n`;
  }

  /** Counts a refused push by its reason and origin. @param {string} reason @param {Labels | undefined} labels labels of the grouping key; undefined if the path has no valid grouping key */
  #incrementRefusedPushes(reason, labels) {
    this.#metrics.addToCounter('pushes_refused_total', {
      reason,
      ...this.#origins.recordOriginOfRefusedPush(labels),
    });
  }

  #saveGroups() {
    try {
      this.#groups.saveState(this.#groupsFile);
    } catch (error) {
      logProblemIfNew(`cannot save the list of metric groups: ${error.message}`);
    }
  }

  #loadGroups() {
    try {
      this.#groups.loadState(this.#groupsFile);
    } catch (error) {
      if (error.code !== 'ENOENT') logProblemIfNew(`cannot read the list of metric groups: ${error.message}`);
    }
  }
}

/** Responds to a request that was refused or failed. Logs errors with a status of 500 or more. @param {Response} response @param {any} error */
function respondWithError(response, error) {
  const { status, message } = error instanceof Refusal ? error : { status: 500, message: 'internal error' };
  if (status >= 500) logProblemIfNew(error instanceof Refusal ? message : `${error.stack}`);
  if (response.headersSent) response.destroy();
  else sendResponse(response, status, `${message}\n`);
}
