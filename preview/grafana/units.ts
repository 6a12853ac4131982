/** A function that formats a number as Grafana does. */
export type Format = (value: number, decimals?: number) => string;

/**
 * Returns Grafana's default number of decimals for a value: 0 for a whole number, otherwise enough for three
 * significant digits.
 */
const decimalsOf = (value: number): number =>
  value % 1 === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log(Math.abs(value)) / Math.LN10));

export function toFixed(value: number, decimals = decimalsOf(value)): string {
  if (!Number.isFinite(value)) return value.toLocaleString('en-US');
  const factor = 10 ** decimals;
  const rounded = Math.round(value * factor) / factor;
  return `${rounded}`.includes('e') ? `${rounded}` : rounded.toFixed(decimals);
}

const plainFormat =
  (suffix = ''): Format =>
  (value, decimals) =>
    `${toFixed(value, decimals)}${suffix}`;

function scaledFormat(factor: number, suffixes: readonly string[], base = 0): Format {
  return (value, decimals) => {
    if (!Number.isFinite(value)) return value.toLocaleString('en-US');
    const power = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor));
    const index = Math.min(Math.max(power, -base), suffixes.length - 1 - base);
    return `${toFixed(value / factor ** index, decimals)}${suffixes[index + base]}`;
  };
}

const SI = ['f', 'p', 'n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const COUNTS = ['', ' K', ' Mil', ' Bil', ' Tri', ' Quadr', ' Quint', ' Sext', ' Sept'];

const siFormat = (unit: string, offset = 0): Format =>
  scaledFormat(
    1000,
    SI.map((prefix) => ` ${prefix}${unit}`),
    5 + offset,
  );
const binaryFormat = (unit: string): Format =>
  scaledFormat(
    1024,
    BINARY.map((prefix) => ` ${prefix}${unit}`),
  );
const countFormat =
  (unit: string): Format =>
  (value, decimals) =>
    `${scaledFormat(1000, ['', 'K', 'M', 'B', 'T'])(value, decimals)} ${unit}`;

/** Steps of a time unit: a value below the limit is divided by the size, and has the name as its unit. */
type Steps = readonly (readonly [below: number, size: number, name: string])[];

const steppedFormat =
  (steps: Steps): Format =>
  (value, decimals) => {
    const absolute = Math.abs(value);
    const [, size, name] = steps.find(([below]) => absolute < below) ?? (steps.at(-1) as Steps[number]);
    const figure = size < 1 ? value * Math.round(1 / size) : value / size;
    // Names of units get a plural "s", except the base unit `min`.
    const isWord = /^(min|hour|day|week|year)$/.test(name) && !(name === 'min' && size === 1);
    return `${toFixed(figure, decimals)} ${name}${isWord && Math.abs(figure) > 1 ? 's' : ''}`;
  };

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

const secondsInSteps = steppedFormat([
  [1e-6, 1e-9, 'ns'],
  [1e-3, 1e-6, 'µs'],
  [1, 1e-3, 'ms'],
  [MINUTE, 1, 's'],
  [HOUR, MINUTE, 'min'],
  [DAY, HOUR, 'hour'],
  [7 * DAY, DAY, 'day'],
  [365 * DAY, 7 * DAY, 'week'],
  [Number.POSITIVE_INFINITY, 31_556_900, 'year'],
]);

const secondsFormat: Format = (value, decimals) => (value === 0 ? '0 s' : secondsInSteps(value, decimals));

const milliseconds = steppedFormat([
  [1e3, 1, 'ms'],
  [6e4, 1e3, 's'],
  [36e5, 6e4, 'min'],
  [864e5, 36e5, 'hour'],
  [31_536e6, 864e5, 'day'],
  [Number.POSITIVE_INFINITY, 31_536e6, 'year'],
]);

const minutes = steppedFormat([
  [60, 1, 'min'],
  [1_440, 60, 'hour'],
  [10_080, 1_440, 'day'],
  [604_800, 10_080, 'week'],
  [Number.POSITIVE_INFINITY, 525_948, 'year'],
]);

const days = steppedFormat([
  [7, 1, 'day'],
  [365, 7, 'week'],
  [Number.POSITIVE_INFINITY, 365, 'year'],
]);

/** Formats by Grafana's id of the unit, as in Grafana 13.2. Only units that dashboards about fleets use. */
const UNITS: Readonly<Record<string, Format>> = {
  none: plainFormat(),
  short: scaledFormat(1000, COUNTS),
  percent: plainFormat('%'),
  percentunit: (value, decimals) => `${toFixed(100 * value, decimals)}%`,
  humidity: plainFormat(' %H'),
  bytes: binaryFormat('B'),
  decbytes: siFormat('B'),
  bits: binaryFormat('b'),
  decbits: siFormat('b'),
  binBps: binaryFormat('B/s'),
  Bps: siFormat('B/s'),
  binbps: binaryFormat('b/s'),
  bps: siFormat('b/s'),
  pps: siFormat('p/s'),
  s: secondsFormat,
  ms: milliseconds,
  m: minutes,
  d: days,
  cps: countFormat('c/s'),
  cpm: countFormat('c/m'),
  ops: countFormat('ops/s'),
  reqps: countFormat('req/s'),
  rps: countFormat('rd/s'),
  wps: countFormat('wr/s'),
  iops: countFormat('io/s'),
  celsius: plainFormat(' °C'),
  fahrenheit: plainFormat(' °F'),
  kelvin: plainFormat(' K'),
  hertz: siFormat('Hz'),
  watt: siFormat('W'),
  kwatt: siFormat('W', 1),
  watth: siFormat('Wh'),
  kwatth: siFormat('Wh', 1),
  joule: siFormat('J'),
  amp: siFormat('A'),
  volt: siFormat('V'),
  dBm: plainFormat(' dbm'),
  bool: (value) => (value ? 'True' : 'False'),
  bool_yes_no: (value) => (value ? 'Yes' : 'No'),
  bool_on_off: (value) => (value ? 'On' : 'Off'),
};

/** Returns whether a unit has binary prefixes, such as KiB. */
export const isBinary = (unit = ''): boolean => /^(bytes|bits|binBps|binbps)$/.test(unit);

/**
 * Returns the function that formats values of a unit. For an unknown unit, it appends the name of the unit to the
 * number.
 */
export function unitFormat(unit = ''): Format {
  const known = UNITS[unit];
  if (known) return known;
  const [, key, rest = ''] = /^(prefix|suffix|si|count):(.*)$/.exec(unit) ?? [];
  if (key === 'prefix') return (value, decimals) => `${rest}${toFixed(value, decimals)}`;
  if (key === 'suffix') return plainFormat(rest && ` ${rest}`);
  if (key === 'count') return countFormat(rest);
  if (key === 'si') {
    const offset = SI.indexOf(rest.charAt(0)) - 5;
    return offset === 0 || offset < -5 ? siFormat(rest) : siFormat(rest.slice(1), offset);
  }
  return plainFormat(unit && ` ${unit}`);
}
