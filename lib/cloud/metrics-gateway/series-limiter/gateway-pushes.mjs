// Accepts pushes in Pushgateway's protocol for a remote-write gateway. Each push becomes its own remote-write request,
// so no state is kept that could become stale, conflict with other state, or need deletion.
import { decodePush } from '../../../programs/bodies.mjs';
import { groupingKey, groupPath } from '../../../programs/grouping-key.mjs';
import { PushedSeries } from '../../../programs/pushed-series.mjs';
import { acceptablePush } from '../../../programs/pushes.mjs';
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
   * @param {{ prefix: string, reservedMetrics: string, reservedLabels: string[] }} pushes
   * @param {import('../../../programs/pushed-series.mjs').PushLimits & { reservedJobs: string }} limits
   * @param {import('../../../programs/keyed-series.mjs').KeyedSeries} series of what is written, too: both have one limit
   */
  constructor({ prefix, reservedMetrics, reservedLabels }, limits, series) {
    this.#prefix = prefix;
    this.#reservedMetrics = new RegExp(reservedMetrics);
    this.#reservedJobs = new RegExp(limits.reservedJobs);
    this.#reservedLabels = reservedLabels;
    this.#series = new PushedSeries(limits, series);
  }

  /** @param {string} pathname @returns {boolean} */
  has(pathname) {
    return pathname.startsWith(`${this.#prefix}/metrics/`);
  }

  /**
   * Returns the labels of a push: those of its grouping key, and those that the guard set.
   * @param {string} pathname @param {string} group that the guard says @returns {Map<string, string>} @throws {Refusal}
   */
  labelsOf(pathname, group) {
    const labels = groupingKey(pathname.slice(this.#prefix.length));
    if (this.#reservedJobs.test(labels.get('job') ?? '')) {
      throw new Refusal(400, `the job ${labels.get('job')} is one that only the cloud has`, 'reserved');
    }
    const reserved = [...this.#reservedLabels, 'node'].find((name) => labels.has(name));
    if (reserved)
      throw new Refusal(400, `the label ${reserved} is set by the cloud: leave it out`, 'reserved');
    if (!group) return labels;
    if (labels.has('group'))
      throw new Refusal(403, 'the label group is that of the user: leave it out', 'reserved');
    return labels.set('group', group);
  }

  /**
   * @param {Buffer} body as it came @param {import('node:http').IncomingHttpHeaders} headers
   * @param {Map<string, string>} labels
   * @returns {{ request: Buffer, dropped: number }} of remote write, unpacked, and how many samples are left out @throws {Refusal}
   */
  read(body, headers, labels) {
    const key = Object.fromEntries(labels);
    const { hostname } = key;
    const push = acceptablePush(decodePush(body, headers, LONGEST_PUSH), {
      reserved: this.#reservedMetrics,
      keyLabels: new Set([...labels.keys(), 'instance', 'node', ...this.#reservedLabels]),
      mostSamples: MOST_SERIES,
    });
    // The size is checked before counting: a push with too many labels is refused.
    const request = buildWriteRequest(push.text, { ...key, ...(hostname && { node: hostname }) }, Date.now());
    this.#series.admit(groupPath(labels), key, push);
    return { request, dropped: push.dropped };
  }
}
