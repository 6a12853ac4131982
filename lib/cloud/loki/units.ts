import { bytes, type Duration, type Quantity, seconds } from '../../core/units';

/** A size in Loki's notation: plain bytes, since Loki knows KB and MB (of 1,024), and no Ki and Mi. */
export const lokiSize = (quantity: Quantity): string => `${bytes(quantity)}B`;

/** A size in the unit of Loki's options whose names end with `_mb`, which are of 1,024 times 1,024 bytes. */
export const lokiMegabytes = (quantity: Quantity): number => bytes(quantity) / 2 ** 20;

/**
 * A duration in Loki's notation, in the largest of its units that divides it: some options know no unit above
 * hours, and others no fractions.
 */
export function lokiDuration(duration: Duration): string {
  const all = seconds(duration);
  if (all % 3_600 === 0) return `${all / 3_600}h`;
  return all % 60 === 0 ? `${all / 60}m` : `${all}s`;
}
