// What the filter counts, in the text format of Prometheus.

/** So many nodes are counted by name: whoever writes chooses the names. */
const NODES = 20_000;

export class Counters {
  requests = 0;
  split = 0;
  unreadable = 0;
  /** @type {Map<string, number>} */
  #dropped = new Map();

  /** @param {{ node: string, group: string }} series @param {string} reason @param {number} samples */
  drop({ node, group }, reason, samples) {
    if (!samples) return;
    const labels = `reason="${reason}",group=${quoted(group)},node=${quoted(node)}`;
    const known = this.#dropped.has(labels) || this.#dropped.size < NODES;
    const key = known ? labels : `reason="${reason}",group="",node=""`;
    this.#dropped.set(key, (this.#dropped.get(key) ?? 0) + samples);
  }

  text() {
    return [
      ...counter('requests_total', 'Requests that the store has taken, whole or in parts', [
        ['', this.requests],
      ]),
      ...counter('requests_split_total', 'Requests that the store refused as a whole', [['', this.split]]),
      ...counter('requests_unreadable_total', 'Requests that are no remote write', [['', this.unreadable]]),
      ...counter(
        'samples_dropped_total',
        'Samples that were kept from the store, by node and reason',
        [...this.#dropped].map(([labels, count]) => [`{${labels}}`, count]),
      ),
      '',
    ].join('\n');
  }
}

function counter(name, help, values) {
  const full = `metrics_gateway_filter_${name}`;
  return [
    `# HELP ${full} ${help}.`,
    `# TYPE ${full} counter`,
    ...values.map(([labels, value]) => `${full}${labels} ${value}`),
  ];
}

const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
