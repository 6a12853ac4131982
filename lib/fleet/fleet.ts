import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { DEFAULT_BATCH_WAIT, type Transport } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { duration, durationBetween, interval, oneOf, quantity, wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsOf, optionsRule } from '../core/option-table';
import { anything, eachMember, text } from '../core/structure-rules';
import { type Duration, type Quantity, seconds } from '../core/units';
import { invalid, type Rule } from '../core/validation';
import { SERIES } from './coefficients';

/** A group of similar nodes: what they measure, how they send it, and the budget of their uplink. */
export interface FleetGroup {
  /** Name in messages and in the plan. */
  readonly name: string;
  /** Number of nodes. */
  readonly nodes: number;
  /** Transport of samples: pushed by a sidecar, or sent by an agent with a queue on disk. */
  readonly transport: Transport;
  /** Scrape interval. */
  readonly interval: Duration;
  /** Number of series per node, or the profile that determines it. */
  readonly series: number | keyof typeof SERIES;
  /**
   * Where `series` is a number: the profile by which an agent scrapes some of them less often.
   * @default - all are scraped at the interval
   */
  readonly profile?: keyof typeof SERIES;
  /** Maximum time for which an agent collects samples before it sends a batch. @default "54s" */
  readonly batchWait?: Duration;
  /** Exporters of a node beside node_exporter. @default - none */
  readonly exporters?: readonly ExporterTraffic[];
  /** Log lines of a node's containers per day. @default - no logs are sent */
  readonly logs?: Quantity;
  /** Maximum time for which a log collector collects lines before it sends a batch. @default "10s" */
  readonly logBatchWait?: Duration;
  /** Maximum uplink traffic of a node per day for metrics and logs. @default - no limit */
  readonly uplinkBudget?: Quantity;
}

/** Traffic of an exporter on each node. */
export interface ExporterTraffic {
  /** Number of targets of the exporter; each target is pushed separately. @default 1 */
  readonly targets?: number;
  /** Number of series of each target. */
  readonly series: number;
  /** Scrape interval of each target. @default - that of the node */
  readonly interval?: Duration;
}

/** Traffic of each node that its profile and interval do not determine. */
export interface NodeTraffic {
  /**
   * Number of series per node.
   * @default - that of the profile on a device with four cores; for a custom profile, that of `standard`
   */
  readonly series?: number;
  /** Exporters of each node in addition to node_exporter, with their targets. @default - none */
  readonly exporters?: readonly ExporterTraffic[];
  /** Log lines of each node's containers per day. @default - no logs */
  readonly logs?: Quantity;
  /**
   * Maximum traffic of each node per day. The synthesis fails if the planned traffic exceeds it; in an
   * environment with rules, an alert fires if a node actually exceeds it (with remote write).
   * @default - no limit
   */
  readonly uplinkBudget?: Quantity;
}

/** The store that keeps the samples of a fleet. */
export interface FleetStore {
  /** Prometheus or VictoriaMetrics of this stack, the Prometheus of a Prometheus Operator, or a remote store, which is not planned. */
  readonly kind: 'prometheus' | 'victoria-metrics' | 'operator' | 'remote';
  /** Number of Prometheus replicas, each of which keeps all samples. @default - 2 for more than 10 nodes, else 1 */
  readonly replicas?: number;
  /** Out-of-order window of a store outside of this stack. @default - at least the longest outage */
  readonly outOfOrderWindow?: Duration;
  /** Evaluator of the rules in PromQL for a remote store: vmalert of this stack, or its own ruler. @default "vmalert" */
  readonly rules?: 'vmalert' | 'elsewhere';
  /** Number of copies that a VictoriaMetrics cluster keeps of each sample. @default - two copies */
  readonly replicationFactor?: number;
  /** Number of storage nodes of a VictoriaMetrics cluster. @default - as many as the fleet needs, at least 3 */
  readonly storageNodes?: number;
}

/** A fleet of edge nodes and its requirements. */
export interface Fleet {
  /** Node groups; each node belongs to one group. */
  readonly groups: readonly FleetGroup[];
  /** Retention periods of metrics and logs. */
  readonly retention: { readonly metrics: Duration; readonly logs: Duration };
  /** Longest outage of a node's link, or of the cloud, without loss of data. */
  readonly longestOutage: Duration;
  /** Out-of-order window of the store. */
  readonly outOfOrderWindow: Duration;
  /** The store of metrics. @default - Prometheus */
  readonly store?: FleetStore;
}

/** Maximum number of nodes of a fleet; split a larger one into several environments. */
export const nodeCount = wholeNumber(1, 100_000);

/** The options of an exporter's traffic. */
export const EXPORTER_TRAFFIC = {
  targets: { rule: wholeNumber(1, 1_000), default: 1 },
  series: { rule: wholeNumber(1, 100_000) },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<ExporterTraffic>;

const exporterTraffic = optionsRule<ExporterTraffic>(EXPORTER_TRAFFIC);

const series: Rule = {
  allowed: `a whole number from 1 to 100000, or one of ${Object.keys(SERIES).join(', ')}`,
  accepts: (value) => wholeNumber(1, 100_000).accepts(value) || Object.hasOwn(SERIES, String(value)),
};

/** The options of a node's traffic. */
export const NODE_TRAFFIC = {
  series: { rule: wholeNumber(1, 100_000), default: undefined },
  exporters: { rule: eachMember(exporterTraffic), default: [] },
  logs: { rule: quantity, default: undefined },
  uplinkBudget: { rule: quantity, default: undefined },
} satisfies OptionTable<NodeTraffic>;

/** Rule for an option with a node's traffic. */
export const nodeTraffic = optionsRule<NodeTraffic>(NODE_TRAFFIC);

/** The options of a node group. */
export const FLEET_GROUP = {
  ...NODE_TRAFFIC,
  name: { rule: text },
  nodes: { rule: nodeCount },
  transport: { rule: transport },
  interval: { rule: interval },
  series: { rule: series },
  profile: { rule: oneOf(...Object.keys(SERIES)), default: undefined },
  batchWait: { rule: duration, default: DEFAULT_BATCH_WAIT },
  logBatchWait: { rule: duration, default: DEFAULT_LOG_BATCH_WAIT },
} satisfies OptionTable<FleetGroup>;

const KEPT = { metrics: { rule: duration }, logs: { rule: duration } } satisfies OptionTable<
  Fleet['retention']
>;

/** Rule for the longest outage without loss. */
export const longestOutage = durationBetween('1s', '30d', '4h');

/** How many Prometheus may keep the same samples. */
export const storeReplicas = wholeNumber(1, 2);

/** How many copies of a sample a VictoriaMetrics cluster may keep. */
export const replicationFactor = wholeNumber(1, 5);

/** How many storage nodes a VictoriaMetrics cluster may have. */
export const storageNodes = wholeNumber(1, 100);

/** The options of a store of a fleet. */
export const FLEET_STORE = {
  kind: { rule: oneOf('prometheus', 'victoria-metrics', 'operator', 'remote') },
  replicas: { rule: storeReplicas, default: undefined },
  outOfOrderWindow: { rule: duration, default: undefined },
  rules: { rule: oneOf('vmalert', 'elsewhere'), default: 'vmalert' },
  replicationFactor: { rule: replicationFactor, default: undefined },
  storageNodes: { rule: storageNodes, default: undefined },
} satisfies OptionTable<FleetStore>;

/** The options of a fleet. */
export const FLEET = {
  // Groups are checked one by one below, where messages have their names.
  groups: { rule: eachMember(anything) },
  retention: { rule: optionsRule<Fleet['retention']>(KEPT) },
  longestOutage: { rule: longestOutage },
  outOfOrderWindow: { rule: duration },
  store: { rule: optionsRule<FleetStore>(FLEET_STORE), default: undefined },
} satisfies OptionTable<Fleet>;

/**
 * Checks a fleet.
 * @throws InvalidOptionError when a number is out of range, or two of them contradict each other.
 */
export function verifyFleet(where: string, fleet: Fleet): void {
  optionsOf(where, fleet, FLEET);
  for (const group of fleet.groups) verifyGroup(where, group);
  const problem = fleetContradiction(fleet);
  if (problem) throw invalid(where, problem);
}

/**
 * Checks a node group of a fleet.
 * @throws InvalidOptionError when a number is out of range.
 */
export function verifyGroup(where: string, group: FleetGroup): void {
  optionsOf(`${where}: group ${String(group?.name)}`, group, FLEET_GROUP);
}

function fleetContradiction(fleet: Fleet): string | undefined {
  const { groups } = fleet;
  const total = groups.reduce((sum, { nodes }) => sum + nodes, 0);
  if (!nodeCount.accepts(total)) {
    return `all groups together have ${total} nodes; allowed: ${nodeCount.allowed}`;
  }
  const { replicationFactor: copies = 1, storageNodes: stores } = fleet.store ?? {};
  if (stores !== undefined && copies > stores) {
    return `store.replicationFactor is ${copies}, and store.storageNodes ${stores}; allowed: at most as many copies as nodes`;
  }
  return outageProblem(
    fleet,
    groups.some(({ transport }) => transport === 'remote-write'),
  );
}

/** The option for the out-of-order window, by store. */
const WINDOW_OPTIONS: Readonly<Record<FleetStore['kind'], string>> = {
  prometheus: 'retention.outOfOrderWindow',
  'victoria-metrics': 'retention.metrics',
  operator: 'outOfOrderWindow of prometheusOperator()',
  remote: 'write.outOfOrderWindow of remoteStore(), and the window of the store,',
};

/** Returns the reason why data is lost in the longest outage; undefined if none is lost. */
export function outageProblem(
  { retention, longestOutage, outOfOrderWindow, store }: Omit<Fleet, 'groups'>,
  queues: boolean,
): string | undefined {
  const outage = seconds(longestOutage);
  if (outage > seconds(retention.metrics)) {
    return `an outage of ${longestOutage} exceeds the retention of metrics, ${retention.metrics}: increase it`;
  }
  if (outage > seconds(retention.logs)) {
    return `an outage of ${longestOutage} exceeds the retention of logs, ${retention.logs}: increase it`;
  }
  if (queues && outage > seconds(outOfOrderWindow)) {
    return (
      `after an outage of ${longestOutage}, samples are older than accepted (${outOfOrderWindow}): ` +
      `increase ${WINDOW_OPTIONS[store?.kind ?? 'prometheus']} to at least longestOutage`
    );
  }
  return undefined;
}
