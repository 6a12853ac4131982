// Converts a list of metric families in Protocol Buffers to the text format. Go's client library pushes in this
// format. https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
import { decodeLatin1 } from './characters.mjs';
import { Budget, Fields, readVarint } from './protobuf.mjs';
import { Refusal } from './server.mjs';

/** Returns the protobuf tag of a field with bytes, such as a string or a message. @param {number} field */
const tagOfBytesField = (field) => (field << 3) | 2;
/** Returns the protobuf tag of a field with a double. @param {number} field */
const tagOfDoubleField = (field) => (field << 3) | 1;
/** Returns the protobuf tag of a field with a varint. @param {number} field */
const tagOfVarintField = (field) => field << 3;

const NAME = tagOfBytesField(1);
const METRIC = tagOfBytesField(4);
const LABEL = tagOfBytesField(1);
/**
 * Tags of the fields `gauge`, `counter` and `untyped` of the message `Metric`. Each field contains a single value.
 */
const SIMPLE_VALUES = [tagOfBytesField(2), tagOfBytesField(3), tagOfBytesField(5)];
const SUMMARY = tagOfBytesField(4);
const HISTOGRAM = tagOfBytesField(7);

/** Maximum work for decoding a body, counted in fields. A field that is read twice counts twice. */
const MOST_WORK = 2_000_000;
/** Additional work for a nested message, counted in fields, because an object is created for the message. */
const WORK_OF_A_MESSAGE = 5;
/** Additional work for a line of the text, counted in fields. */
const WORK_OF_A_LINE = 30;

/**
 * Returns whether a body with this content type is a list of metric families. As in Pushgateway, a body with any
 * other content type is text.
 * @param {string} type value of `Content-Type`
 */
export const isMetricFamiliesContentType = (type) =>
  /^application\/vnd\.google\.protobuf\s*;/i.test(type) &&
  /;\s*proto="?io\.prometheus\.client\.MetricFamily"?/i.test(type) &&
  /;\s*encoding="?delimited"?/i.test(type);

/**
 * Converts a list of metric families to the text format.
 * @param {Buffer} body decompressed body of a push
 * @param {number} longest maximum length of the text in bytes
 * @param {number} [work] maximum work, counted in fields
 * @returns {string} text in latin1
 * @throws {Refusal} when the body is invalid, or exceeds a limit
 */
export function metricFamiliesToText(body, longest, work = MOST_WORK) {
  const text = new Text(longest, work);
  try {
    for (let at = 0; at < body.length; ) {
      const [length, start] = readVarint(body, at);
      at = start + length;
      if (at > body.length) throw new RangeError('the last metric family is truncated');
      text.addFamily(body.subarray(start, at));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(400, `cannot read the metric families in the body: ${error.message}`, 'unreadable');
  }
  return `${text}`;
}

/**
 * Renders metric families as lines of text. The text can be much longer than the body, because each line repeats the
 * metric name. The length of the text is therefore limited.
 */
class Text {
  /** Lines of the text. @type {string[]} */
  #lines = [];
  #left;
  #budget;

  /**
   * Creates an empty text.
   * @param {number} longest maximum length of the text in bytes
   * @param {number} work maximum work, counted in fields
   */
  constructor(longest, work) {
    this.#left = longest;
    this.#budget = new Budget(work);
  }

  toString() {
    return this.#lines.join('');
  }

  /** Adds a line for each sample of a metric family. @param {Buffer} message encoded `MetricFamily` */
  addFamily(message) {
    const fields = this.#readBytesFieldsByTag(message);
    const name = decodeFieldOrEmptyText(fields.get(NAME)?.[0]);
    for (const metric of fields.get(METRIC) ?? []) {
      const parts = this.#readBytesFieldsByTag(metric);
      const labels = (parts.get(LABEL) ?? []).map((label) => this.#renderLabel(label));
      for (const tag of SIMPLE_VALUES) {
        for (const value of parts.get(tag) ?? [])
          this.#addSampleLine(name, labels, this.#renderDoubleField(value, tagOfDoubleField(1)));
      }
      for (const value of parts.get(SUMMARY) ?? []) this.#addSamplesOfSummary(name, labels, value);
      for (const value of parts.get(HISTOGRAM) ?? []) this.#addSamplesOfHistogram(name, labels, value);
    }
  }

  /**
   * Adds the samples of a summary: its quantiles, sum and count.
   * @param {string} name of the metric family
   * @param {string[]} labels of the sample, such as `job="backup"`
   * @param {Buffer} message encoded `Summary`
   */
  #addSamplesOfSummary(name, labels, message) {
    for (const quantile of this.#readBytesFieldsByTag(message).get(tagOfBytesField(3)) ?? []) {
      const at = `quantile="${this.#renderDoubleField(quantile, tagOfDoubleField(1))}"`;
      this.#addSampleLine(name, [...labels, at], this.#renderDoubleField(quantile, tagOfDoubleField(2)));
    }
    this.#addSumAndCount(name, labels, message);
  }

  /**
   * Adds the samples of a classic histogram: its buckets, sum and count. Native buckets are skipped, because they
   * have no text format.
   * @param {string} name of the metric family
   * @param {string[]} labels of the sample, such as `job="backup"`
   * @param {Buffer} message encoded `Histogram`
   */
  #addSamplesOfHistogram(name, labels, message) {
    for (const bucket of this.#readBytesFieldsByTag(message).get(tagOfBytesField(3)) ?? []) {
      const bound = this.#renderDoubleField(bucket, tagOfDoubleField(2));
      if (bound !== '+Inf') this.#addBucket(name, labels, bound, this.#readIntegerField(bucket, 1));
    }
    this.#addBucket(name, labels, '+Inf', this.#readIntegerField(message, 1));
    this.#addSumAndCount(name, labels, message);
  }

  /**
   * Adds the sample of a histogram bucket.
   * @param {string} name of the metric family
   * @param {string[]} labels of the sample, such as `job="backup"`
   * @param {string} bound value of the label `le`
   * @param {number} count value of the sample
   */
  #addBucket(name, labels, bound, count) {
    this.#addSampleLine(`${name}_bucket`, [...labels, `le="${bound}"`], count);
  }

  /**
   * Adds the samples `_sum` and `_count` of a summary or histogram.
   * @param {string} name of the metric family
   * @param {string[]} labels of the sample, such as `job="backup"`
   * @param {Buffer} message encoded `Summary` or `Histogram`
   */
  #addSumAndCount(name, labels, message) {
    this.#addSampleLine(`${name}_sum`, labels, this.#renderDoubleField(message, tagOfDoubleField(2)));
    this.#addSampleLine(`${name}_count`, labels, this.#readIntegerField(message, 1));
  }

  /**
   * Adds the line of a sample. Throws a refusal if the text becomes too long.
   * @param {string} name of the metric
   * @param {string[]} labels of the sample, such as `job="backup"`
   * @param {string | number} value
   */
  #addSampleLine(name, labels, value) {
    this.#budget.subtractFieldsFromBudget(WORK_OF_A_LINE);
    const line = `${name}${labels.length ? `{${labels.join(',')}}` : ''} ${value}\n`;
    this.#left -= line.length;
    if (this.#left < 0)
      throw new Refusal(413, 'the body rendered as text is too large: push fewer series', 'too_large');
    this.#lines.push(line);
  }

  /** Renders a label, such as `job="backup"`. @param {Buffer} message encoded `LabelPair` */
  #renderLabel(message) {
    const fields = this.#readBytesFieldsByTag(message);
    const value = decodeFieldOrEmptyText(fields.get(tagOfBytesField(2))?.[0]);
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${decodeFieldOrEmptyText(fields.get(tagOfBytesField(1))?.[0])}="${escaped}"`;
  }

  /**
   * Returns the length-delimited fields of a message: the contents of each field by its tag.
   * @param {Buffer} message
   * @returns {Map<number, Buffer[]>}
   */
  #readBytesFieldsByTag(message) {
    this.#budget.subtractFieldsFromBudget(WORK_OF_A_MESSAGE);
    const found = new Map();
    for (const field = this.#iterateFields(message); field.readNextField(); ) {
      if ((field.tag & 7) !== 2) continue;
      this.#budget.subtractFieldsFromBudget(WORK_OF_A_MESSAGE);
      const content = message.subarray(field.start, field.end);
      const all = found.get(field.tag);
      if (all) all.push(content);
      else found.set(field.tag, [content]);
    }
    return found;
  }

  /**
   * Returns a field with a double as text, such as `0.5` or `+Inf`. Returns `0` if the field is missing.
   * @param {Buffer} message
   * @param {number} tag of the field
   */
  #renderDoubleField(message, tag) {
    let value = 0;
    for (const field = this.#iterateFields(message); field.readNextField(); ) {
      if (field.tag === tag) value = message.readDoubleLE(field.start);
    }
    if (Number.isFinite(value)) return `${value}`;
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  }

  /**
   * Returns a field with an integer. Returns 0 if the field is missing.
   * @param {Buffer} message
   * @param {number} field number of the field
   */
  #readIntegerField(message, field) {
    let value = 0;
    for (const one = this.#iterateFields(message); one.readNextField(); ) {
      if (one.tag === tagOfVarintField(field)) value = one.value;
    }
    return value;
  }

  /**
   * Returns an iterator over the fields of a message. The work for all messages of a body has a common limit.
   * @param {Buffer} message
   */
  #iterateFields(message) {
    return new Fields(message, 0, message.length, this.#budget);
  }
}

/**
 * Decodes the content of a field as latin1. Returns an empty text if the field is missing.
 * @param {Buffer | undefined} content
 */
const decodeFieldOrEmptyText = (content) => (content ? decodeLatin1(content) : '');
