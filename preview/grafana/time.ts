/** A time range in seconds since 1970. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/**
 * Parses a duration such as `30s`, `6h` or `1h30m`, and returns its seconds.
 * @throws Error if the text is not a duration
 */
export function parseSeconds(length: string): number {
  const parts = [...length.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)];
  if (parts.map(([part]) => part).join('') !== length || !parts.length)
    throw new Error(`"${length}" is not a duration; allowed: a number and a unit, such as 30s or 6h`);
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

/**
 * Parses a time in the format of Grafana's URLs: `now`, `now-6h`, or milliseconds since 1970. Returns seconds since
 * 1970.
 * @throws Error if the text has another format
 */
export function parseMoment(text: string, now: number): number {
  if (/^\d+$/.test(text)) return Number(text) / 1000;
  const [, sign, length] = /^now(?:([+-])(.+))?$/.exec(text) ?? [];
  if (!text.startsWith('now') || (text !== 'now' && !length))
    throw new Error(
      `"${text}" is not a time; allowed: now, a time such as now-6h, or milliseconds since 1970`,
    );
  return now + (length ? parseSeconds(length) : 0) * (sign === '-' ? -1 : 1);
}

/** Intervals that Grafana uses between points, in seconds. An interval is used for all values below its limit. */
const STEPS: readonly (readonly [below: number, seconds: number])[] = [
  [0.015, 0.01],
  [0.035, 0.02],
  [0.075, 0.05],
  [0.15, 0.1],
  [0.35, 0.2],
  [0.75, 0.5],
  [1.5, 1],
  [3.5, 2],
  [7.5, 5],
  [12.5, 10],
  [17.5, 15],
  [25, 20],
  [45, 30],
  [90, 60],
  [210, 120],
  [450, 300],
  [750, 600],
  [1_050, 900],
  [1_500, 1_200],
  [2_700, 1_800],
  [5_400, 3_600],
  [9_000, 7_200],
  [16_200, 10_800],
  [32_400, 21_600],
  [86_400, 43_200],
  [604_800, 86_400],
  [1_814_400, 604_800],
  [3_628_800, 2_592_000],
];

/**
 * Returns the interval between two points in seconds, so that there is at most about one point per pixel.
 * @param width width of the panel in pixels
 * @param least minimum interval in seconds
 */
export function queryInterval({ from, to }: Range, width: number, least: number): number {
  const wanted = (to - from) / Math.max(1, width);
  return Math.max(STEPS.find(([below]) => wanted < below)?.[1] ?? 31_536_000, least);
}

/** Formats seconds as a duration for queries, such as `5m`. */
export function formatLength(seconds: number): string {
  const fitting = Object.entries(UNITS)
    .filter(([unit, size]) => /^[smhd]$/.test(unit) && seconds >= size && seconds % size === 0)
    .at(-1);
  return fitting ? `${seconds / fitting[1]}${fitting[0]}` : `${Math.round(seconds * 1000)}ms`;
}
