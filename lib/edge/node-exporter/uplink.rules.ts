import type { AgentExpression, LogAgent } from '../../agents/log-agent';
import {
  allLogAgents,
  distinctPromqlExpressionsOfAgents,
  renderAgentPromqlWithRangeFunction,
} from '../../agents/log-agents';
import type { RecordingRule, RuleGroup, RuleSource } from '../../contracts/rules';
import { recordingRule } from '../../core/alerts';
import { quantity } from '../../core/option-rules';
import { regularExpression } from '../../core/regular-expressions';
import {
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import { type Quantity, toBytes } from '../../core/units';
import { edgeAlert, NODE_LABELS, NODE_TEXT, restrictToFleetNodes, restrictToFreshNodes } from '../edge-alert';
import type { RuledNodes } from '../ruled-nodes';

/** Thresholds of the alerts about network errors and the traffic over metered links. */
export interface UplinkThresholds {
  /** Bytes per node and day over the metered link, in both directions, above which EdgeUplinkOverBudget fires. @default "1Gi" */
  readonly uplinkPerDay: Quantity;
  /**
   * Regular expression for the names of metered network devices.
   * @default "wwan.*|ppp.*|usb.*" - devices of mobile modems
   */
  readonly uplinkDevices: string;
  /** Percentage of packets with errors, above which EdgeNetworkErrors fires for a network device. @default 1 */
  readonly networkErrorPercent: number;
}

/** Validation rules and defaults of `UplinkThresholds`. */
export const UPLINK_THRESHOLDS: ThresholdTable<UplinkThresholds> = {
  uplinkPerDay: { default: '1Gi', rule: quantity },
  uplinkDevices: { default: 'wwan.*|ppp.*|usb.*', rule: regularExpression },
  networkErrorPercent: percentThreshold(1),
};

/**
 * Returns rules about the links of edge nodes: network errors, the traffic of all programs over metered links, and the
 * traffic of this stack's agents.
 * @param logAgents the log agents that nodes can run; each has its own metric names
 */
export function alertAndRecordingRulesAboutUplink(
  given: Partial<UplinkThresholds> = {},
  nodes: readonly RuledNodes[] = [],
  logAgents: readonly LogAgent[] = allLogAgents(),
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-uplink', UPLINK_THRESHOLDS, given);
  const metered = `{device=~${JSON.stringify(limits.uplinkDevices)}}`;
  const sumBothDirectionsExpr = (operation: string, range: string) =>
    ['receive', 'transmit']
      .map(
        (way) =>
          `sum by (${NODE_LABELS}) (${operation}(node_network_${way}_bytes_total${metered}[${range}]))`,
      )
      .join('\n+ ');
  const packetRateExpr = (kind: string) =>
    ['receive', 'transmit'].map((way) => `rate(node_network_${way}_${kind}_total[5m])`).join(' + ');
  return {
    ruleGroups: [
      {
        name: 'edge-network',
        rules: [
          recordingRule(
            'edge_node:uplink_bytes:rate5m',
            'Bytes per second over the metered link in both directions, for nodes that are not silent',
            restrictToFreshNodes(sumBothDirectionsExpr('rate', '5m')),
          ),
          recordingRule(
            'edge_node:uplink_budget:bytes',
            'Daily budget of a node for traffic over the metered link, in bytes',
            `vector(${toBytes(limits.uplinkPerDay)})`,
          ),
          edgeAlert('EdgeNetworkErrors', {
            severity: 'warning',
            for: '15m',
            expr: `max by (${NODE_LABELS}, device) ((${packetRateExpr('errs')}) / (${packetRateExpr('packets')} > 1))
> ${limits.networkErrorPercent / 100}`,
            summary: `Network errors: ${NODE_TEXT}`,
            description: `On ${NODE_TEXT}, {{ $value | humanizePercentage }} of the packets of {{ $labels.device }} have errors.`,
          }),
        ],
      },
      {
        name: 'edge-uplink',
        // The rules read a day of samples, so that samples that arrive late, after an outage, count.
        interval: '5m',
        rules: [
          recordingRule(
            'edge_node:uplink_bytes:increase1d',
            'Bytes over the metered link of a node within a day in both directions, also for silent nodes',
            restrictToFleetNodes(sumBothDirectionsExpr('increase', '1d')),
          ),
          recordingRule(
            'edge_group:uplink_bytes:increase1d',
            'Bytes over metered links within a day, for each group',
            'sum by (cluster, group) (edge_node:uplink_bytes:increase1d)',
          ),
          edgeAlert('EdgeUplinkOverBudget', {
            severity: 'warning',
            expr: `edge_node:uplink_bytes:increase1d > ${toBytes(limits.uplinkPerDay)}`,
            summary: `Uplink traffic over budget: ${NODE_TEXT}`,
            description: `{{ $value | humanize1024 }}B were transferred over the metered link of ${NODE_TEXT} within a day; the budget is ${limits.uplinkPerDay}.`,
          }),
          ...alertAndRecordingRulesAboutTelemetryTraffic(
            nodes.filter(({ transport }) => transport === 'remote-write'),
            logAgents,
          ),
        ],
      },
    ],
  };
}

/**
 * Returns rules about the traffic of this stack's agents. vmagent counts all bytes of its connections, including TLS
 * and responses. Some log agents count the compressed bodies that Loki accepted (`AgentMetrics.sent`). The traffic of
 * other log agents, such as the default agent, is not measured.
 */
function alertAndRecordingRulesAboutTelemetryTraffic(
  nodes: readonly RuledNodes[],
  logAgents: readonly LogAgent[],
): RuleGroup['rules'] {
  if (nodes.length === 0) return [];
  const dailyIncreaseExpr = (expression: AgentExpression) =>
    `sum by (${NODE_LABELS}) (${renderAgentPromqlWithRangeFunction(expression, 'increase', '1d', ['node!=""'])})`;
  const [received, sent] = ['read', 'written'].map((way) =>
    dailyIncreaseExpr((metric) => metric(`vmagent_remotewrite_conn_bytes_${way}_total`)),
  );
  const lines = distinctPromqlExpressionsOfAgents(
    logAgents,
    (metrics) => metrics.sent && dailyIncreaseExpr(metrics.sent),
  ).join(' or ');
  return [
    recordingRule(
      'edge_node:telemetry_bytes:increase1d',
      'Bytes transferred between the agents of a node and the cloud within a day',
      restrictToFleetNodes(`${sent}\n+ ${received}\n+ (${lines} or 0 * ${sent})`),
    ),
    ...nodes.flatMap(recordingRuleOfTelemetryBudget),
    ...(nodes.some(({ uplinkBudget }) => uplinkBudget) ? [telemetryBudgetAlert] : []),
  ];
}

const recordingRuleOfTelemetryBudget = ({ group, uplinkBudget }: RuledNodes): RecordingRule[] =>
  uplinkBudget
    ? [
        {
          ...recordingRule(
            'edge_group:telemetry_budget:bytes',
            'Daily budget for the traffic between the agents of a node and the cloud, for each group',
            `vector(${toBytes(uplinkBudget)})`,
          ),
          ...(group && { labels: { group } }),
        },
      ]
    : [];

const telemetryBudgetAlert = edgeAlert('EdgeTelemetryOverBudget', {
  severity: 'warning',
  expr: 'edge_node:telemetry_bytes:increase1d > on (group) group_left () edge_group:telemetry_budget:bytes',
  summary: `Telemetry traffic over budget: ${NODE_TEXT}`,
  description: `The metrics agent and the log collector of ${NODE_TEXT} transferred {{ $value | humanize1024 }}B within a day, which exceeds uplinkBudget of the node group.`,
});
