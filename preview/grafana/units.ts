/** A number as Grafana writes it. */
export type Format = (value: number, decimals?: number) => string;

/** Decimals that Grafana shows where none are chosen: three digits, and none of a whole number. */
const decimalsOf = (value: number): number =>
  value % 1 === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log(Math.abs(value)) / Math.LN10));

export function toFixed(value: number, decimals = decimalsOf(value)): string {
  if (!Number.isFinite(value)) return value.toLocaleString('en-US');
  const factor = 10 ** decimals;
  const rounded = Math.round(value * factor) / factor;
  return `${rounded}`.includes('e') ? `${rounded}` : rounded.toFixed(decimals);
}

const plain =
  (suffix = ''): Format =>
  (value, decimals) =>
    `${toFixed(value, decimals)}${suffix}`;

function scaled(factor: number, suffixes: readonly string[], base = 0): Format {
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

const si = (unit: string, offset = 0): Format =>
  scaled(
    1000,
    SI.map((prefix) => ` ${prefix}${unit}`),
    5 + offset,
  );
const binary = (unit: string): Format =>
  scaled(
    1024,
    BINARY.map((prefix) => ` ${prefix}${unit}`),
  );
const count =
  (unit: string): Format =>
  (value, decimals) =>
    `${scaled(1000, ['', 'K', 'M', 'B', 'T'])(value, decimals)} ${unit}`;

/** Steps of time: up to how many of the unit, how many of the unit one is, and its name. */
type Steps = readonly (readonly [below: number, size: number, name: string])[];

const inSteps =
  (steps: Steps): Format =>
  (value, decimals) => {
    const absolute = Math.abs(value);
    const [, size, name] = steps.find(([below]) => absolute < below) ?? (steps.at(-1) as Steps[number]);
    const figure = size < 1 ? value * Math.round(1 / size) : value / size;
    // Minutes of a figure in minutes stay as they are.
    const isWord = /^(min|hour|day|week|year)$/.test(name) && !(name === 'min' && size === 1);
    return `${toFixed(figure, decimals)} ${name}${isWord && Math.abs(figure) > 1 ? 's' : ''}`;
  };

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

const secondsInSteps = inSteps([
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

const seconds: Format = (value, decimals) => (value === 0 ? '0 s' : secondsInSteps(value, decimals));

const milliseconds = inSteps([
  [1e3, 1, 'ms'],
  [6e4, 1e3, 's'],
  [36e5, 6e4, 'min'],
  [864e5, 36e5, 'hour'],
  [31_536e6, 864e5, 'day'],
  [Number.POSITIVE_INFINITY, 31_536e6, 'year'],
]);

const minutes = inSteps([
  [60, 1, 'min'],
  [1_440, 60, 'hour'],
  [10_080, 1_440, 'day'],
  [604_800, 10_080, 'week'],
  [Number.POSITIVE_INFINITY, 525_948, 'year'],
]);

const days = inSteps([
  [7, 1, 'day'],
  [365, 7, 'week'],
  [Number.POSITIVE_INFINITY, 365, 'year'],
]);

/** The units of dashboards about fleets, as Grafana 13.2 writes them. */
const UNITS: Readonly<Record<string, Format>> = {
  none: plain(),
  short: scaled(1000, COUNTS),
  percent: plain('%'),
  percentunit: (value, decimals) => `${toFixed(100 * value, decimals)}%`,
  humidity: plain(' %H'),
  bytes: binary('B'),
  decbytes: si('B'),
  bits: binary('b'),
  decbits: si('b'),
  binBps: binary('B/s'),
  Bps: si('B/s'),
  binbps: binary('b/s'),
  bps: si('b/s'),
  pps: si('p/s'),
  s: seconds,
  ms: milliseconds,
  m: minutes,
  d: days,
  cps: count('c/s'),
  cpm: count('c/m'),
  ops: count('ops/s'),
  reqps: count('req/s'),
  rps: count('rd/s'),
  wps: count('wr/s'),
  iops: count('io/s'),
  celsius: plain(' °C'),
  fahrenheit: plain(' °F'),
  kelvin: plain(' K'),
  hertz: si('Hz'),
  watt: si('W'),
  kwatt: si('W', 1),
  watth: si('Wh'),
  kwatth: si('Wh', 1),
  joule: si('J'),
  amp: si('A'),
  volt: si('V'),
  dBm: plain(' dbm'),
  bool: (value) => (value ? 'True' : 'False'),
  bool_yes_no: (value) => (value ? 'Yes' : 'No'),
  bool_on_off: (value) => (value ? 'On' : 'Off'),
};

/** Units that count by powers of two. */
export const isBinary = (unit = ''): boolean => /^(bytes|bits|binBps|binbps)$/.test(unit);

/** How Grafana writes numbers of a unit; a unit that it does not know stands behind the number. */
export function formatOf(unit = ''): Format {
  const known = UNITS[unit];
  if (known) return known;
  const [, key, rest = ''] = /^(prefix|suffix|si|count):(.*)$/.exec(unit) ?? [];
  if (key === 'prefix') return (value, decimals) => `${rest}${toFixed(value, decimals)}`;
  if (key === 'suffix') return plain(rest && ` ${rest}`);
  if (key === 'count') return count(rest);
  if (key === 'si') {
    const offset = SI.indexOf(rest.charAt(0)) - 5;
    return offset === 0 || offset < -5 ? si(rest) : si(rest.slice(1), offset);
  }
  return plain(unit && ` ${unit}`);
}
