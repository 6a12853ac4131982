import { gzipSync } from 'node:zlib';
import { convertPushBodyToText } from '../../lib/programs/bodies.mjs';
import {
  decompressSnappy,
  decompressSnappyFrames,
  encodeSnappyWithoutCompression,
} from '../../lib/programs/snappy.mjs';

const IDENTIFIER = Buffer.from([0xff, 6, 0, 0, ...Buffer.from('sNaPpY')]);

/** A frame: its kind, its length in three bytes, and after a checksum, which is not verified, its content. */
function frame(kind: number, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head[0] = kind;
  head.writeUIntLE(content.length + 4, 1, 3);
  return Buffer.concat([head, content]);
}

describe('blocks of Snappy', () => {
  test.each([0, 1, 59, 60, 61, 65_536, 65_537, 200_000])('of %d bytes come back as they were', (length) => {
    const plain = Buffer.from(Array.from({ length }, (_, at) => at % 251));
    expect(decompressSnappy(encodeSnappyWithoutCompression(plain), length).equals(plain)).toBe(true);
  });

  test.each([
    ['a copy of one byte of offset', [6, 0x04, 0x61, 0x62, 0x01, 0x02], 'ababab'],
    ['a copy of two bytes of offset', [6, 0x04, 0x61, 0x62, 0x0e, 0x02, 0x00], 'ababab'],
    ['a copy of four bytes of offset', [6, 0x04, 0x61, 0x62, 0x0f, 0x02, 0x00, 0x00, 0x00], 'ababab'],
    ['a copy of what it writes itself', [5, 0x00, 0x61, 0x01, 0x01], 'aaaaa'],
  ])('have %s', (_, packed, plain) => {
    expect(decompressSnappy(Buffer.from(packed), 100).toString()).toBe(plain);
  });

  test.each([
    ['longer than allowed', [101, 0x00, 0x61], /101 bytes; allowed: 100/],
    ['cut short', [6, 0x04, 0x61, 0x62], /truncated/],
    ['cut short in a copy', [6, 0x04, 0x61, 0x62, 0x0e, 0x02], /truncated/],
    ['cut short in a literal', [6, 0x14, 0x61], /truncated/],
    [
      'a copy of what is before its beginning',
      [6, 0x04, 0x61, 0x62, 0x01, 0x03],
      /a Snappy element is invalid/,
    ],
    ['a copy of nothing', [6, 0x04, 0x61, 0x62, 0x01, 0x00], /a Snappy element is invalid/],
    ['more than it says', [1, 0x04, 0x61, 0x62], /a Snappy element is invalid/],
    ['a length without an end', Array(11).fill(0x80), /a varint is truncated/],
  ])('are refused that are %s', (_, packed, problem) => {
    expect(() => decompressSnappy(Buffer.from(packed), 100)).toThrow(problem);
  });
});

test.each(['', 'gzip', 'snappy'])(
  'a body that is too large after decompression is refused with 413: "%s"',
  (encoding) => {
    const text = Buffer.from('a 1\n'.repeat(100));
    const compressed: Record<string, Buffer> = {
      gzip: gzipSync(text),
      snappy: Buffer.concat([IDENTIFIER, frame(0, encodeSnappyWithoutCompression(text))]),
    };
    const convert = (longest: number) =>
      convertPushBodyToText(compressed[encoding] ?? text, { 'content-encoding': encoding }, longest);
    expect(convert(text.length)).toBe(text.toString());
    expect(() => convert(text.length - 1)).toThrow(
      expect.objectContaining({
        status: 413,
        reason: 'too_large',
        message: expect.stringContaining('larger than 399 bytes'),
      }),
    );
  },
);

describe('frames of Snappy', () => {
  const body = (...frames: readonly Buffer[]) => Buffer.concat([IDENTIFIER, ...frames]);

  test('come back as one, packed or plain, without those that are to be skipped', () => {
    const packed = body(
      frame(0, encodeSnappyWithoutCompression(Buffer.from('a'))),
      frame(0xfe, Buffer.from('skip')),
      frame(1, Buffer.from('b')),
    );
    expect(decompressSnappyFrames(packed, 100).toString()).toBe('ab');
  });

  test.each([
    ['no identifier', frame(1, Buffer.from('a')), /does not start with the identifier/],
    ['an end too early', body(frame(1, Buffer.from('abc'))).subarray(0, -1), /truncated/],
    ['a kind that there is not', body(frame(2, Buffer.from('a'))), /unknown type/],
    ['more than is allowed', body(frame(1, Buffer.alloc(60)), frame(1, Buffer.alloc(60))), /larger than/],
    [
      'too many frames',
      body(...Array.from({ length: 10_001 }, () => frame(1, Buffer.alloc(0)))),
      /more than 10000 Snappy frames/,
    ],
  ])('are refused with %s', (_, packed, problem) => {
    expect(() => decompressSnappyFrames(packed, 100)).toThrow(problem);
  });
});
