// Parses pushes, and selects the samples to store. The stored format ensures that groups cannot conflict.

/** @typedef {{ family: string, type: string }} Own name and type of a metric family of the Pushgateway process itself */

/**
 * @typedef {object} Rules
 * @property {RegExp} reserved matches the metric names that no push may contain
 * @property {Set<string>} keyLabels labels to remove, because they belong to the grouping key or are reserved
 * @property {number} mostSamples maximum number of stored samples in a push; the same maximum applies to the dropped samples
 */

/** @typedef {Pick<Samples, 'name' | 'labelNames' | 'labelValues' | 'line'>} Written a sample as written in the push */

/**
 * @typedef {object} Push
 * @property {string} text samples to store, in the Prometheus text format without timestamps (latin1)
 * @property {Map<string, number>} families number of stored samples by name of the metric family
 * @property {number} dropped number of samples that are not stored
 * @property {Map<string, number>} series number of labels of each stored series; a key is a series such as `up{a="b"}`, in latin1
 * @property {Set<string>} labelNames label names of all stored series, in latin1
 */
import { Samples } from './exposition.mjs';
import { Refusal } from './server.mjs';

/**
 * Metric families of the Pushgateway process itself, by type. A scrape of the Pushgateway would fail if a push
 * contained a family with the same name and another type.
 */
const PUSHGATEWAY_FAMILIES = {
  summary: ['go_gc_duration_seconds'],
  counter: [
    'go_memstats_alloc_bytes_total',
    'go_memstats_frees_total',
    'go_memstats_lookups_total',
    'go_memstats_mallocs_total',
    'process_cpu_seconds_total',
    'process_network_receive_bytes_total',
    'process_network_transmit_bytes_total',
  ],
  gauge: [
    ...['gc_gogc_percent', 'gc_gomemlimit_bytes', 'goroutines', 'info', 'threads'].map(
      (name) => `go_${name}`,
    ),
    'go_sched_gomaxprocs_threads',
    ...'alloc buck_hash_sys gc_sys heap_alloc heap_idle heap_inuse heap_released heap_sys mcache_inuse mcache_sys'
      .split(' ')
      .map((name) => `go_memstats_${name}_bytes`),
    ...'mspan_inuse mspan_sys next_gc other_sys stack_inuse stack_sys sys'
      .split(' ')
      .map((name) => `go_memstats_${name}_bytes`),
    'go_memstats_gc_cpu_fraction',
    'go_memstats_heap_objects',
    'go_memstats_last_gc_time_seconds',
    ...['max_fds', 'open_fds', 'resident_memory_bytes', 'start_time_seconds'].map(
      (name) => `process_${name}`,
    ),
    'process_virtual_memory_bytes',
    'process_virtual_memory_max_bytes',
  ],
};

/** Maps the name of each sample of the Pushgateway process itself to the metric family of the sample. @type {Map<string, Own>} */
const PUSHGATEWAY_SAMPLES = new Map(
  Object.entries(PUSHGATEWAY_FAMILIES).flatMap(([type, families]) =>
    families.flatMap((family) => {
      const own = { family, type };
      const suffixes = type === 'summary' ? ['', '_sum', '_count'] : [''];
      return suffixes.map((suffix) => /** @type {const} */ ([`${family}${suffix}`, own]));
    }),
  ),
);

/**
 * Names of metrics that the Pushgateway exposes about itself and its metric groups. Samples with these names are
 * dropped from pushes.
 */
const DROPPED_METRICS = /^(promhttp_.+|pushgateway_.+|push_(failure_)?time_seconds)$/;

/**
 * Maximum number of labels in a push: the sum over all samples. The limit bounds the time for sorting labels. A push
 * of 10,000 series (the maximum) with 15 labels each, such as cAdvisor's series, is within the limit.
 */
const MOST_LABELS = 160_000;

/**
 * Parses a push, and selects the samples to store. Drops the timestamps of the samples.
 * @param {string} text body in latin1 @param {Rules} rules @returns {Push}
 * @throws {Refusal} when the text is invalid, or the push violates a rule
 */
export function parsePushBody(text, rules) {
  const samples = new Samples(text);
  const push = new Accepted(rules);
  while (samples.readNextSample()) push.addSample(samples);
  const { families, dropped, series, labelNames } = push;
  return { text: push.text, families, dropped, series, labelNames };
}

/** Collects the samples of a push while it is parsed. */
class Accepted {
  families = new Map();
  dropped = 0;
  #rules;
  series = new Map();
  labelNames = new Set();
  #labels = 0;
  #typed = new Map();
  /** Lines of text for the metrics that the Pushgateway process itself does not expose. @type {string[]} */
  #untyped = [];
  /** Name of the previous sample. Samples of the same metric usually follow each other. */
  #name = '';
  /** Result of `decideHowToStoreOrRefuseMetric` for the previous sample. @type {'dropped' | Own | undefined} */
  #kind;

  /** Creates an empty collection. @param {Rules} rules */
  constructor(rules) {
    this.#rules = rules;
  }

  /**
   * Adds a sample to the samples to store. A sample of a dropped metric is only counted.
   * @param {Samples} sample @throws {Refusal} when the sample violates a rule
   */
  addSample(sample) {
    if (sample.name !== this.#name) {
      this.#name = sample.name;
      this.#kind = decideHowToStoreOrRefuseMetric(sample.name, this.#rules.reserved, sample.line);
    }
    const kind = this.#kind;
    if (kind === 'dropped') this.dropped++;
    else this.#addSampleLine(this.#addAndFormatSeriesOfSample(sample), sample.value, kind);
    // Dropped samples have a limit too, because parsing them takes time.
    const { mostSamples } = this.#rules;
    if (this.series.size > mostSamples || this.dropped > mostSamples)
      throw tooManySeriesOrLabelsRefusal(mostSamples, 'series');
  }

  get text() {
    return [...this.#typed.values(), ...this.#untyped].join('');
  }

  /**
   * Adds the series of a sample. Throws a refusal if the push already contains the series, or has too many labels.
   * @param {Samples} sample @returns {string} the series in canonical form
   */
  #addAndFormatSeriesOfSample(sample) {
    this.#labels += sample.labelNames.length;
    if (this.#labels > MOST_LABELS) throw tooManySeriesOrLabelsRefusal(MOST_LABELS, 'labels');
    const series = formatSeriesWithoutGroupingKey(sample, this.#rules.keyLabels);
    if (this.series.has(series)) {
      throw new Refusal(
        400,
        `line ${sample.line}: the push contains ${truncateForMessage(series)} twice`,
        'duplicate',
      );
    }
    this.series.set(series, sample.labelNames.length);
    for (const name of sample.labelNames) this.labelNames.add(name);
    return series;
  }

  /**
   * Adds the line of a sample to the text. If the Pushgateway process itself has the same metric family, the line
   * follows the line `# TYPE` of the family.
   * @param {string} series in canonical form @param {string} value of the sample
   * @param {Own | undefined} kind family of the Pushgateway process, if the sample belongs to one
   */
  #addSampleLine(series, value, kind) {
    const line = `${series} ${value}\n`;
    const family = kind?.family ?? this.#name;
    this.families.set(family, (this.families.get(family) ?? 0) + 1);
    if (kind === undefined) this.#untyped.push(line);
    else this.#typed.set(kind, `${this.#typed.get(kind) ?? `# TYPE ${family} ${kind.type}\n`}${line}`);
  }
}

/**
 * Creates the refusal of a push with too many series or labels.
 * @param {number} most maximum number @param {string} what noun for the message: `series` or `labels`
 */
const tooManySeriesOrLabelsRefusal = (most, what) =>
  new Refusal(
    429,
    `the push contains more than ${most} ${what}: push fewer series, or split the push into pushes with different grouping keys`,
    'too_many_series',
  );

/**
 * Returns how a metric must be stored: `dropped` for metrics that are not stored, the metric family if the Pushgateway
 * process has the same metric, or `undefined` for all other metrics. Throws a refusal if the name is reserved.
 * @param {string} name of the metric @param {RegExp} reserved matches reserved names
 * @param {number} line number, for the message
 */
function decideHowToStoreOrRefuseMetric(name, reserved, line) {
  if (DROPPED_METRICS.test(name)) return 'dropped';
  if (reserved.test(name)) {
    throw new Refusal(
      400,
      `line ${line}: the metric name ${truncateForMessage(name)} is reserved for cloud components: use another metric name`,
      'reserved',
    );
  }
  return PUSHGATEWAY_SAMPLES.get(name);
}

/**
 * Formats the series of a sample in canonical form, such as `up{a="1",b="2"}`: labels are sorted; labels of the
 * grouping key and empty labels are omitted. Throws a refusal if a label occurs twice, or if the name of a remaining
 * label begins with `__`.
 * @param {Written} sample @param {Set<string>} keyLabels names of the labels to omit @returns {string}
 */
function formatSeriesWithoutGroupingKey({ name, labelNames, labelValues, line }, keyLabels) {
  let labels = '';
  let last = '';
  for (let at = 0; at < labelNames.length; at++) {
    const label = labelNames[at];
    if (label < last) return sortLabelsAndFormatSeries({ name, labelNames, labelValues, line }, keyLabels);
    if (label === last)
      throw new Refusal(400, `line ${line}: the sample contains the label ${label} twice`, 'unreadable');
    last = label;
    if (keyLabels.has(label) || labelValues[at] === '') continue;
    if (label.startsWith('__'))
      throw new Refusal(
        400,
        `line ${line}: the label ${label} begins with __, which is reserved: use another label name`,
        'unreadable',
      );
    labels += `${labels && ','}${label}="${labelValues[at]}"`;
  }
  return labels ? `${name}{${labels}}` : name;
}

/**
 * Sorts the labels of a sample, and formats its series with `formatSeriesWithoutGroupingKey`.
 * @param {Written} sample @param {Set<string>} keyLabels names of the labels to omit
 */
function sortLabelsAndFormatSeries({ name, labelNames, labelValues, line }, keyLabels) {
  const order = labelNames
    .map((_, at) => at)
    .sort((one, other) => (labelNames[one] < labelNames[other] ? -1 : 1));
  /** Returns the label names, or the label values, in the order of the sorted label names. @param {string[]} all */
  const sortByLabelName = (all) => order.map((at) => all[at]);
  return formatSeriesWithoutGroupingKey(
    { name, labelNames: sortByLabelName(labelNames), labelValues: sortByLabelName(labelValues), line },
    keyLabels,
  );
}

/** Truncates a series or a name to 120 characters, for an error message. @param {string} text */
const truncateForMessage = (text) => (text.length > 120 ? `${text.slice(0, 120)}...` : text);
