import { bytes, type Duration, type Quantity, seconds } from '../../core/units';

/**
 * Converts a size to Loki's notation: plain bytes, since Loki supports KB and MB (of 1,024), but not Ki and
 * Mi.
 */
export const lokiSize = (quantity: Quantity): string => `${bytes(quantity)}B`;

/** Converts a size to the unit of Loki's options that end with `_mb`: 1,024 × 1,024 bytes. */
export const lokiMegabytes = (quantity: Quantity): number => bytes(quantity) / 2 ** 20;

/**
 * Converts a duration to Loki's notation, in the largest unit that divides it: some options support no unit
 * above hours, others no fractions.
 */
export function lokiDuration(duration: Duration): string {
  const all = seconds(duration);
  if (all % 3_600 === 0) return `${all / 3_600}h`;
  return all % 60 === 0 ? `${all / 60}m` : `${all}s`;
}
