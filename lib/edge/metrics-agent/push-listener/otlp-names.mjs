// Translates OpenTelemetry names of metrics and attributes to Prometheus names.
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus

/** Units of UCUM (https://ucum.org), and their names in Prometheus. @type {Readonly<Record<string, string>>} */
const UNIT_WORDS = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
};

/** Units after a slash, as in `By/s`, and their names in Prometheus. @type {Readonly<Record<string, string>>} */
const UNIT_WORDS_AFTER_SLASH = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/**
 * Returns the Prometheus name of a metric, such as `http_requests_total`.
 * @param {string} name @param {string} unit unit in UCUM, such as `By/s`
 * @param {{ isCounter: boolean, isRatio: boolean }} kind `isCounter`: the name gets the suffix `_total`. `isRatio`:
 * if the unit is `1`, the name gets the suffix `_ratio`
 * @returns {string}
 */
export function prometheusMetricName(name, unit, { isCounter, isRatio }) {
  const words = name.split(/[^a-zA-Z0-9:]+/).filter(Boolean);
  for (const word of unitWords(unit)) if (!words.includes(word)) words.push(word);
  if (isRatio && unit === '1' && !words.includes('ratio')) words.push('ratio');
  const others = isCounter ? [...words.filter((word) => word !== 'total'), 'total'] : words;
  const joined = others.join('_');
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

/** Returns the Prometheus label for the name of an attribute. @param {string} name @returns {string} */
export function prometheusLabelName(name) {
  const label = name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  if (/^[0-9]/.test(label)) return `key_${label}`;
  return label.startsWith('_') && !label.startsWith('__') ? `key${label}` : label;
}

/** Returns the words of a unit: `By/s` becomes `bytes`, `per`, `second`. Text in braces is ignored. @param {string} unit */
function unitWords(unit) {
  const [amount = '', per] = unit.replaceAll(/\{[^}]*\}/g, '').split('/');
  /**
   * Splits a text, or its replacement in `known`, into words of letters and digits.
   * @param {string} text @param {Readonly<Record<string, string>>} known
   */
  const splitWords = (text, known) => (known[text] ?? text).split(/[^a-zA-Z0-9]+/).filter(Boolean);
  return [
    ...(amount === '1' ? [] : splitWords(amount, UNIT_WORDS)),
    ...(per ? ['per', ...splitWords(per, UNIT_WORDS_AFTER_SLASH)] : []),
  ];
}
