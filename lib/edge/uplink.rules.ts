import type { RuleSource } from '../contracts/rules';
import { record } from '../core/alerts';
import { percent, type ThresholdTable, thresholds } from '../core/thresholds';
import { bytes, type Quantity } from '../core/units';
import { quantity, regularExpression } from '../core/validation';
import { edgeAlert, heardOf, NODE, NODE_IN_WORDS } from './edge-alert';

/** What a node may send over its metered link. */
export interface UplinkThresholds {
  /** Bytes in both directions, a node and day. @default "1Gi" */
  readonly uplinkPerDay: Quantity;
  /** Which network devices are metered, as a regular expression. @default - those of mobile modems */
  readonly uplinkDevices: string;
  /** Packets with errors, in percent. @default 1 */
  readonly networkErrorPercent: number;
}

export const UPLINK_THRESHOLDS: ThresholdTable<UplinkThresholds> = {
  uplinkPerDay: { default: '1Gi', rule: quantity },
  uplinkDevices: { default: 'wwan.*|ppp.*|usb.*', rule: regularExpression },
  networkErrorPercent: percent(1),
};

/** The links of edge nodes, and what goes over them. */
export function uplinkRules(given: Partial<UplinkThresholds> = {}): RuleSource {
  const limits = thresholds('edge-uplink', UPLINK_THRESHOLDS, given);
  const metered = `{device=~${JSON.stringify(limits.uplinkDevices)}}`;
  const both = (operation: string, range: string) =>
    ['receive', 'transmit']
      .map((way) => `sum by (${NODE}) (${operation}(node_network_${way}_bytes_total${metered}[${range}]))`)
      .join('\n+ ');
  const packets = (kind: string) =>
    ['receive', 'transmit'].map((way) => `rate(node_network_${way}_${kind}_total[5m])`).join(' + ');
  return {
    ruleGroups: [
      {
        name: 'edge-network',
        rules: [
          record(
            'edge_node:uplink_bytes:rate5m',
            'Bytes a second over the metered link, both ways, of nodes that are heard of',
            heardOf(both('rate', '5m')),
          ),
          record(
            'edge_node:uplink_budget:bytes',
            'What a node may spend a day',
            `vector(${bytes(limits.uplinkPerDay)})`,
          ),
          edgeAlert('EdgeNetworkErrors', {
            severity: 'warning',
            for: '15m',
            expr: `max by (${NODE}, device) ((${packets('errs')}) / (${packets('packets')} > 1))
> ${limits.networkErrorPercent / 100}`,
            summary: `Network errors: ${NODE_IN_WORDS}`,
            description: `{{ $value | humanizePercentage }} of the packets of {{ $labels.device }} of ${NODE_IN_WORDS} have errors.`,
          }),
        ],
      },
      {
        name: 'edge-uplink',
        // A day of samples is read: late ones of an outage count as soon as they are there.
        interval: '5m',
        rules: [
          record(
            'edge_node:uplink_bytes:increase1d',
            'Bytes over the metered link within a day, both ways. Those of silent nodes too: they were spent',
            both('increase', '1d'),
          ),
          record(
            'edge_group:uplink_bytes:increase1d',
            'The same of each group',
            'sum by (cluster, group) (edge_node:uplink_bytes:increase1d)',
          ),
          edgeAlert('EdgeUplinkOverBudget', {
            severity: 'warning',
            expr: `edge_node:uplink_bytes:increase1d > ${bytes(limits.uplinkPerDay)}`,
            summary: `Uplink over budget: ${NODE_IN_WORDS}`,
            description: `{{ $value | humanize1024 }}B went over the metered link of ${NODE_IN_WORDS} within a day; ${limits.uplinkPerDay} are allowed.`,
          }),
        ],
      },
    ],
  };
}
