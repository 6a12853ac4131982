// Converts a push to a remote-write request (protocol 1.0). The timestamp of its samples is the time of the push.
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
 * Maximum number of labels of a series, including those of its grouping key. vmagent would drop series with
 * more labels.
 */
const MOST_LABELS = 64;

/**
 * Builds the remote-write request of a push.
 * @param {string} text normalized text of the push in latin1, without labels of the grouping key
 * @param {Record<string, string>} keyLabels labels of the grouping key
 * @param {number} time timestamp of the samples in milliseconds
 * @returns {Buffer} the uncompressed request
 * @throws {Refusal} if a series has too many labels
 */
export function buildWriteRequest(text, keyLabels, time) {
  const request = new Request(keyLabels, time);
  const samples = new Samples(text);
  while (samples.readNextSample()) request.add(samples.name, labelPairs(samples), parseNumber(samples.value));
  // Pushgateway's metric with the time of the last push of a group.
  request.add('push_time_seconds', [], time / 1_000);
  return request.content;
}

/** @typedef {readonly [string, string]} Label a name and a value */

class Request {
  #all = new Writer();
  #series = new Writer();
  #part = new Writer();
  #number = Buffer.alloc(8);
  #key;
  #time;

  /**
   * Creates a request without series. `time` is the timestamp of all samples in milliseconds.
   * @param {Record<string, string>} keyLabels @param {number} time
   */
  constructor(keyLabels, time) {
    /** @type {Label[]} */
    this.#key = Object.entries(keyLabels).map(([name, value]) => [name, Buffer.from(value).latin1Slice()]);
    this.#time = time;
  }

  get content() {
    return this.#all.content;
  }

  /**
   * Adds a series with one sample. Throws a refusal if the series has too many labels.
   * @param {string} name @param {Label[]} own labels @param {number} value
   */
  add(name, own, value) {
    /** @type {Label[]} */
    const labels = [['__name__', name], ...this.#key, ...own];
    labels.sort(compareByName);
    if (labels.length > MOST_LABELS) {
      throw new Refusal(
        400,
        `a series of ${name} has more than ${MOST_LABELS} labels, including those of the grouping key`,
        'unreadable',
      );
    }
    this.#series.clearContent();
    for (const label of labels) this.#addLabel(label);
    this.#addSample(value);
    this.#all.appendField(SERIES, this.#series.content);
  }

  /** Adds a label to the current series. @param {Label} label */
  #addLabel([name, value]) {
    this.#part.clearContent();
    this.#part.appendField(NAME, Buffer.from(name, 'latin1'));
    this.#part.appendField(TEXT, Buffer.from(value, 'latin1'));
    this.#series.appendField(LABEL, this.#part.content);
  }

  /** Adds a sample to the current series. @param {number} value */
  #addSample(value) {
    this.#number.writeDoubleLE(value);
    this.#part.clearContent();
    this.#part.appendVarint(VALUE);
    this.#part.appendBytes(this.#number);
    this.#part.appendVarint(TIME);
    this.#part.appendVarint(this.#time);
    this.#series.appendField(SAMPLE, this.#part.content);
  }
}

/** Compares two labels by name, for sorting. @param {Label} one @param {Label} other */
const compareByName = ([one], [other]) => (one < other ? -1 : 1);

/** Returns the labels of a sample as pairs of name and value. @param {Samples} sample @returns {Label[]} */
const labelPairs = ({ labelNames, labelValues }) =>
  labelNames.map((name, at) => [name, unescapeLabel(labelValues[at])]);

/** Resolves the escape sequences of a label value, such as `\n`. @param {string} text */
const unescapeLabel = (text) =>
  text.includes('\\')
    ? text.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))
    : text;

/** Parses a number in the text format. @param {string} text */
function parseNumber(text) {
  if (/inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
