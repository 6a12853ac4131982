import { DEFAULT_BATCH_WAIT, DEFAULT_INTERVAL, type Transport } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import {
  duration,
  interval,
  labels,
  labelValue,
  listRuleWithSingleError,
  quantity,
} from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import type { Duration, Quantity } from '../core/units';
import { mountPoint } from './daemon-set';

/** Properties of a node group that rules depend on. */
export interface RuledNodes {
  /** Value of the label `group` of the nodes' samples. @default - no group */
  readonly group?: string;
  /**
   * Labels of the group's Node objects. Values must not be empty, because a Prometheus label matcher with an empty
   * value also matches nodes without the label.
   * @default - the rules apply to the nodes that no other group selects
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Transport of the nodes' metrics. */
  readonly transport: Transport;
  /**
   * Interval at which push sidecars push metrics. The option has no effect on nodes with a metrics agent, because the
   * agent scrapes its own metrics once a minute, regardless of its scrape interval.
   * @default "10s"
   */
  readonly interval?: Duration;
  /** Scrape interval of the Pushgateway that the nodes push to. @default "10s" */
  readonly scrapeInterval?: Duration;
  /** Maximum time for which an agent collects samples before it sends a batch. @default "54s" */
  readonly batchWait?: Duration;
  /**
   * Maximum bytes per day that the agents of a node may send and receive. An alert fires if the measured traffic
   * exceeds the budget. The traffic of push sidecars is not measured.
   * @default - no alert
   */
  readonly uplinkBudget?: Quantity;
  /**
   * Mount points that are read-only by design. The alerts about file systems ignore them.
   * @default - no mount point is ignored
   */
  readonly readOnlyMounts?: readonly string[];
}

/**
 * Returns the text for the nodes in messages, such as "nodes of group north", or "nodes in no group" without a group.
 */
export const describeNodesOfGroup = ({ group }: Pick<RuledNodes, 'group'>): string =>
  group ? `nodes of group ${group}` : 'nodes in no group';

/** Validation rules and defaults of `RuledNodes`. */
export const RULED_NODES = {
  group: { rule: labelValue, default: undefined },
  nodeSelector: { rule: labels, default: undefined },
  transport: { rule: transport },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  scrapeInterval: { rule: interval, default: DEFAULT_INTERVAL },
  batchWait: { rule: duration, default: DEFAULT_BATCH_WAIT },
  uplinkBudget: { rule: quantity, default: undefined },
  readOnlyMounts: { rule: listRuleWithSingleError(mountPoint), default: [] },
} satisfies OptionTable<RuledNodes>;

/** Validation rule for an option of type `RuledNodes`. */
export const ruledNodes = optionsRule<RuledNodes>(RULED_NODES);
