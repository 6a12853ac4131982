import { DEFAULT_BATCH_WAIT, DEFAULT_INTERVAL, type Transport } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { duration, interval, labels, labelValue, listOf, quantity } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import type { Duration, Quantity } from '../core/units';
import { mountPoint } from './daemon-set';

/** The nodes of one group, as rules have to know them. */
export interface RuledNodes {
  /** The label `group` of what they send. @default - they are in no group */
  readonly group?: string;
  /**
   * Labels that the API server's nodes of this group carry; an empty value tells none apart.
   * @default - they are those that no other group selects
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** How their metrics travel. */
  readonly transport: Transport;
  /** How often they are pushed; an agent tells of itself once a minute, however often it measures. @default "10s" */
  readonly interval?: Duration;
  /** How often the Pushgateway is read that they push to. @default "10s" */
  readonly scrapeInterval?: Duration;
  /** How long an agent's samples wait for others. @default "54s" */
  readonly batchWait?: Duration;
  /**
   * Most that the agents of each may send and receive in a day; of a Pushgateway's sidecars nobody counts it.
   * @default - no alert compares it
   */
  readonly uplinkBudget?: Quantity;
  /** Mount points that are read-only by design: no alert about a read-only or full file system. @default - none */
  readonly readOnlyMounts?: readonly string[];
}

/** Nodes as messages name them. */
export const inWords = ({ group }: Pick<RuledNodes, 'group'>): string =>
  group ? `nodes of group ${group}` : 'nodes in no group';

/** The options of nodes that rules know. */
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

/** The nodes of one group. */
export const ruledNodes = optionsRule<RuledNodes>(RULED_NODES);
