import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { DEFAULT_BATCH_WAIT, type Transport } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { duration, durationRule, interval, oneOfRule, quantity, wholeNumberRule } from '../core/option-rules';
import { type OptionTable, optionsRule, validateAndApplyDefaults } from '../core/option-table';
import { anything, listRule, text } from '../core/structure-rules';
import { type Duration, type Quantity, toSeconds } from '../core/units';
import { optionError, type Rule } from '../core/validation';
import { SERIES } from './coefficients';

/** A group of similar nodes: their series, transport, logs and uplink budget. */
export interface FleetGroup {
  /** Name of the group in messages and in the plan. */
  readonly name: string;
  /** Number of nodes in the group. */
  readonly nodes: number;
  /** Transport of metrics: `pushgateway` (a sidecar pushes) or `remote-write` (an agent sends from a queue on disk). */
  readonly transport: Transport;
  /** Scrape interval of the group's nodes. */
  readonly interval: Duration;
  /** Number of series of each node, or the name of the metrics profile that determines this number. */
  readonly series: number | keyof typeof SERIES;
  /**
   * Metrics profile that determines how many series an agent scrapes less often. Only used if `series` is a number.
   * @default - the agent scrapes all series at `interval`
   */
  readonly profile?: keyof typeof SERIES;
  /** Maximum time for which an agent collects samples before it sends a batch. @default "54s" */
  readonly batchWait?: Duration;
  /** Exporters on each node, in addition to node_exporter. @default - only node_exporter */
  readonly exporters?: readonly ExporterTraffic[];
  /** Amount of log lines, such as `20Mi`, that the containers of a node write per day. @default - no logs are sent */
  readonly logs?: Quantity;
  /** Maximum time for which a log collector collects lines before it sends a batch. @default "10s" */
  readonly logBatchWait?: Duration;
  /** Maximum uplink traffic of a node per day, for metrics and logs. @default - no limit */
  readonly uplinkBudget?: Quantity;
}

/** Traffic of an exporter on each node. */
export interface ExporterTraffic {
  /** Number of targets of the exporter. A sidecar sends a separate push for each target. @default 1 */
  readonly targets?: number;
  /** Number of series of each target. */
  readonly series: number;
  /** Scrape interval of each target. @default - the scrape interval of the node */
  readonly interval?: Duration;
}

/** Properties of each node that determine its traffic, in addition to the metrics profile and the scrape interval. */
export interface NodeTraffic {
  /**
   * Number of series of each node.
   * @default - the number of series of the profile on a device with four cores; a custom profile counts as `standard`
   */
  readonly series?: number;
  /** Exporters on each node, in addition to node_exporter. @default - only node_exporter */
  readonly exporters?: readonly ExporterTraffic[];
  /** Amount of log lines, such as `20Mi`, that the containers of a node write per day. @default - no logs */
  readonly logs?: Quantity;
  /**
   * Maximum uplink traffic of a node per day, in bytes. The synthesis fails if the planned traffic exceeds the budget.
   * With remote write, an alert fires if the measured traffic of a node exceeds the budget.
   * @default - no limit
   */
  readonly uplinkBudget?: Quantity;
}

/** The store that contains the samples of a fleet. */
export interface FleetStore {
  /**
   * Type of the store: Prometheus or VictoriaMetrics of this stack, the Prometheus of a Prometheus Operator, or a
   * remote store. The plan contains no resources for a remote store.
   */
  readonly kind: 'prometheus' | 'victoria-metrics' | 'operator' | 'remote';
  /** Number of Prometheus replicas. @default - 2 for more than 10 nodes, otherwise 1 */
  readonly replicas?: number;
  /** Out-of-order window of a store that this stack does not configure. @default - the longest outage */
  readonly outOfOrderWindow?: Duration;
  /**
   * Program that evaluates PromQL rules if the store is remote: vmalert of this stack (`vmalert`), or the ruler of the
   * store (`elsewhere`).
   * @default "vmalert"
   */
  readonly rules?: 'vmalert' | 'elsewhere';
  /** Number of copies of each sample in a VictoriaMetrics cluster. @default - two copies */
  readonly replicationFactor?: number;
  /** Number of storage nodes of a VictoriaMetrics cluster. @default - the number that the fleet needs, at least 3 */
  readonly storageNodes?: number;
}

/** A fleet of edge nodes, and the requirements for its data. */
export interface Fleet {
  /** Node groups. Each node belongs to one group. */
  readonly groups: readonly FleetGroup[];
  /** Retention periods of metrics and logs. */
  readonly retention: { readonly metrics: Duration; readonly logs: Duration };
  /** Maximum duration of an outage (of a node's uplink or of the cloud) without loss of data. */
  readonly longestOutage: Duration;
  /** Out-of-order window of the metrics store: the maximum age of the samples that the store accepts. */
  readonly outOfOrderWindow: Duration;
  /** The metrics store. @default - Prometheus */
  readonly store?: FleetStore;
}

/** Validation rule for the number of nodes of a fleet. */
export const nodeCount = wholeNumberRule(1, 100_000);

/** Validation rules and defaults of `ExporterTraffic`. */
export const EXPORTER_TRAFFIC = {
  targets: { rule: wholeNumberRule(1, 1_000), default: 1 },
  series: { rule: wholeNumberRule(1, 100_000) },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<ExporterTraffic>;

const exporterTraffic = optionsRule<ExporterTraffic>(EXPORTER_TRAFFIC);

const series: Rule = {
  allowed: `a whole number from 1 to 100000, or one of ${Object.keys(SERIES).join(', ')}`,
  accepts: (value) => wholeNumberRule(1, 100_000).accepts(value) || Object.hasOwn(SERIES, String(value)),
};

/** Validation rules and defaults of `NodeTraffic`. */
export const NODE_TRAFFIC = {
  series: { rule: wholeNumberRule(1, 100_000), default: undefined },
  exporters: { rule: listRule(exporterTraffic), default: [] },
  logs: { rule: quantity, default: undefined },
  uplinkBudget: { rule: quantity, default: undefined },
} satisfies OptionTable<NodeTraffic>;

/** Validation rule for an option of type `NodeTraffic`. */
export const nodeTraffic = optionsRule<NodeTraffic>(NODE_TRAFFIC);

/** Validation rules and defaults of `FleetGroup`. */
export const FLEET_GROUP = {
  ...NODE_TRAFFIC,
  name: { rule: text },
  nodes: { rule: nodeCount },
  transport: { rule: transport },
  interval: { rule: interval },
  series: { rule: series },
  profile: { rule: oneOfRule(...Object.keys(SERIES)), default: undefined },
  batchWait: { rule: duration, default: DEFAULT_BATCH_WAIT },
  logBatchWait: { rule: duration, default: DEFAULT_LOG_BATCH_WAIT },
} satisfies OptionTable<FleetGroup>;

const RETENTION_OPTIONS = { metrics: { rule: duration }, logs: { rule: duration } } satisfies OptionTable<
  Fleet['retention']
>;

/** Validation rule for the option `longestOutage`, such as `4h`. */
export const longestOutage = durationRule('1s', '30d', '4h');

/** Validation rule for the number of Prometheus replicas. */
export const storeReplicas = wholeNumberRule(1, 2);

/** Validation rule for the number of copies of each sample in a VictoriaMetrics cluster. */
export const replicationFactor = wholeNumberRule(1, 5);

/** Validation rule for the number of storage nodes of a VictoriaMetrics cluster. */
export const storageNodes = wholeNumberRule(1, 100);

/** Validation rules and defaults of `FleetStore`. */
export const FLEET_STORE = {
  kind: { rule: oneOfRule('prometheus', 'victoria-metrics', 'operator', 'remote') },
  replicas: { rule: storeReplicas, default: undefined },
  outOfOrderWindow: { rule: duration, default: undefined },
  rules: { rule: oneOfRule('vmalert', 'elsewhere'), default: 'vmalert' },
  replicationFactor: { rule: replicationFactor, default: undefined },
  storageNodes: { rule: storageNodes, default: undefined },
} satisfies OptionTable<FleetStore>;

/** Validation rules and defaults of `Fleet`. */
export const FLEET = {
  // `validateFleet` validates each group, so that messages contain the name of the group.
  groups: { rule: listRule(anything) },
  retention: { rule: optionsRule<Fleet['retention']>(RETENTION_OPTIONS) },
  longestOutage: { rule: longestOutage },
  outOfOrderWindow: { rule: duration },
  store: { rule: optionsRule<FleetStore>(FLEET_STORE), default: undefined },
} satisfies OptionTable<Fleet>;

/**
 * Validates a fleet.
 * @throws InvalidOptionError when an option is invalid, or when two options contradict each other.
 */
export function validateFleet(where: string, fleet: Fleet): void {
  validateAndApplyDefaults(where, fleet, FLEET);
  for (const group of fleet.groups) validateFleetGroup(where, group);
  const problem = fleetOptionCombinationProblem(fleet);
  if (problem) throw optionError(where, problem);
}

/**
 * Validates the options of a group. Does not compare the planned traffic with the uplink budget.
 * @throws InvalidOptionError when an option is invalid.
 */
export function validateFleetGroup(where: string, group: FleetGroup): void {
  validateAndApplyDefaults(`${where}: group ${String(group?.name)}`, group, FLEET_GROUP);
}

function fleetOptionCombinationProblem(fleet: Fleet): string | undefined {
  const { groups } = fleet;
  const total = groups.reduce((sum, { nodes }) => sum + nodes, 0);
  if (!nodeCount.accepts(total)) {
    return `all groups together have ${total} nodes; allowed: ${nodeCount.allowed}`;
  }
  const { replicationFactor: copies = 1, storageNodes: stores } = fleet.store ?? {};
  if (stores !== undefined && copies > stores) {
    return `store.replicationFactor is ${copies}, but store.storageNodes is ${stores}; allowed: at most as many copies as storage nodes`;
  }
  return longestOutageOptionProblem(
    fleet,
    groups.some(({ transport }) => transport === 'remote-write'),
  );
}

/**
 * Names of the options that set a store's out-of-order window, by kind of store. The error message about a window that
 * is too short tells the user to increase this option.
 */
const WINDOW_OPTIONS: Readonly<Record<FleetStore['kind'], string>> = {
  prometheus: 'retention.outOfOrderWindow',
  'victoria-metrics': 'retention.metrics',
  operator: 'outOfOrderWindow of prometheusOperator()',
  remote: 'write.outOfOrderWindow of remoteStore(), and the out-of-order window of the store itself,',
};

/**
 * Returns an error message if `longestOutage` exceeds the retention of metrics or logs, or the store's out-of-order
 * window. Returns `undefined` if an outage of this duration loses no data.
 * @param hasQueues whether agents send samples from a queue after an outage; if false, the function does not check the
 * out-of-order window
 */
export function longestOutageOptionProblem(
  { retention, longestOutage, outOfOrderWindow, store }: Omit<Fleet, 'groups'>,
  hasQueues: boolean,
): string | undefined {
  const outage = toSeconds(longestOutage);
  if (outage > toSeconds(retention.metrics)) {
    return `longestOutage is ${longestOutage}, but metrics are only retained for ${retention.metrics}: increase the retention of metrics, or reduce longestOutage`;
  }
  if (outage > toSeconds(retention.logs)) {
    return `longestOutage is ${longestOutage}, but logs are only retained for ${retention.logs}: increase the retention of logs, or reduce longestOutage`;
  }
  if (hasQueues && outage > toSeconds(outOfOrderWindow)) {
    return `longestOutage is ${longestOutage}, but the store only accepts samples of the last ${outOfOrderWindow}: increase ${WINDOW_OPTIONS[store?.kind ?? 'prometheus']} to at least longestOutage`;
  }
  return undefined;
}
