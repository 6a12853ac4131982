// Counters and gauges of a program, which are rendered in the Prometheus text format.

/**
 * Maximum number of series of a counter. Without this limit, clients could create any number of series, because clients
 * choose the label values. Gauges have no limit.
 */
const MOST_SERIES = 20_000;

/** Maximum number of characters of a label value. Longer values are truncated. */
const LONGEST_VALUE = 128;

/** @typedef {{ help: string, series: Map<string, number> }} Family help text, and the value of each series by its rendered labels */

/** Counters and gauges of a program. */
export class Metrics {
  #prefix;
  /** Metrics by name without the prefix. @type {Map<string, Family>} */
  #families = new Map();

  /**
   * Creates the metrics, without series.
   * @param {string} prefix of all metric names
   * @param {Record<string, string>} helps help text by metric name without the prefix; metrics with the suffix
   * `_total` are counters, all others gauges
   */
  constructor(prefix, helps) {
    this.#prefix = prefix;
    for (const [name, help] of Object.entries(helps)) this.#families.set(name, { help, series: new Map() });
  }

  /**
   * Adds a number to a counter. If the counter already has the maximum number of series, a number for a new series
   * is added to the series that has only the label `reason`.
   * @param {string} name of the metric, without the prefix
   * @param {Record<string, string>} [labels] of the series
   * @param {number} [by] number to add
   */
  addToCounter(name, labels = {}, by = 1) {
    const { series } = this.#requireMetricFamily(name);
    const known = renderLabels(labels);
    // Above the maximum number of series, only the label "reason" is kept, because clients cannot choose its value.
    const key =
      series.has(known) || series.size < MOST_SERIES ? known : renderLabels({ reason: labels.reason ?? '' });
    series.set(key, (series.get(key) ?? 0) + by);
  }

  /**
   * Sets the value of a gauge.
   * @param {string} name of the metric, without the prefix
   * @param {number} value
   * @param {Record<string, string>} [labels]
   */
  setGauge(name, value, labels = {}) {
    this.#requireMetricFamily(name).series.set(renderLabels(labels), value);
  }

  /** Removes all series that have labels, so that no label value contains the name of a node or job any more. */
  removeAllLabelledSeries() {
    for (const { series } of this.#families.values()) {
      for (const labels of series.keys()) if (labels) series.delete(labels);
    }
  }

  toString() {
    return [...this.#families].map(([name, family]) => this.#renderMetricFamily(name, family)).join('');
  }

  /**
   * Returns the metric with this name. Throws an error if the constructor did not receive a help text for the
   * name.
   * @param {string} name without the prefix
   */
  #requireMetricFamily(name) {
    const family = this.#families.get(name);
    if (!family) throw new Error(`no metric is named ${name}`);
    return family;
  }

  /**
   * Renders a metric in the text format. A counter without series gets a series without labels and with the value 0.
   * @param {string} name without the prefix
   * @param {Family} family
   */
  #renderMetricFamily(name, { help, series }) {
    const full = `${this.#prefix}_${name}`;
    const isCounter = name.endsWith('_total');
    const values = series.size === 0 && isCounter ? [['', 0]] : [...series];
    return [
      `# HELP ${full} ${help}.\n# TYPE ${full} ${isCounter ? 'counter' : 'gauge'}\n`,
      ...values.map(([labels, value]) => `${full}${labels} ${value}\n`),
    ].join('');
  }
}

/**
 * Renders labels, such as `{node="edge-1"}`. Returns an empty text if there are no labels.
 * @param {Record<string, string>} labels
 */
function renderLabels(labels) {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quoteLabelValue(value)}`);
  return pairs.length ? `{${pairs.join(',')}}` : '';
}

/** Truncates, escapes and quotes a label value. @param {string} value */
const quoteLabelValue = (value) =>
  `"${value.slice(0, LONGEST_VALUE).toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
