// Filters series of a remote-write request (protocol 1.0) by their labels:
// https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { isUtf8 } from 'node:buffer';
import { hashBytes } from '../../../programs/keyed-hash.mjs';
import { weightOfSeriesInLimits } from '../../../programs/known-series.mjs';
import { Budget, Fields } from '../../../programs/protobuf.mjs';
import { RepeatedSeries } from './repeated-series.mjs';

const SERIES = (1 << 3) | 2;
/**
 * Protobuf tags that only remote write 2.0 uses, for symbols and series. A request with one of these tags is rejected,
 * because the client declared the body as remote write 1.0.
 */
const PROTOCOL_2_TAGS = [(4 << 3) | 2, (5 << 3) | 2];
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;
const NAME = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

const MOST_LABELS = 64;
/**
 * Maximum amount of work for parsing a request. A work unit is one protobuf field. The work is limited because parsing
 * blocks all other requests. An agent's request has at most 10,000 samples. If each sample has 20 labels, the request
 * needs about 1.6 million work units.
 */
const MOST_WORK = 2_500_000;
/** Additional work units for each series (besides its fields), because vmagent also processes the series. */
const WORK_OF_A_SERIES = 30;
/** Additional work units for each sample (besides its fields), because vmagent also processes the sample. */
const WORK_OF_A_SAMPLE = 50;
const LONGEST_NAME = 256;
const LONGEST_VALUE = 4_096;
/**
 * Maximum length of a node name in characters:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/.
 */
const LONGEST_NODE = 253;

/**
 * Returns a request with the accepted series.
 * @typedef {{ refreshSeriesIfKnown(hash: number, weight: number): boolean }} Known known series of a node
 * @typedef {{ reason: string, node?: string }} Rejection reason for a rejection, and the node of the series
 * @param {Buffer} request decompressed request
 * @param {readonly [number, number]} key key of the hash function
 * @param {(labels: Labels | undefined, hash: number, weight: number) => Known | Rejection} admit accepts or rejects a
 * series. `labels` is undefined if the labels are invalid. For speed, `admit` is not called if the node of the previous
 * accepted series already has this series.
 * @param {(refused: Rejection) => void} refuse called for each rejected series
 * @returns {Buffer} request with the accepted series; the same buffer if nothing was removed
 * @throws {RangeError} if the request is malformed, or if parsing needs too much work
 */
export function removeRejectedSeries(request, key, admit, refuse) {
  const kept = new KeptSeries(request);
  const budget = new Budget(MOST_WORK);
  const reader = new SeriesReader(request, budget);
  const repeatedSeries = new RepeatedSeries(request);
  /** All known series of one node: the node of the last accepted series. @type {Known | undefined} */
  let owner;
  /**
   * Accepts a series and returns the known series of its node, or returns the reason for rejecting the series.
   * @param {number} start position of the first label in the request
   * @param {number | undefined} labelsEnd position after the last label; undefined if the labels cannot be read
   */
  const acceptOrRejectSeriesAt = (start, labelsEnd) => {
    if (labelsEnd === undefined) return admit(undefined, 0, 1);
    const hash = hashBytes(request, start, labelsEnd, key);
    const weight = weightOfSeriesInLimits(labelsEnd - start, reader.labelCount);
    return owner?.refreshSeriesIfKnown(hash, weight)
      ? owner
      : admit(reader.readLabels(start, labelsEnd), hash, weight);
  };
  for (const field = new Fields(request, 0, request.length, budget); field.readNextField(); ) {
    if (PROTOCOL_2_TAGS.includes(field.tag))
      throw new RangeError('remote write 2.0 is not supported: use remote write 1.0');
    // Metadata is dropped, because no server reads it.
    if (field.tag !== SERIES) {
      kept.dropProtobufField(field);
      continue;
    }
    budget.subtractFieldsFromBudget(WORK_OF_A_SERIES);
    const repeated = repeatedSeries.findEndOfLabelsIfRepeated(field.start, field.end);
    if (repeated && reader.hasOnlySamplesAndExemplars(repeated, field.end)) continue;
    const labelsEnd = reader.findEndOfLabels(field.start, field.end);
    const answer = acceptOrRejectSeriesAt(field.start, labelsEnd);
    if ('refreshSeriesIfKnown' in answer) {
      owner = answer;
      if (labelsEnd !== undefined) repeatedSeries.rememberAcceptedSeries(field.start, labelsEnd);
    } else {
      kept.dropProtobufField(field);
      refuse(answer);
    }
  }
  return kept.toBuffer();
}

/** Collects the accepted series of a request. Copies nothing if no field is dropped. */
class KeptSeries {
  /** Copy of the accepted series; undefined until a field is dropped. @type {Buffer | undefined} */
  #copy;
  #length = 0;
  /** Position in the request up to which series have been copied or dropped. */
  #at = 0;

  /** Creates a collection that contains all series of a request. @param {Buffer} request decompressed request */
  constructor(request) {
    this.request = request;
  }

  /** Drops a rejected series or another field. @param {Fields} field position of the field in the request */
  dropProtobufField({ from, end }) {
    this.#copy ??= Buffer.allocUnsafe(this.request.length);
    this.#length += this.request.copy(this.#copy, this.#length, this.#at, from);
    this.#at = end;
  }

  /** Returns the request without the dropped fields; the same buffer if no field was dropped. */
  toBuffer() {
    if (!this.#copy) return this.request;
    this.#length += this.request.copy(this.#copy, this.#length, this.#at);
    return this.#copy.subarray(0, this.#length);
  }
}

/**
 * Labels that decide whether a series is accepted: the metric name, the labels `node` and `job`, and the names of all
 * labels.
 * @typedef {{ name: string, node: string, job: string, labelNames: Set<string> }} Labels
 */

/** Reads the series of a request one after the other. */
class SeriesReader {
  #request;
  #budget;
  #part;
  #pair;
  /**
   * Name of the label that `#tryReadLabel` read last, with one character for each byte ("latin1"). The value of this
   * label is between `#valueStart` and `#valueEnd`.
   */
  #name = '';
  #valueStart = 0;
  #valueEnd = 0;
  /** Number of labels of the series that `findEndOfLabels` read last. */
  labelCount = 0;

  /**
   * Creates a reader for the series of a request.
   * @param {Buffer} request decompressed request
   * @param {Budget} budget maximum number of work units for parsing the request
   */
  constructor(request, budget) {
    this.#request = request;
    this.#budget = budget;
    this.#part = new Fields(request, 0, 0, budget);
    this.#pair = new Fields(request, 0, 0, budget);
  }

  /**
   * Returns the position in the request after the last label of a series.
   * @param {number} start position of the series in the request
   * @param {number} end position after the series
   * @returns {number | undefined} position after the last label; undefined if the series contains a native histogram,
   * or a label after a sample (no known client sends this order)
   */
  findEndOfLabels(start, end) {
    const part = this.#part.moveToMessageAt(start, end);
    let at = start;
    this.labelCount = 0;
    while (part.readNextField() && part.tag === LABEL) {
      at = part.end;
      this.labelCount++;
    }
    return this.hasOnlySamplesAndExemplars(at, end) ? at : undefined;
  }

  /**
   * Returns whether the rest of a series contains neither a native histogram nor a label. Native histograms are
   * rejected, because vmagent converts each bucket of a histogram to a series: 100 kB of histograms would become
   * 100,000 series that do not count towards any limit.
   * @param {number} start position in the request after the last label of the series
   * @param {number} end position after the series
   */
  hasOnlySamplesAndExemplars(start, end) {
    const part = this.#part.moveToMessageAt(start, end);
    while (part.readNextField()) {
      if (part.tag === LABEL || part.tag === HISTOGRAM) return false;
      if (part.tag === SAMPLE) this.#budget.subtractFieldsFromBudget(WORK_OF_A_SAMPLE);
    }
    return true;
  }

  /**
   * Reads the labels of a series.
   * @param {number} start position of the first label in the request
   * @param {number} end position after the last label
   * @returns {Labels | undefined} the labels; undefined if a store would reject the labels
   */
  readLabels(start, end) {
    /** Values of the labels that decide whether a series is accepted. @type {Record<string, string>} */
    const found = { __name__: '', node: '', job: '' };
    const names = new Set();
    for (const label = this.#part.moveToMessageAt(start, end); label.readNextField(); ) {
      if (!this.#tryReadLabel(label) || names.has(this.#name) || names.size >= MOST_LABELS) return undefined;
      names.add(this.#name);
      if (Object.hasOwn(found, this.#name)) found[this.#name] = this.#valueOfLastReadLabel();
    }
    const { __name__: name = '', node = '', job = '' } = found;
    return name && node.length <= LONGEST_NODE ? { name, node, job, labelNames: names } : undefined;
  }

  /**
   * Reads the name of a label, and the position of its value.
   * @param {Fields} label position of the label in the request
   * @returns {boolean} whether a store would accept the label
   */
  #tryReadLabel({ start, end }) {
    const part = this.#pair.moveToMessageAt(start, end);
    this.#valueStart = this.#valueEnd = end;
    if (!part.readNextField() || part.tag !== NAME || !this.#isUtf8WithinLength(part, LONGEST_NAME))
      return false;
    this.#name = this.#request.latin1Slice(part.start, part.end);
    if (!part.readNextField()) return this.#name !== '';
    if (part.tag !== VALUE || !this.#isUtf8WithinLength(part, LONGEST_VALUE)) return false;
    this.#valueStart = part.start;
    this.#valueEnd = part.end;
    return this.#name !== '' && !part.readNextField();
  }

  /** Returns the value of the label that `#tryReadLabel` read last. */
  #valueOfLastReadLabel() {
    return this.#request.utf8Slice(this.#valueStart, this.#valueEnd);
  }

  /**
   * Returns whether a field contains valid UTF-8 and has at most `longest` bytes.
   * @param {Fields} field position of the field in the request
   * @param {number} longest maximum number of bytes
   */
  #isUtf8WithinLength({ start, end }, longest) {
    if (end - start > longest) return false;
    for (let at = start; at < end; at++) {
      if (this.#request[at] >= 128) return isUtf8(this.#request.subarray(at, end));
    }
    return true;
  }
}
