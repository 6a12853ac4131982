// Converts a push to a remote-write request (protocol 1.0). The timestamp of all samples is the time of the push.
import { Samples } from '../../../programs/exposition.mjs';
import { Writer } from '../../../programs/protobuf.mjs';
import { Refusal } from '../../../programs/server.mjs';

const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const NAME = (1 << 3) | 2;
const TEXT = (2 << 3) | 2;
const VALUE = (1 << 3) | 1;
const TIME = 2 << 3;

/**
 * Maximum number of labels of a series, including the labels of the grouping key. vmagent would drop series with
 * more labels.
 */
const MOST_LABELS = 64;

/**
 * Builds the remote-write request of a push.
 * @param {string} text normalized text of the push, with one character for each byte (latin1), without labels of the
 * grouping key
 * @param {Record<string, string>} keyLabels labels of the grouping key
 * @param {number} time timestamp of the samples in milliseconds
 * @returns {Buffer} the uncompressed request
 * @throws {Refusal} if a series has too many labels
 */
export function buildWriteRequest(text, keyLabels, time) {
  const request = new RequestBuilder(keyLabels, time);
  const samples = new Samples(text);
  while (samples.readNextSample())
    request.addSeries(samples.name, labelsOfCurrentSample(samples), parseNumber(samples.value));
  // Pushgateway also exposes this metric: the time of a group's last push, in seconds.
  request.addSeries('push_time_seconds', [], time / 1_000);
  return request.content;
}

/** @typedef {readonly [string, string]} Label a name and a value */

/** A remote-write request to which series are added. */
class RequestBuilder {
  #all = new Writer();
  #series = new Writer();
  #part = new Writer();
  #number = Buffer.alloc(8);
  #key;
  #time;

  /**
   * Creates a request without series.
   * @param {Record<string, string>} keyLabels labels of the grouping key, which are added to each series
   * @param {number} time timestamp of all samples in milliseconds
   */
  constructor(keyLabels, time) {
    /** Labels of the grouping key. @type {Label[]} */
    this.#key = Object.entries(keyLabels).map(([name, value]) => [name, Buffer.from(value).latin1Slice()]);
    this.#time = time;
  }

  get content() {
    return this.#all.content;
  }

  /**
   * Adds a series with one sample.
   * @param {string} name metric name
   * @param {Label[]} own labels of the series, without the labels of the grouping key
   * @param {number} value value of the sample
   * @throws {Refusal} if the series has too many labels
   */
  addSeries(name, own, value) {
    /** All labels of the series. @type {Label[]} */
    const labels = [['__name__', name], ...this.#key, ...own];
    labels.sort(compareLabelsByName);
    if (labels.length > MOST_LABELS) {
      throw new Refusal(
        400,
        `a series of the metric ${name} has more than ${MOST_LABELS} labels, including the labels of the grouping key: remove labels`,
        'unreadable',
      );
    }
    this.#series.clearContent();
    for (const label of labels) this.#addLabel(label);
    this.#addSample(value);
    this.#all.appendBytesField(SERIES, this.#series.content);
  }

  /** Adds a label to the current series. @param {Label} label name and value */
  #addLabel([name, value]) {
    this.#part.clearContent();
    this.#part.appendBytesField(NAME, Buffer.from(name, 'latin1'));
    this.#part.appendBytesField(TEXT, Buffer.from(value, 'latin1'));
    this.#series.appendBytesField(LABEL, this.#part.content);
  }

  /** Adds a sample to the current series. @param {number} value value of the sample */
  #addSample(value) {
    this.#number.writeDoubleLE(value);
    this.#part.clearContent();
    this.#part.appendVarint(VALUE);
    this.#part.appendBytes(this.#number);
    this.#part.appendVarint(TIME);
    this.#part.appendVarint(this.#time);
    this.#series.appendBytesField(SAMPLE, this.#part.content);
  }
}

/** Compares two labels by name, for sorting. @param {Label} one first label @param {Label} other second label */
const compareLabelsByName = ([one], [other]) => (one < other ? -1 : 1);

/**
 * Returns the labels of the current sample.
 * @param {Samples} samples parser of the push, at the current sample
 * @returns {Label[]} pairs of name and value
 */
const labelsOfCurrentSample = ({ labelNames, labelValues }) =>
  labelNames.map((name, at) => [name, unescapeLabelValue(labelValues[at])]);

/** Resolves the escape sequences of a label value, such as `\n`. @param {string} text value as written in the push */
const unescapeLabelValue = (text) =>
  text.includes('\\')
    ? text.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
    : text;

/**
 * Parses a number in Prometheus's text format, such as `1.5` or `+Inf`.
 * @param {string} text number as written in the push
 */
function parseNumber(text) {
  if (/inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
