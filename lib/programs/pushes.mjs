// Selects the samples of a push to store, in a format in which different groups cannot conflict.
import { Samples } from './exposition.mjs';
import { Refusal } from './server.mjs';

/** Metric families of the Pushgateway process itself, by type. If a group had another type for one of them, scrapes would fail. */
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

/** @typedef {{ family: string, type: string }} Own a metric family of the Pushgateway process itself */

/** Metric families of the Pushgateway process itself, by the name of a sample. @type {Map<string, Own>} */
const PUSHGATEWAY_SAMPLES = new Map(
  Object.entries(PUSHGATEWAY_FAMILIES).flatMap(([type, families]) =>
    families.flatMap((family) => {
      const own = { family, type };
      const suffixes = type === 'summary' ? ['', '_sum', '_count'] : [''];
      return suffixes.map((suffix) => /** @type {const} */ ([`${family}${suffix}`, own]));
    }),
  ),
);

/** Metrics of Pushgateway about itself and its groups. They are dropped from pushes. */
const DROPPED_METRICS = /^(promhttp_.+|pushgateway_.+|push_(failure_)?time_seconds)$/;

/**
 * Maximum number of labels in a push. It limits the time for sorting labels. A push has at most 10,000 series, and
 * cAdvisor's series have 15 labels.
 */
const MOST_LABELS = 160_000;

/**
 * @typedef {object} Rules
 * @property {RegExp} reserved metric names that no push may contain
 * @property {Set<string>} keyLabels labels to remove, because they belong to the grouping key or are reserved
 * @property {number} mostSamples maximum number of samples in a push
 */

/** @typedef {Pick<Samples, 'name' | 'labelNames' | 'labelValues' | 'line'>} Written a sample as written in the push */

/**
 * @typedef {object} Push
 * @property {string} text samples to store, in latin1
 * @property {Map<string, number>} families number of samples by name of the metric family
 * @property {number} dropped number of samples that are not stored
 * @property {Map<string, number>} series number of labels by series (without value), in latin1
 * @property {Set<string>} labelNames label names of all series, in latin1
 */

/** Parses a push and selects the samples to store. @param {string} text latin1 @param {Rules} rules @returns {Push} @throws {Refusal} */
export function parsePush(text, rules) {
  const samples = new Samples(text);
  const push = new Accepted(rules);
  while (samples.readNextSample()) push.addSample(samples);
  const { families, dropped, series, labelNames } = push;
  return { text: push.text, families, dropped, series, labelNames };
}

/** The accepted samples of a push, while it is parsed. */
class Accepted {
  families = new Map();
  dropped = 0;
  #rules;
  series = new Map();
  labelNames = new Set();
  #labels = 0;
  #typed = new Map();
  /** @type {string[]} */
  #untyped = [];
  /** Name of the previous sample. Samples of the same metric usually follow each other. */
  #name = '';
  /** @type {'dropped' | Own | undefined} */
  #kind;

  /** Starts a push without samples. @param {Rules} rules */
  constructor(rules) {
    this.#rules = rules;
  }

  /** Adds a sample, or only counts the sample if its metric is dropped. @param {Samples} sample @throws {Refusal} */
  addSample(sample) {
    if (sample.name !== this.#name) {
      this.#name = sample.name;
      this.#kind = classifyMetric(sample.name, this.#rules.reserved, sample.line);
    }
    const kind = this.#kind;
    if (kind === 'dropped') this.dropped++;
    else this.#addLine(this.#registerSeries(sample), sample.value, kind);
    // Dropped samples also count, because parsing them takes time.
    const { mostSamples } = this.#rules;
    if (this.series.size > mostSamples || this.dropped > mostSamples)
      throw tooManyRefusal(mostSamples, 'series');
  }

  get text() {
    return [...this.#typed.values(), ...this.#untyped].join('');
  }

  /**
   * Returns the series of a sample in canonical form. Throws a refusal if the push already contains the series, or has too many labels.
   * @param {Samples} sample
   */
  #registerSeries(sample) {
    this.#labels += sample.labelNames.length;
    if (this.#labels > MOST_LABELS) throw tooManyRefusal(MOST_LABELS, 'labels');
    const series = formatSeries(sample, this.#rules.keyLabels);
    if (this.series.has(series)) {
      throw new Refusal(
        400,
        `line ${sample.line}: the push contains ${truncateSeries(series)} twice`,
        'duplicate',
      );
    }
    this.series.set(series, sample.labelNames.length);
    for (const name of sample.labelNames) this.labelNames.add(name);
    return series;
  }

  /**
   * Adds a sample to the text, below the type of its metric family if the type is known.
   * @param {string} series @param {string} value @param {Own | undefined} kind
   */
  #addLine(series, value, kind) {
    const line = `${series} ${value}\n`;
    const family = kind?.family ?? this.#name;
    this.families.set(family, (this.families.get(family) ?? 0) + 1);
    if (kind === undefined) this.#untyped.push(line);
    else this.#typed.set(kind, `${this.#typed.get(kind) ?? `# TYPE ${family} ${kind.type}\n`}${line}`);
  }
}

/**
 * Creates the refusal of a push that has more than `most` series or labels.
 * @param {number} most @param {string} what
 */
const tooManyRefusal = (most, what) =>
  new Refusal(429, `the push contains more than ${most} ${what}`, 'too_many_series');

/**
 * Returns the metric family of the Pushgateway process to which a metric belongs, `undefined` for all other metrics, or `dropped`. Throws a refusal if the name is reserved.
 * @param {string} name @param {RegExp} reserved @param {number} line
 */
function classifyMetric(name, reserved, line) {
  if (DROPPED_METRICS.test(name)) return 'dropped';
  if (reserved.test(name)) {
    throw new Refusal(
      400,
      `line ${line}: the metric name ${truncateSeries(name)} is reserved for the cloud`,
      'reserved',
    );
  }
  return PUSHGATEWAY_SAMPLES.get(name);
}

/**
 * Returns the series in canonical form: labels are sorted; labels of the grouping key and empty labels are omitted.
 * @param {Written} sample @param {Set<string>} keyLabels @returns {string}
 */
function formatSeries({ name, labelNames, labelValues, line }, keyLabels) {
  let labels = '';
  let last = '';
  for (let at = 0; at < labelNames.length; at++) {
    const label = labelNames[at];
    if (label < last) return formatUnsortedSeries({ name, labelNames, labelValues, line }, keyLabels);
    if (label === last)
      throw new Refusal(400, `line ${line}: the sample contains the label ${label} twice`, 'unreadable');
    last = label;
    if (keyLabels.has(label) || labelValues[at] === '') continue;
    if (label.startsWith('__'))
      throw new Refusal(
        400,
        `line ${line}: the label ${label} begins with __, which is reserved`,
        'unreadable',
      );
    labels += `${labels && ','}${label}="${labelValues[at]}"`;
  }
  return labels ? `${name}{${labels}}` : name;
}

/**
 * Returns a series in canonical form, like `formatSeries`, after sorting its labels.
 * @param {Written} sample @param {Set<string>} keyLabels
 */
function formatUnsortedSeries({ name, labelNames, labelValues, line }, keyLabels) {
  const order = labelNames
    .map((_, at) => at)
    .sort((one, other) => (labelNames[one] < labelNames[other] ? -1 : 1));
  /** Returns a list in the order of the sorted label names. @param {string[]} all */
  const sortByLabelName = (all) => order.map((at) => all[at]);
  return formatSeries(
    { name, labelNames: sortByLabelName(labelNames), labelValues: sortByLabelName(labelValues), line },
    keyLabels,
  );
}

/** Truncates a series to 120 characters, for an error message. @param {string} series */
const truncateSeries = (series) => (series.length > 120 ? `${series.slice(0, 120)}...` : series);
