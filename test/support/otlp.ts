import { encodeVarint } from '../../lib/programs/protobuf.mjs';

/** A field of a protobuf message: its number, and its value. A bigint is encoded as fixed64. */
export type Field = readonly [number, string | number | bigint | Buffer | readonly Field[]];

/** Encodes a protobuf message with these fields. */
export function encodeMessage(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([field, value]) => {
      if (typeof value === 'number') return Buffer.from([field << 3, value]);
      if (typeof value === 'bigint')
        return Buffer.concat([Buffer.from([(field << 3) | 1]), encodeFixed64(value)]);
      const content =
        typeof value === 'string'
          ? Buffer.from(value)
          : Buffer.isBuffer(value)
            ? value
            : encodeMessage(...value);
      return Buffer.concat([Buffer.from([(field << 3) | 2]), encodeVarint(content.length), content]);
    }),
  );
}

/** Encodes a number as fixed64. */
export function encodeFixed64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

/** Returns the fields of an OTLP attribute with a text value. */
export const attributeFields = (name: string, value: string): readonly Field[] => [
  [1, name],
  [2, [[1, value]]],
];

/** Encodes an OTLP request with one metric of one service. */
export const metricsRequest = (
  metric: readonly Field[],
  resource: readonly (readonly Field[])[] = [attributeFields('service.name', 'shop')],
): Buffer =>
  encodeMessage([
    1,
    [
      [1, resource.map((one): Field => [1, one])],
      [2, [[2, metric]]],
    ],
  ]);

/**
 * Encodes an OTLP request with a metric of this number of gauge points. The points have no time, value or attributes.
 */
export const emptyPoints = (service: string, count: number): Buffer =>
  metricsRequest(
    [
      [1, 'a'],
      [5, Array.from({ length: count }, (): Field => [1, []])],
    ],
    [attributeFields('service.name', service)],
  );
