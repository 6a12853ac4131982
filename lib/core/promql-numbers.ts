const SECONDS: Readonly<Record<string, number>> = {
  y: 31_536_000,
  w: 604_800,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 0.001,
};

/** Maximum duration in PromQL, in seconds. Prometheus represents time as nanoseconds in 64 bits. */
const MAX_SECONDS = 9_223_372_036;

const DURATION = /^(\d+(?:y|w|d|h|ms|m|s))+$/;

/**
 * Returns the absolute value of a PromQL number, or the absolute number of seconds of a PromQL duration. Returns
 * `NaN` for any other text.
 */
export function parseAbsolutePromqlSeconds(literal: string): number {
  const text = literal
    .trim()
    .replace(/^[-+]\s*/, '')
    .replaceAll('_', '');
  if (!DURATION.test(text)) return Number(text || 'none');
  const parts = [...text.matchAll(/(\d+)(ms|[ywdhms])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (SECONDS[unit] ?? 0), 0);
}

/** Returns whether a literal is a valid PromQL number or duration. */
export function isPromqlNumberOrDuration(literal: string): boolean {
  if (/^\s*[-+]?\s*(inf|nan)\s*$/i.test(literal)) return true;
  return (
    Number.isFinite(parseAbsolutePromqlSeconds(literal)) &&
    (!/[ywdhms]\s*$/.test(literal) || isPromqlOffset(literal))
  );
}

/** Returns whether a literal is a valid PromQL offset. */
export const isPromqlOffset = (literal: string): boolean => parseAbsolutePromqlSeconds(literal) < MAX_SECONDS;

/** Returns whether a literal is a valid PromQL range. A range must be longer than zero. */
export const isPromqlRange = (literal: string): boolean =>
  !literal.trim().startsWith('-') && parseAbsolutePromqlSeconds(literal) > 0 && isPromqlOffset(literal);
