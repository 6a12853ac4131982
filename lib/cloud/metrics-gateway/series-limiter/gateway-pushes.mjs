// Accepts pushes in Pushgateway's protocol for the metrics gateway. Each push is converted to a remote-write
// request and forwarded. The gateway keeps no pushed groups that could become stale, conflict with other pushes, or
// need deletion.
import { convertPushBodyToText } from '../../../programs/bodies.mjs';
import { parseGroupingKey, pathOfGroupingKey } from '../../../programs/grouping-key.mjs';
import { PushedSeries } from '../../../programs/pushed-series.mjs';
import { parsePushBody } from '../../../programs/pushes.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { buildWriteRequest } from './pushed-request.mjs';

/** Maximum number of series in a push. */
const MOST_SERIES = 10_000;
const BYTES_OF_A_SERIES = 256;

/** Maximum size of a push in bytes, before and after decompression. */
export const LONGEST_PUSH = MOST_SERIES * BYTES_OF_A_SERIES;

/** Validates pushes in Pushgateway's protocol, and converts them to remote-write requests. */
export class GatewayPushes {
  #prefix;
  #reservedMetrics;
  #reservedJobs;
  #reservedLabels;
  #series;

  /**
   * Creates a converter from pushes to remote-write requests.
   * @param {{ prefix: string, reservedMetrics: string, reservedLabels: string[] }} pushes path prefix of pushes, a
   * regular expression for reserved metric names, and reserved labels
   * @param {import('../../../programs/pushed-series.mjs').PushLimits & { reservedJobs: string }} limits limits of
   * pushes, and a regular expression for reserved jobs
   * @param {import('../../../programs/keyed-series.mjs').KeyedSeries} series known series of remote-write requests; the
   * series of pushes are added, so that pushes and remote-write requests count towards the same limits
   */
  constructor({ prefix, reservedMetrics, reservedLabels }, limits, series) {
    this.#prefix = prefix;
    this.#reservedMetrics = new RegExp(reservedMetrics);
    this.#reservedJobs = new RegExp(limits.reservedJobs);
    this.#reservedLabels = reservedLabels;
    this.#series = new PushedSeries(limits, series);
  }

  /**
   * Returns whether a URL path is a path for pushes, such as `PREFIX/metrics/job/backup`.
   * @param {string} pathname URL path
   */
  isPushPath(pathname) {
    return pathname.startsWith(`${this.#prefix}/metrics/`);
  }

  /**
   * Returns the labels of a push: the labels of the grouping key in the path, and the group from the guard.
   * @param {string} pathname URL path of the push
   * @param {string} group group of the user, from the guard; empty if there are no groups
   * @returns {Map<string, string>} value of each label by its name
   * @throws {Refusal} if the grouping key is invalid, or if the job or a label is reserved
   */
  parseAndValidatePushLabels(pathname, group) {
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
        `the label ${reserved} is reserved, because the cloud sets this label: remove the label from the path`,
        'reserved',
      );
    if (!group) return labels;
    if (labels.has('group'))
      throw new Refusal(
        403,
        'the label "group" is reserved, because the guard sets it to the group of the user: remove the label from the path',
        'reserved',
      );
    return labels.set('group', group);
  }

  /**
   * Converts a push to a remote-write request, and counts its series for the limits.
   * @param {Buffer} body body as received
   * @param {import('node:http').IncomingHttpHeaders} headers headers of the push
   * @param {Map<string, string>} labels labels of the push, from `parseAndValidatePushLabels`
   * @returns {{ request: Buffer, dropped: number }} the uncompressed remote-write request, and the number of
   * samples that were dropped
   * @throws {Refusal} if the body is invalid or too large, or if the push exceeds a limit
   */
  checkLimitsAndConvertPush(body, headers, labels) {
    const key = Object.fromEntries(labels);
    const { hostname } = key;
    const push = parsePushBody(convertPushBodyToText(body, headers, LONGEST_PUSH), {
      reserved: this.#reservedMetrics,
      keyLabels: new Set([...labels.keys(), 'instance', 'node', ...this.#reservedLabels]),
      mostSamples: MOST_SERIES,
    });
    // The request is built before its series are counted, because building it fails if a series has too many
    // labels.
    const request = buildWriteRequest(push.text, { ...key, ...(hostname && { node: hostname }) }, Date.now());
    this.#series.addSeriesOfPush(pathOfGroupingKey(labels), key, push);
    return { request, dropped: push.dropped };
  }
}
