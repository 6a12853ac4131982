// For stores that only support remote write 1.0, such as Prometheus 2. Splits a rejected request into halves
// repeatedly, until the invalid samples are isolated, or the maximum number of requests or the maximum time is reached.
import { encodeWriteRequest, filterSamples } from './write-request.mjs';

/** @typedef {import('./write-request.mjs').Series} Series */

/**
 * The write filter splits a rejected request into parts, and sends each part as a new request. `MOST_REQUESTS` is the
 * maximum number of these new requests, and `MOST_MS` is the maximum time for them in milliseconds. The two
 * limits exist because other requests of vmagent wait during this time.
 */
const MOST_REQUESTS = 128;
const MOST_MS = 30_000;

/**
 * Stores as many series of a rejected request as possible.
 * @param {readonly Series[]} all series of a request that the store rejected as a whole
 * @param {(request: Buffer) => Promise<boolean>} send sends a request; returns whether the store accepted it
 * @returns {Promise<Series[]>} series that were not stored
 */
export async function storeSeriesByHalvingRequests(all, send) {
  const until = Date.now() + MOST_MS;
  /** Series that were not stored. @type {Series[]} */
  const lost = [];
  // The largest parts are sent first, so that as much as possible is stored before the maximum is reached.
  const queue = [[...all].sort(compareSeriesByGroupAndNode)];
  for (let sent = 0; ; sent++) {
    const part = queue.shift();
    if (!part) return lost;
    if (sent >= MOST_REQUESTS || Date.now() > until) lost.push(...part);
    else if (!(await send(encodeWriteRequest(part)))) {
      const parts = splitSeriesOrSamplesInHalf(part);
      if (parts.length) queue.push(...parts);
      else lost.push(...part);
    }
  }
}

/**
 * Compares two series by group and node. Series of the same node are kept together, so that a node with many
 * rejected samples affects few parts.
 * @param {Series} one first series
 * @param {Series} other second series
 */
function compareSeriesByGroupAndNode(one, other) {
  return compareTexts(one.group, other.group) || compareTexts(one.node, other.node);
}

/**
 * Compares two texts by their UTF-16 code units, for sorting.
 * @param {string} one first text
 * @param {string} other second text
 */
const compareTexts = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Splits a list of series into two parts. If the list contains only one series, splits the samples of this series.
 * @param {readonly Series[]} series series to split
 * @returns {Series[][]} two parts; an empty list if there is only one sample
 */
function splitSeriesOrSamplesInHalf(series) {
  if (series.length > 1) return splitListInHalf(series);
  const [only] = series;
  if (!only || only.samples.length < 2) return [];
  return splitListInHalf(only.samples).map((part) => {
    const wanted = new Set(part);
    return [filterSamples(only, (sample) => wanted.has(sample))];
  });
}

/**
 * Splits a list into two halves.
 * @template T
 * @param {readonly T[]} list list to split
 * @returns {T[][]} the two halves
 */
function splitListInHalf(list) {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}
