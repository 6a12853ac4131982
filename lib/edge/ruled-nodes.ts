import { DEFAULT_BATCH_WAIT, DEFAULT_INTERVAL, type Transport } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { duration, interval, labels, labelValue, listOf, quantity } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import type { Duration, Quantity } from '../core/units';
import { mountPoint } from './daemon-set';

/** Properties of a node group that rules depend on. */
export interface RuledNodes {
  /** Value of the label `group` of the nodes' samples. @default - no group */
  readonly group?: string;
  /**
   * Labels of the group's Node objects; an empty value cannot select nodes.
   * @default - the nodes that no other group selects
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Transport of the nodes' metrics. */
  readonly transport: Transport;
  /**
   * Push interval; an agent reports about itself once a minute, regardless of its scrape interval.
   * @default "10s"
   */
  readonly interval?: Duration;
  /** Scrape interval of the Pushgateway that the nodes push to. @default "10s" */
  readonly scrapeInterval?: Duration;
  /** How long an agent collects samples for a batch. @default "54s" */
  readonly batchWait?: Duration;
  /**
   * Maximum bytes per day that the agents of a node may send and receive; the traffic of push sidecars is not
   * measured.
   * @default - not compared
   */
  readonly uplinkBudget?: Quantity;
  /**
   * Mount points that are read-only by design and excluded from alerts about file systems.
   * @default - none
   */
  readonly readOnlyMounts?: readonly string[];
}

/** Returns how messages refer to the nodes. */
export const describeNodes = ({ group }: Pick<RuledNodes, 'group'>): string =>
  group ? `nodes of group ${group}` : 'nodes in no group';

/** The options of a node group for rules. */
export const RULED_NODES = {
  group: { rule: labelValue, default: undefined },
  nodeSelector: { rule: labels, default: undefined },
  transport: { rule: transport },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  scrapeInterval: { rule: interval, default: DEFAULT_INTERVAL },
  batchWait: { rule: duration, default: DEFAULT_BATCH_WAIT },
  uplinkBudget: { rule: quantity, default: undefined },
  readOnlyMounts: { rule: listOf(mountPoint), default: [] },
} satisfies OptionTable<RuledNodes>;

/** Rule for an option with a node group for rules. */
export const ruledNodes = optionsRule<RuledNodes>(RULED_NODES);
