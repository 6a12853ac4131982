// A remote-write request (protocol 1.0), as far as series have to be told apart:
// https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { isUtf8 } from 'node:buffer';
import { keyedHash } from './keyed-hash.mjs';
import { Fields } from './protobuf.mjs';

const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;
const NAME = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

const MOST_LABELS = 64;
/** Of one request: agents send 10,000 at most. */
const MOST_SAMPLES = 50_000;
const LONGEST_NAME = 256;
const LONGEST_VALUE = 4_096;
/** Of a node's name: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/. */
const LONGEST_NODE = 253;

/**
 * What to keep of a request.
 * @typedef {{ knows(hash: number): boolean }} Known
 * @typedef {{ reason: string, node?: string }} Refused
 * @param {Buffer} request
 * @param {readonly [number, number]} key of the hashes
 * @param {(labels: Map<string, string> | undefined, hash: number) => Known | Refused} admit asked about series that are
 * not known to whoever had the series before; undefined labels are none that a store takes
 * @param {(refused: Refused) => void} refuse
 * @returns {Buffer} the request itself where nothing was refused @throws {RangeError} when it is broken
 */
export function keptOf(request, key, admit, refuse) {
  const kept = new Kept(request);
  /** @type {Known | undefined} */
  let owner;
  const budget = { samples: MOST_SAMPLES };
  for (const field = new Fields(request, 0, request.length); field.next(); ) {
    // Metadata: nobody reads it.
    if (field.tag !== SERIES) {
      kept.skip(field);
      continue;
    }
    const labelsEnd = endOfLabels(request, field.start, field.end, budget);
    const hash = labelsEnd === undefined ? 0 : keyedHash(request, field.start, labelsEnd, key);
    if (labelsEnd !== undefined && owner?.knows(hash)) continue;
    const answer = admit(
      labelsEnd === undefined ? undefined : labelsOf(request, field.start, labelsEnd),
      hash,
    );
    if ('knows' in answer) owner = answer;
    else {
      kept.skip(field);
      refuse(answer);
    }
  }
  return kept.bytes();
}

/** Copies what is kept only when something is not. */
class Kept {
  /** @type {Buffer | undefined} */
  #copy;
  #length = 0;
  /** Up to where it was looked at. */
  #at = 0;

  /** @param {Buffer} request */
  constructor(request) {
    this.request = request;
  }

  /** @param {Fields} field */
  skip({ from, end }) {
    this.#copy ??= Buffer.allocUnsafe(this.request.length);
    this.#length += this.request.copy(this.#copy, this.#length, this.#at, from);
    this.#at = end;
  }

  bytes() {
    if (!this.#copy) return this.request;
    this.#length += this.request.copy(this.#copy, this.#length, this.#at);
    return this.#copy.subarray(0, this.#length);
  }
}

/**
 * Labels come first, as every writer has it, and then samples or histograms: both together make a Prometheus answer 500,
 * and whoever writes to it sends that again for ever.
 * @returns {number | undefined} undefined where it is otherwise
 */
function endOfLabels(request, start, end, budget) {
  let at = start;
  let seen = 0;
  for (const field = new Fields(request, start, end); field.next(); ) {
    if (field.tag === LABEL) {
      if (field.from !== at) return undefined;
      at = field.end;
    } else if (field.tag === SAMPLE || field.tag === HISTOGRAM) {
      if (seen && seen !== field.tag) return undefined;
      seen = field.tag;
      budget.samples--;
    }
  }
  return budget.samples < 0 ? undefined : at;
}

/** @returns {Map<string, string> | undefined} undefined where a store would not take the series */
function labelsOf(request, start, end) {
  const labels = new Map();
  for (const label = new Fields(request, start, end); label.next(); ) {
    const pair = pairOf(request, label);
    if (!pair || labels.has(pair[0]) || labels.size >= MOST_LABELS) return undefined;
    labels.set(...pair);
  }
  const isNamed = labels.get('__name__') && (labels.get('node') ?? '').length <= LONGEST_NODE;
  return isNamed ? labels : undefined;
}

/** @returns {[string, string] | undefined} */
function pairOf(request, { start, end }) {
  const pair = ['', ''];
  for (const field = new Fields(request, start, end); field.next(); ) {
    const bytes = request.subarray(field.start, field.end);
    const isName = field.tag === NAME;
    if (!isName && field.tag !== VALUE) return undefined;
    if (bytes.length > (isName ? LONGEST_NAME : LONGEST_VALUE) || !isUtf8(bytes)) return undefined;
    pair[isName ? 0 : 1] = bytes.toString();
  }
  return pair[0] ? pair : undefined;
}

/**
 * A request in parts of about `size` bytes, each of which is one.
 * @param {Buffer} request @param {number} size @returns {Buffer[]}
 */
export function partsOf(request, size) {
  const parts = [];
  let begin = 0;
  for (const field = new Fields(request, 0, request.length); field.next(); ) {
    if (field.end - begin <= size || field.from === begin) continue;
    parts.push(request.subarray(begin, field.from));
    begin = field.from;
  }
  return [...parts, request.subarray(begin)];
}
