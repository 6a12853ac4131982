// Accepts pushes in Pushgateway's protocol for the metrics gateway. Each push is converted to a remote-write
// request and forwarded, so there is no state that could become stale, conflict with other pushes, or need
// deletion.
import { decodePushBody } from '../../../programs/bodies.mjs';
import { groupPath, parseGroupingKey } from '../../../programs/grouping-key.mjs';
import { PushedSeries } from '../../../programs/pushed-series.mjs';
import { parsePush } from '../../../programs/pushes.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { buildWriteRequest } from './pushed-request.mjs';

/** Maximum number of series in a push. */
const MOST_SERIES = 10_000;
const BYTES_OF_A_SERIES = 256;

/** Maximum size of a body, before and after decompression. */
export const LONGEST_PUSH = MOST_SERIES * BYTES_OF_A_SERIES;

export class GatewayPushes {
  #prefix;
  #reservedMetrics;
  #reservedJobs;
  #reservedLabels;
  #series;

  /**
   * Creates the admission of pushes in the text format.
   * @param {{ prefix: string, reservedMetrics: string, reservedLabels: string[] }} pushes
   * @param {import('../../../programs/pushed-series.mjs').PushLimits & { reservedJobs: string }} limits
   * @param {import('../../../programs/keyed-series.mjs').KeyedSeries} series of remote-write requests, which share their limits with pushes
   */
  constructor({ prefix, reservedMetrics, reservedLabels }, limits, series) {
    this.#prefix = prefix;
    this.#reservedMetrics = new RegExp(reservedMetrics);
    this.#reservedJobs = new RegExp(limits.reservedJobs);
    this.#reservedLabels = reservedLabels;
    this.#series = new PushedSeries(limits, series);
  }

  /** Returns whether a URL path belongs to a push. @param {string} pathname @returns {boolean} */
  isPushPath(pathname) {
    return pathname.startsWith(`${this.#prefix}/metrics/`);
  }

  /**
   * Returns the labels of a push: the labels of the grouping key in the path, and the group from the guard.
   * @param {string} pathname
   * @param {string} group group of the user, from the guard
   * @returns {Map<string, string>}
   * @throws {Refusal} if a label is reserved
   */
  parseGroupLabels(pathname, group) {
    const labels = parseGroupingKey(pathname.slice(this.#prefix.length));
    if (this.#reservedJobs.test(labels.get('job') ?? '')) {
      throw new Refusal(
        400,
        `the job name ${labels.get('job')} is reserved for cloud components: use another job name`,
        'reserved',
      );
    }
    const reserved = [...this.#reservedLabels, 'node'].find((name) => labels.has(name));
    if (reserved)
      throw new Refusal(
        400,
        `the label ${reserved} is reserved, because the cloud sets it: remove it`,
        'reserved',
      );
    if (!group) return labels;
    if (labels.has('group'))
      throw new Refusal(403, 'the label "group" is set to the group of the user: remove it', 'reserved');
    return labels.set('group', group);
  }

  /**
   * Converts a push to a remote-write request.
   * @param {Buffer} body body as received
   * @param {import('node:http').IncomingHttpHeaders} headers
   * @param {Map<string, string>} labels
   * @returns {{ request: Buffer, dropped: number }} the uncompressed remote-write request, and the number of
   * samples that were dropped
   * @throws {Refusal}
   */
  convertToWriteRequest(body, headers, labels) {
    const key = Object.fromEntries(labels);
    const { hostname } = key;
    const push = parsePush(decodePushBody(body, headers, LONGEST_PUSH), {
      reserved: this.#reservedMetrics,
      keyLabels: new Set([...labels.keys(), 'instance', 'node', ...this.#reservedLabels]),
      mostSamples: MOST_SERIES,
    });
    // The request is built before its series are counted, because building it fails if a series has too many
    // labels.
    const request = buildWriteRequest(push.text, { ...key, ...(hostname && { node: hostname }) }, Date.now());
    this.#series.addSeriesOfPush(groupPath(labels), key, push);
    return { request, dropped: push.dropped };
  }
}
