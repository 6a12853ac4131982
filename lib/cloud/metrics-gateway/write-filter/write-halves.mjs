// For stores that only support protocol 1.0, such as Prometheus 2: a refused request is split into smaller and smaller
// parts, until the refused series are isolated or the maximum number of requests is reached.
import { encodeRequest, keepSamples } from './write-request.mjs';

/** @typedef {import('./write-request.mjs').Series} Series */

/** Maximum number of requests, and maximum time, for the parts of one request: all other requests wait meanwhile. */
const MOST_REQUESTS = 128;
const MOST_MS = 30_000;

/**
 * @param {readonly Series[]} all series of a request that the store refused as a whole
 * @param {(request: Buffer) => Promise<boolean>} send whether the store takes it
 * @returns {Promise<Series[]>} what could not be stored
 */
export async function storeInParts(all, send) {
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
      const parts = splitSeries(part);
      if (parts.length) queue.push(...parts);
      else lost.push(...part);
    }
  }
}

/**
 * Series are sorted by node, so that a node with many refused samples affects few parts.
 * @param {Series} one @param {Series} other
 */
function compareByOrigin(one, other) {
  return compare(one.group, other.group) || compare(one.node, other.node);
}

/** @param {string} one @param {string} other */
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** A part with a single sample is not split. @param {readonly Series[]} series @returns {Series[][]} */
function splitSeries(series) {
  if (series.length > 1) return halveList(series);
  const [only] = series;
  if (!only || only.samples.length < 2) return [];
  return halveList(only.samples).map((part) => {
    const wanted = new Set(part);
    return [keepSamples(only, (sample) => wanted.has(sample))];
  });
}

/** @template T @param {readonly T[]} list @returns {T[][]} */
function halveList(list) {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}
