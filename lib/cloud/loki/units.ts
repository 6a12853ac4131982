import { type Duration, type Quantity, toBytes, toSeconds } from '../../core/units';

/**
 * Converts a size such as `1Ki` to bytes in Loki's notation, such as `1024B`, because Loki does not support the units
 * Ki and Mi.
 */
export const toLokiSize = (quantity: Quantity): string => `${toBytes(quantity)}B`;

/** Converts a size to a number of MiB, for Loki's options whose names end with `_mb`. */
export const toLokiMebibytes = (quantity: Quantity): number => toBytes(quantity) / 2 ** 20;

/**
 * Converts a duration to Loki's notation, such as `192h` or `90m`. The result is a whole number of hours, minutes or
 * seconds, because some of Loki's options do not support units above hours, and other options do not support
 * fractions.
 */
export function toLokiDuration(duration: Duration): string {
  const all = toSeconds(duration);
  if (all % 3_600 === 0) return `${all / 3_600}h`;
  return all % 60 === 0 ? `${all / 60}m` : `${all}s`;
}
