// For stores that only support remote write 1.0, such as Prometheus 2: splits a rejected request into halves
// again and again, until the rejected samples are isolated or the maximum number of requests is reached.
import { encodeRequest, filterSamples } from './write-request.mjs';

/** @typedef {import('./write-request.mjs').Series} Series */

/**
 * Maximum number of requests, and maximum time, for the parts of one request. They are limited because all
 * other requests wait meanwhile.
 */
const MOST_REQUESTS = 128;
const MOST_MS = 30_000;

/**
 * Stores as many series of a rejected request as possible.
 * @param {readonly Series[]} all series of a request that the store rejected as a whole
 * @param {(request: Buffer) => Promise<boolean>} send sends a request; returns whether the store accepted it
 * @returns {Promise<Series[]>} series that were not stored
 */
export async function storeByHalving(all, send) {
  const until = Date.now() + MOST_MS;
  /** @type {Series[]} */
  const lost = [];
  // The largest parts are sent first, so that as much as possible is stored before the maximum is reached.
  const queue = [[...all].sort(compareByOrigin)];
  for (let sent = 0; ; sent++) {
    const part = queue.shift();
    if (!part) return lost;
    if (sent >= MOST_REQUESTS || Date.now() > until) lost.push(...part);
    else if (!(await send(encodeRequest(part)))) {
      const parts = halveSeries(part);
      if (parts.length) queue.push(...parts);
      else lost.push(...part);
    }
  }
}

/**
 * Compares two series by group and node. Series of the same node are kept together, so that a node with many
 * rejected samples affects few parts.
 * @param {Series} one
 * @param {Series} other
 */
function compareByOrigin(one, other) {
  return compareTexts(one.group, other.group) || compareTexts(one.node, other.node);
}

/** Compares two texts by their UTF-16 code units, for sorting. @param {string} one @param {string} other */
const compareTexts = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Splits series into two parts: by series or, for a single series, by samples. Returns an empty list for a
 * single sample.
 * @param {readonly Series[]} series
 * @returns {Series[][]}
 */
function halveSeries(series) {
  if (series.length > 1) return halveList(series);
  const [only] = series;
  if (!only || only.samples.length < 2) return [];
  return halveList(only.samples).map((part) => {
    const wanted = new Set(part);
    return [filterSamples(only, (sample) => wanted.has(sample))];
  });
}

/** Splits a list into two halves. @template T @param {readonly T[]} list @returns {T[][]} */
function halveList(list) {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}
