import { metricFamiliesToText } from '../../lib/programs/metric-families.mjs';
import { Writer } from '../../lib/programs/protobuf.mjs';

const bytes = (field: number) => (field << 3) | 2;
const LONGEST = 10_000;

/** A message of fields that are bytes. */
function message(...fields: readonly (readonly [field: number, content: Buffer | string])[]): Buffer {
  const writer = new Writer();
  for (const [field, content] of fields) writer.appendBytesField(bytes(field), Buffer.from(content));
  return Buffer.from(writer.content);
}

function double(field: number, value: number): Buffer {
  const content = Buffer.alloc(9, (field << 3) | 1);
  content.writeDoubleLE(value, 1);
  return content;
}

function count(field: number, value: number): Buffer {
  const writer = new Writer();
  writer.appendVarint(field << 3);
  writer.appendVarint(value);
  return Buffer.from(writer.content);
}

/** Families as a client pushes them: each with its length before it. */
const pushed = (...families: readonly Buffer[]): Buffer =>
  Buffer.concat(
    families.map((family) => {
      const writer = new Writer();
      writer.appendVarint(family.length);
      writer.appendBytes(family);
      return Buffer.from(writer.content);
    }),
  );

const family = (name: string, metric: Buffer): Buffer => message([1, name], [4, metric]);
const label = (name: string, value: string): readonly [number, Buffer] => [1, message([1, name], [2, value])];

describe('metric families of Protocol Buffers, as text', () => {
  test.each([
    ['a gauge', 2, 1.5, '1.5'],
    ['a counter', 3, Number.POSITIVE_INFINITY, '+Inf'],
    ['an untyped value', 5, Number.NaN, 'NaN'],
    ['a value below all', 2, Number.NEGATIVE_INFINITY, '-Inf'],
  ])('have %s', (_, field, value, text) => {
    const metric = message(label('a', 'x"\\\ny'), label('b', ''), [field, double(1, value)]);
    expect(metricFamiliesToText(pushed(family('m', metric)), LONGEST)).toBe(
      `m{a="x\\"\\\\\\ny",b=""} ${text}\n`,
    );
  });

  test('have a value of 0 that is left out, as the format does', () => {
    expect(metricFamiliesToText(pushed(family('m', message([2, '']))), LONGEST)).toBe('m 0\n');
  });

  test('have a summary', () => {
    const quantile = Buffer.concat([double(1, 0.5), double(2, 7)]);
    const summary = Buffer.concat([count(1, 3), double(2, 12), message([3, quantile])]);
    expect(metricFamiliesToText(pushed(family('s', message(label('a', 'x'), [4, summary]))), LONGEST)).toBe(
      's{a="x",quantile="0.5"} 7\ns_sum{a="x"} 12\ns_count{a="x"} 3\n',
    );
  });

  test('have a histogram, with one bucket of all that there is', () => {
    const bucket = (upper: number, value: number) => Buffer.concat([count(1, value), double(2, upper)]);
    const histogram = Buffer.concat([
      count(1, 5),
      double(2, 2.5),
      message([3, bucket(0.1, 2)], [3, bucket(Number.POSITIVE_INFINITY, 9)]),
    ]);
    expect(metricFamiliesToText(pushed(family('h', message([7, histogram]))), LONGEST)).toBe(
      'h_bucket{le="0.1"} 2\nh_bucket{le="+Inf"} 5\nh_sum 2.5\nh_count 5\n',
    );
  });

  test('follow each other', () => {
    const one = family('a', message([2, double(1, 1)]));
    const other = family('b', message([3, double(1, 2)]));
    expect(metricFamiliesToText(pushed(one, other), LONGEST)).toBe('a 1\nb 2\n');
  });

  test('are refused when they are cut short, or nothing of the kind', () => {
    const whole = pushed(family('a', message([2, double(1, 1)])));
    for (const broken of [whole.subarray(0, -1), Buffer.from([3, 0x0f, 0, 0])]) {
      expect(() => metricFamiliesToText(broken, LONGEST)).toThrow(
        /^cannot read the metric families in the body: /,
      );
    }
  });

  test('are refused when they are too large as text: a name is written once, and read many times', () => {
    const metrics = Array.from({ length: 10 }, () => [4, message([2, double(1, 1)])] as const);
    const wide = message([1, 'n'.repeat(1_000)], ...metrics);
    expect(() => metricFamiliesToText(pushed(wide), LONGEST)).toThrow(
      'the body rendered as text is too large',
    );
    expect(metricFamiliesToText(pushed(wide), 2 * LONGEST)).toHaveLength(10_030);
  });
});
