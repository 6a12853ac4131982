// What Go's client pushes in place of text: a list of metric families as Protocol Buffers.
// https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
import { Fields, varint } from './protobuf.mjs';
import { Refusal } from './server.mjs';

const bytes = (field) => (field << 3) | 2;
const double = (field) => (field << 3) | 1;
const number = (field) => field << 3;

const NAME = bytes(1);
const METRIC = bytes(4);
const LABEL = bytes(1);
/** Of a metric: a gauge, a counter, an untyped value. */
const SIMPLE = [bytes(2), bytes(3), bytes(5)];
const SUMMARY = bytes(4);
const HISTOGRAM = bytes(7);

/** Most parts of one message: each becomes an object. */
const MOST_PARTS = 100_000;

/** Lines of text, up to a limit: a name is written once in the message, and in each line of the text. */
class Text {
  #lines = [];
  #left;

  /** @param {number} longest */
  constructor(longest) {
    this.#left = longest;
  }

  push(line) {
    this.#left -= line.length;
    if (this.#left < 0) throw new Refusal(413, 'a body that is too large as text', 'too_large');
    this.#lines.push(line);
  }

  toString() {
    return this.#lines.join('');
  }
}

/** @param {Buffer} body @param {number} longest @returns {string} the same as text, latin1. @throws {Refusal} */
export function textOf(body, longest) {
  const lines = new Text(longest);
  try {
    for (let at = 0; at < body.length; ) {
      const [length, start] = varint(body, at);
      at = start + length;
      if (at > body.length) throw new RangeError('it is cut short');
      family(body.subarray(start, at), lines);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(400, `the body is no list of metric families: ${error.message}`, 'unreadable');
  }
  return `${lines}`;
}

/** @param {Buffer} message @param {Text} lines */
function family(message, lines) {
  const fields = contents(message);
  const name = latin1(fields.get(NAME)?.[0]);
  for (const metric of fields.get(METRIC) ?? []) {
    const parts = contents(metric);
    const labels = (parts.get(LABEL) ?? []).map(label);
    for (const tag of SIMPLE) {
      for (const value of parts.get(tag) ?? []) lines.push(line(name, labels, float(value, double(1))));
    }
    for (const value of parts.get(SUMMARY) ?? []) summary(name, labels, value, lines);
    for (const value of parts.get(HISTOGRAM) ?? []) histogram(name, labels, value, lines);
  }
}

function summary(name, labels, message, lines) {
  for (const quantile of contents(message).get(bytes(3)) ?? []) {
    const at = `quantile="${float(quantile, double(1))}"`;
    lines.push(line(name, [...labels, at], float(quantile, double(2))));
  }
  sumAndCount(name, labels, message, lines);
}

/** Buckets of the classic kind: a native histogram has no form as text. */
function histogram(name, labels, message, lines) {
  const buckets = contents(message).get(bytes(3)) ?? [];
  for (const bucket of buckets) {
    const bound = float(bucket, double(2));
    if (bound !== '+Inf') {
      lines.push(line(`${name}_bucket`, [...labels, `le="${bound}"`], count(bucket, 1)));
    }
  }
  lines.push(line(`${name}_bucket`, [...labels, 'le="+Inf"'], count(message, 1)));
  sumAndCount(name, labels, message, lines);
}

function sumAndCount(name, labels, message, lines) {
  lines.push(line(`${name}_sum`, labels, float(message, double(2))));
  lines.push(line(`${name}_count`, labels, count(message, 1)));
}

const line = (name, labels, value) => `${name}${labels.length ? `{${labels.join(',')}}` : ''} ${value}\n`;

function label(message) {
  const fields = contents(message);
  const value = latin1(fields.get(bytes(2))?.[0]);
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `${latin1(fields.get(bytes(1))?.[0])}="${escaped}"`;
}

/** Fields of a message that are bytes, by their tag. @param {Buffer} message @returns {Map<number, Buffer[]>} */
function contents(message) {
  const found = new Map();
  let left = MOST_PARTS;
  for (const field = new Fields(message, 0, message.length); field.next(); ) {
    if ((field.tag & 7) !== 2) continue;
    if (--left < 0) throw new RangeError('a message of too many parts');
    const content = message.subarray(field.start, field.end);
    const all = found.get(field.tag);
    if (all) all.push(content);
    else found.set(field.tag, [content]);
  }
  return found;
}

/** A field that is a float, as text has it; 0 where it is left out. */
function float(message, tag) {
  let value = 0;
  for (const field = new Fields(message, 0, message.length); field.next(); ) {
    if (field.tag === tag) value = message.readDoubleLE(field.start);
  }
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** A count: a whole number. */
function count(message, field) {
  let value = 0;
  for (const one = new Fields(message, 0, message.length); one.next(); ) {
    if (one.tag === number(field)) value = one.value;
  }
  return value;
}

const latin1 = (content) => content?.toString('latin1') ?? '';
