const SECONDS: Readonly<Record<string, number>> = {
  y: 31_536_000,
  w: 604_800,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 0.001,
};

/** Prometheus counts time in nanoseconds of 64 bits. */
const MOST_SECONDS = 9_223_372_036;

const DURATION = /^(\d+(?:y|w|d|h|ms|m|s))+$/;

/** A number of PromQL, or the seconds of a duration; NaN of anything else. */
function toSeconds(literal: string): number {
  const text = literal
    .trim()
    .replace(/^[-+]\s*/, '')
    .replaceAll('_', '');
  if (!DURATION.test(text)) return Number(text || 'none');
  const parts = [...text.matchAll(/(\d+)(ms|[ywdhms])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (SECONDS[unit] ?? 0), 0);
}

/** Whether Prometheus can read a number, which may be a duration. */
export function isPromqlNumber(literal: string): boolean {
  if (/^\s*[-+]?\s*(inf|nan)\s*$/i.test(literal)) return true;
  return Number.isFinite(toSeconds(literal)) && (!/[ywdhms]\s*$/.test(literal) || isPromqlOffset(literal));
}

/** Whether a literal is a length of time. */
export const isPromqlOffset = (literal: string): boolean => toSeconds(literal) < MOST_SECONDS;

/** Whether a literal is a length of time in which there can be samples. */
export const isPromqlRange = (literal: string): boolean =>
  !literal.trim().startsWith('-') && toSeconds(literal) > 0 && isPromqlOffset(literal);
