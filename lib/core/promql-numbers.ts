const SECONDS: Readonly<Record<string, number>> = {
  y: 31_536_000,
  w: 604_800,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 0.001,
};

/** Prometheus represents time as nanoseconds in 64 bits. */
const MOST_SECONDS = 9_223_372_036;

const DURATION = /^(\d+(?:y|w|d|h|ms|m|s))+$/;

/** Converts a PromQL number, or a duration to seconds; NaN for anything else. */
export function promqlSeconds(literal: string): number {
  const text = literal
    .trim()
    .replace(/^[-+]\s*/, '')
    .replaceAll('_', '');
  if (!DURATION.test(text)) return Number(text || 'none');
  const parts = [...text.matchAll(/(\d+)(ms|[ywdhms])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (SECONDS[unit] ?? 0), 0);
}

/** Whether a literal is a valid number or duration. */
export function isPromqlNumber(literal: string): boolean {
  if (/^\s*[-+]?\s*(inf|nan)\s*$/i.test(literal)) return true;
  return (
    Number.isFinite(promqlSeconds(literal)) && (!/[ywdhms]\s*$/.test(literal) || isPromqlOffset(literal))
  );
}

/** Whether a literal is a valid offset. */
export const isPromqlOffset = (literal: string): boolean => promqlSeconds(literal) < MOST_SECONDS;

/** Whether a literal is a valid range: a duration that can contain samples. */
export const isPromqlRange = (literal: string): boolean =>
  !literal.trim().startsWith('-') && promqlSeconds(literal) > 0 && isPromqlOffset(literal);
