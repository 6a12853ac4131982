import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { DEFAULT_BATCH_WAIT, type Transport } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { duration, interval, lasting, oneOf, quantity, wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsOf, optionsRule } from '../core/option-table';
import { anything, each, text } from '../core/structure-rules';
import { type Duration, type Quantity, seconds } from '../core/units';
import { invalid, type Rule } from '../core/validation';
import { SERIES } from './coefficients';

/** Nodes of one kind: what each measures, how it sends that, and what its uplink may carry. */
export interface FleetGroup {
  /** What messages and the plan call it. */
  readonly name: string;
  /** How many there are. */
  readonly nodes: number;
  /** How samples travel: pushed by a sidecar, or sent by an agent that queues them on disk. */
  readonly transport: Transport;
  /** How often each node is measured. */
  readonly interval: Duration;
  /** Series of a node, or the profile that says how many. */
  readonly series: number | keyof typeof SERIES;
  /**
   * Where `series` is a number: the profile by which an agent scrapes some of them less often.
   * @default - all are scraped at the interval
   */
  readonly profile?: keyof typeof SERIES;
  /** How long samples wait for others in an agent. @default "54s" */
  readonly batchWait?: Duration;
  /** Exporters of a node beside node_exporter. @default - none */
  readonly exporters?: readonly ExporterTraffic[];
  /** What the containers of a node write in a day. @default - no log is sent */
  readonly logs?: Quantity;
  /** How long lines wait for others. @default "10s" */
  readonly logBatchWait?: Duration;
  /** Most that metrics and logs of a node may take of its uplink in a day. @default - no limit */
  readonly uplinkBudget?: Quantity;
}

/** What an exporter of your own sends, on each node. */
export interface ExporterTraffic {
  /** Targets that it scrapes, each of which is pushed by itself. @default 1 */
  readonly targets?: number;
  /** Series of each target. */
  readonly series: number;
  /** How often each target is read. @default - as often as the node is measured */
  readonly interval?: Duration;
}

/** What each node sends, as far as its profile and its interval do not say it. */
export interface NodeTraffic {
  /**
   * Series of each.
   * @default - what the profile says of a device with four cores; of a selection of your own, what `standard` does
   */
  readonly series?: number;
  /** Exporters of each beside node_exporter, by the targets that they read. @default - none */
  readonly exporters?: readonly ExporterTraffic[];
  /** What the containers of each write in a day. @default - no logs */
  readonly logs?: Quantity;
  /**
   * Most that each may send in a day. More ends the synthesis; where an environment has rules, a node that really sends
   * more, by remote write, is told of.
   * @default - no limit
   */
  readonly uplinkBudget?: Quantity;
}

/** What a fleet is. */
export interface Fleet {
  /** Its nodes, kind by kind: each node is of one group. */
  readonly groups: readonly FleetGroup[];
  /** How long metrics and logs are kept. */
  readonly retention: { readonly metrics: Duration; readonly logs: Duration };
  /** The longest time without a link, or without the cloud, in which nothing is to be lost. */
  readonly longestOutage: Duration;
  /** How late a sample may arrive at the store. */
  readonly outOfOrderWindow: Duration;
}

/** How many nodes a fleet of this stack may have: beyond, split it into several environments. */
export const nodeCount = wholeNumber(1, 100_000);

/** What an exporter of your own sends. */
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

/** What each node sends. */
export const NODE_TRAFFIC = {
  series: { rule: wholeNumber(1, 100_000), default: undefined },
  exporters: { rule: each(exporterTraffic), default: [] },
  logs: { rule: quantity, default: undefined },
  uplinkBudget: { rule: quantity, default: undefined },
} satisfies OptionTable<NodeTraffic>;

/** The same as one option. */
export const nodeTraffic = optionsRule<NodeTraffic>(NODE_TRAFFIC);

/** The options of a group. */
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

/** How long an outage may last in which nothing is lost. */
export const longestOutage = lasting('1s', '30d', '4h');

/** The options of a fleet. */
export const FLEET = {
  // Each by its name, below.
  groups: { rule: each(anything) },
  retention: { rule: optionsRule<Fleet['retention']>(KEPT) },
  longestOutage: { rule: longestOutage },
  outOfOrderWindow: { rule: duration },
} satisfies OptionTable<Fleet>;

/**
 * Checks what a fleet is said to be.
 *
 * @throws InvalidOptionError when a number is out of range, or two of them contradict each other.
 */
export function verifyFleet(where: string, fleet: Fleet): void {
  optionsOf(where, fleet, FLEET);
  for (const group of fleet.groups) verifyGroup(where, group);
  const problem = contradiction(fleet);
  if (problem) throw invalid(where, problem);
}

/**
 * Checks what one group of a fleet is said to be.
 *
 * @throws InvalidOptionError when a number is out of range.
 */
export function verifyGroup(where: string, group: FleetGroup): void {
  optionsOf(`${where}: group ${String(group?.name)}`, group, FLEET_GROUP);
}

function contradiction(fleet: Fleet): string | undefined {
  const { groups } = fleet;
  const total = groups.reduce((sum, { nodes }) => sum + nodes, 0);
  if (!nodeCount.accepts(total)) {
    return `all groups together have ${total} nodes; allowed: ${nodeCount.allowed}`;
  }
  return outageProblem(
    fleet,
    groups.some(({ transport }) => transport === 'remote-write'),
  );
}

/** Why something is lost in the longest outage, in words; undefined where it is not. */
export function outageProblem(
  { retention, longestOutage, outOfOrderWindow }: Omit<Fleet, 'groups'>,
  queues: boolean,
): string | undefined {
  const outage = seconds(longestOutage);
  if (outage > seconds(retention.metrics)) {
    return `an outage of ${longestOutage} is longer than metrics are kept, ${retention.metrics}: keep them longer`;
  }
  if (outage > seconds(retention.logs)) {
    return `an outage of ${longestOutage} is longer than logs are kept, ${retention.logs}: keep them longer`;
  }
  if (queues && outage > seconds(outOfOrderWindow)) {
    return (
      `after an outage of ${longestOutage} samples come later than they are taken, ${outOfOrderWindow}: ` +
      'make retention.outOfOrderWindow as long as longestOutage'
    );
  }
  return undefined;
}
