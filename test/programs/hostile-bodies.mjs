// Generates bodies that are most expensive to read for their size, from a seed, and prints how many fields each filter
// read. Arguments: the number of bodies and the seed.

import { removeRejectedSeries } from '../../lib/cloud/metrics-gateway/series-limiter/limited-request.mjs';
import { RejectedSeries } from '../../lib/cloud/metrics-gateway/series-limiter/rejected-series.mjs';
import { convertPushBodyToText } from '../../lib/programs/bodies.mjs';
import { Fields } from '../../lib/programs/protobuf.mjs';

const [count, seed] = process.argv.slice(2).map(Number);
const LARGEST_REQUEST = 10 * 2 ** 20;
const LARGEST_PUSH = 2_560_000;
const FAMILIES = {
  'content-type':
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};

let state = seed;
/** From 0 to 1: mulberry32. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const below = (most) => Math.floor(random() * most);
const among = (all) => all[below(all.length)];

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
const field = (number, content) =>
  Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);

/** A part that needs few bytes. */
const tiny = () =>
  among([
    Buffer.from([(1 + below(8)) << 3, 0]),
    Buffer.from([((1 + below(8)) << 3) | 2, 0]),
    field(1 + below(8), Buffer.from([0x0a, 0])),
    field(1, Buffer.concat([field(1, Buffer.from(`l${below(100)}`)), field(2, Buffer.from('v'))])),
    field(2, Buffer.from([0x10, 1])),
  ]);

/** Few kinds of parts, over and over, within some messages. */
function nested(size, depth) {
  if (depth > 0) {
    const times = among([1, 1, 2, 100, 10_000]);
    const inner = nested(Math.max(Math.floor(size / times) - 6, 0), depth - 1);
    return Buffer.concat(Array.from({ length: times }, () => field(1 + below(7), inner))).subarray(0, size);
  }
  const part = Buffer.concat(Array.from({ length: 1 + below(3) }, tiny));
  return Buffer.alloc(Math.floor(size / part.length) * part.length, part);
}

/** Reads a body, and returns the number of fields and the result. */
function reading(read) {
  const { readNextField } = Fields.prototype;
  let fields = 0;
  Fields.prototype.readNextField = function counted() {
    fields++;
    return readNextField.call(this);
  };
  try {
    return { ended: read(), fields };
  } catch (error) {
    if (!(error instanceof RangeError) && error.status === undefined) throw error;
    return { ended: 'refused', fields };
  } finally {
    Fields.prototype.readNextField = readNextField;
  }
}

function readRequest(body) {
  const rejected = new RejectedSeries();
  const admit = (labels, hash) =>
    labels && hash % 2
      ? { refreshSeriesIfKnown: () => false }
      : { reason: 'invalid', node: `${labels?.name} ${hash}` };
  removeRejectedSeries(body, [1, 2], admit, (refused) => rejected.incrementRejectedSeries(refused));
  return rejected.listCountsByReasonAndNode().length;
}

const empty = (content) => Buffer.alloc(LARGEST_REQUEST, content);
const requests = [
  () => empty(Buffer.from([0x0a, 0])),
  () => field(1, empty(Buffer.from([0x0a, 0])).subarray(10)),
  () => field(1, empty(Buffer.from([0x12, 0])).subarray(10)),
  // A label whose name is there over and over: the last one would count.
  () => field(1, field(1, empty(Buffer.from([0x0a, 0])).subarray(20))),
  ...Array.from({ length: count }, () => () => nested(LARGEST_REQUEST, below(4))),
];
const pushes = [
  () => Buffer.alloc(LARGEST_PUSH),
  ...Array.from({ length: count }, () => () => {
    const family = nested(Math.floor(LARGEST_PUSH / among([1, 1, 10, 10_000])) - 4, below(4));
    const one = Buffer.concat([varint(family.length), family]);
    return Buffer.concat(Array.from({ length: Math.floor(LARGEST_PUSH / one.length) }, () => one));
  }),
];

console.log(
  JSON.stringify({
    requests: requests.map((make) => reading(() => readRequest(make()))),
    pushes: pushes.map((make) => reading(() => convertPushBodyToText(make(), FAMILIES, LARGEST_PUSH).length)),
  }),
);
