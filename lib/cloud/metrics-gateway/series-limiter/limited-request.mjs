// Filters series of a remote-write request (protocol 1.0) by their labels:
// https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { isUtf8 } from 'node:buffer';
import { hashBytes } from '../../../programs/keyed-hash.mjs';
import { seriesWeight } from '../../../programs/known-series.mjs';
import { Budget, Fields } from '../../../programs/protobuf.mjs';
import { RepeatedSeries } from './readings.mjs';

const SERIES = (1 << 3) | 2;
/**
 * Protobuf tags of symbols and series in protocol 2.0, which protocol 1.0 does not use. They are checked
 * because a client may declare a 2.0 body as 1.0.
 */
const OF_PROTOCOL_2 = [(4 << 3) | 2, (5 << 3) | 2];
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;
const NAME = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;

const MOST_LABELS = 64;
/**
 * Maximum amount of work for parsing a request, in protobuf fields. It is limited because parsing blocks all
 * other requests. Agents send at most 10,000 samples in a request: with 20 labels each, these are about 1.5
 * million fields.
 */
const MOST_WORK = 2_500_000;
/**
 * Additional work units for each series and each sample, because the gateway and the write filter also process them.
 */
const WORK_OF_A_SERIES = 30;
const WORK_OF_A_SAMPLE = 50;
const LONGEST_NAME = 256;
const LONGEST_VALUE = 4_096;
/** Maximum length of a node name: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/. */
const LONGEST_NODE = 253;

/**
 * Returns the accepted part of a request.
 * @typedef {{ keepSeriesIfKnown(hash: number, weight: number): boolean }} Known known series of a node
 * @typedef {{ reason: string, node?: string }} Refused reason for a rejection
 * @param {Buffer} request
 * @param {readonly [number, number]} key key of the hash function
 * @param {(labels: Labels | undefined, hash: number, weight: number) => Known | Refused} admit decides about
 * a series. It is not called for series that the node of the previous series already knows. `labels` is
 * undefined if they are invalid.
 * @param {(refused: Refused) => void} refuse called for each rejected series
 * @returns {Buffer} the request itself if nothing was rejected
 * @throws {RangeError} if the request is malformed or too expensive
 */
export function filterSeries(request, key, admit, refuse) {
  const kept = new KeptSeries(request);
  const budget = new Budget(MOST_WORK);
  const reader = new SeriesReader(request, budget);
  const readings = new RepeatedSeries(request);
  /** @type {Known | undefined} */
  let owner;
  /** Returns the node that knows or admits a series, or the reason for its rejection. `start` and `labelsEnd` enclose the labels; `labelsEnd` is undefined if the labels cannot be read. @param {number} start @param {number | undefined} labelsEnd */
  const seriesOwner = (start, labelsEnd) => {
    if (labelsEnd === undefined) return admit(undefined, 0, 1);
    const hash = hashBytes(request, start, labelsEnd, key);
    const weight = seriesWeight(labelsEnd - start, reader.labelCount);
    return owner?.keepSeriesIfKnown(hash, weight)
      ? owner
      : admit(reader.readLabels(start, labelsEnd), hash, weight);
  };
  for (const field = new Fields(request, 0, request.length, budget); field.readNextField(); ) {
    if (OF_PROTOCOL_2.includes(field.tag)) throw new RangeError('remote write 2.0 is not supported: use 1.0');
    // Metadata is skipped, because no server reads it.
    if (field.tag !== SERIES) {
      kept.skip(field);
      continue;
    }
    budget.spendFields(WORK_OF_A_SERIES);
    const repeated = readings.findEndOfLabels(field.start, field.end);
    if (repeated && reader.hasOnlySamplesAndExemplars(repeated, field.end)) continue;
    const labelsEnd = reader.findEndOfLabels(field.start, field.end);
    const answer = seriesOwner(field.start, labelsEnd);
    if ('keepSeriesIfKnown' in answer) {
      owner = answer;
      if (labelsEnd !== undefined) readings.addSeries(field.start, labelsEnd);
    } else {
      kept.skip(field);
      refuse(answer);
    }
  }
  return kept.bytes();
}

/** Collects the accepted series of a request. It only copies them if at least one series was rejected. */
class KeptSeries {
  /** @type {Buffer | undefined} */
  #copy;
  #length = 0;
  /** Position up to which the request has been processed. */
  #at = 0;

  /** Starts with all series of the request. @param {Buffer} request */
  constructor(request) {
    this.request = request;
  }

  /** Leaves a rejected series out. @param {Fields} field */
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
 * Labels of a series that decide about its admission: metric name, node and job; and the names of all labels.
 * @typedef {{ name: string, node: string, job: string, labelNames: Set<string> }} Labels
 */

/** Reads the series of a request one after the other. */
class SeriesReader {
  #request;
  #budget;
  #part;
  #pair;
  /** Name of the current label as bytes ("latin1"), and position of its value. */
  #name = '';
  #valueStart = 0;
  #valueEnd = 0;
  /** Number of labels of the last series that was read. */
  labelCount = 0;

  /** Creates the reader, before the first series. @param {Buffer} request @param {Budget} budget */
  constructor(request, budget) {
    this.#request = request;
    this.#budget = budget;
    this.#part = new Fields(request, 0, 0, budget);
    this.#pair = new Fields(request, 0, 0, budget);
  }

  /**
   * Returns the position after the labels of a series.
   * @param {number} start
   * @param {number} end
   * @returns {number | undefined} undefined if labels follow samples, which no known client sends, or if the
   * series contains a native histogram
   */
  findEndOfLabels(start, end) {
    const part = this.#part.restartAt(start, end);
    let at = start;
    this.labelCount = 0;
    while (part.readNextField() && part.tag === LABEL) {
      at = part.end;
      this.labelCount++;
    }
    return this.hasOnlySamplesAndExemplars(at, end) ? at : undefined;
  }

  /**
   * Returns whether the rest of a series contains only samples and exemplars. Native histograms are rejected,
   * because vmagent converts each of their buckets to a series: 100 kB of histograms would become 100,000
   * series, which no limit counts. The agents of this package send no native histograms.
   * @param {number} start
   * @param {number} end
   */
  hasOnlySamplesAndExemplars(start, end) {
    const part = this.#part.restartAt(start, end);
    while (part.readNextField()) {
      if (part.tag === LABEL || part.tag === HISTOGRAM) return false;
      if (part.tag === SAMPLE) this.#budget.spendFields(WORK_OF_A_SAMPLE);
    }
    return true;
  }

  /**
   * Reads the labels of a series.
   * @param {number} start
   * @param {number} end
   * @returns {Labels | undefined} undefined if a store would reject the labels
   */
  readLabels(start, end) {
    /** @type {Record<string, string>} */
    const found = { __name__: '', node: '', job: '' };
    const names = new Set();
    for (const label = this.#part.restartAt(start, end); label.readNextField(); ) {
      if (!this.#readLabel(label) || names.has(this.#name) || names.size >= MOST_LABELS) return undefined;
      names.add(this.#name);
      if (Object.hasOwn(found, this.#name)) found[this.#name] = this.#labelValue();
    }
    const { __name__: name = '', node = '', job = '' } = found;
    return name && node.length <= LONGEST_NODE ? { name, node, job, labelNames: names } : undefined;
  }

  /**
   * Reads the name and the value of a label.
   * @param {Fields} label
   * @returns {boolean} whether a store would accept the label
   */
  #readLabel({ start, end }) {
    const part = this.#pair.restartAt(start, end);
    this.#valueStart = this.#valueEnd = end;
    if (!part.readNextField() || part.tag !== NAME || !this.#isValidText(part, LONGEST_NAME)) return false;
    this.#name = this.#request.latin1Slice(part.start, part.end);
    if (!part.readNextField()) return this.#name !== '';
    if (part.tag !== VALUE || !this.#isValidText(part, LONGEST_VALUE)) return false;
    this.#valueStart = part.start;
    this.#valueEnd = part.end;
    return this.#name !== '' && !part.readNextField();
  }

  #labelValue() {
    return this.#request.utf8Slice(this.#valueStart, this.#valueEnd);
  }

  /** Returns whether a field contains UTF-8 and has at most `longest` bytes. @param {Fields} field @param {number} longest */
  #isValidText({ start, end }, longest) {
    if (end - start > longest) return false;
    for (let at = start; at < end; at++) {
      if (this.#request[at] >= 128) return isUtf8(this.#request.subarray(at, end));
    }
    return true;
  }
}

/**
 * Splits a request into several valid requests of about `size` bytes each.
 * @param {Buffer} request
 * @param {number} size
 * @returns {Buffer[]}
 */
export function splitRequest(request, size) {
  const parts = [];
  let begin = 0;
  for (const field = new Fields(request, 0, request.length); field.readNextField(); ) {
    if (field.end - begin <= size || field.from === begin) continue;
    parts.push(request.subarray(begin, field.from));
    begin = field.from;
  }
  return [...parts, request.subarray(begin)];
}
