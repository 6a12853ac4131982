import type { RuleGroup, RuleSource } from '../../contracts/rules';
import { alertingRule, MUTES_EDGE_ALERTS } from '../../core/alerts';
import {
  defineNumberThreshold,
  durationThreshold,
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import { type Duration, type Quantity, toBytes, toSeconds } from '../../core/units';
import { edgeAlert, excludeOutdatedSeries, NODE_LABELS, NODE_TEXT } from '../edge-alert';
import type { RuledNodes } from '../ruled-nodes';
import { alertAndRecordingRulesAboutUnknownNodes, type Membership } from './membership.rules';
import { recordingRulesAboutReachability, recordingRulesOfMembership } from './reachability-figures';
import { type ReceiverNames, reachabilitySeriesSelectors, type Signals } from './signals';
import { membershipRuleInterval, validateSilenceThresholds } from './silence';

/** Thresholds of the alerts about silent nodes. */
export interface ReachabilityThresholds {
  /**
   * Time without a sample after which a node counts as silent. The minimum is two push intervals plus a scrape
   * interval. With remote write, the minimum is two minutes plus `sending.batchWait`.
   * @default "5m"
   */
  readonly silentAfter: Duration;
  /**
   * Time without a sample after which a node leaves the fleet. It must be longer than `silentAfter`. It has no effect
   * if kube-state-metrics lists the nodes.
   * @default "7d"
   */
  readonly forgetAfter: Duration;
  /**
   * Percentage of silent nodes at which EdgeGroupSilent fires for a group, and EdgeFleetSilent for the fleet. Both
   * alerts mute the alerts of the single nodes.
   * @default 50
   */
  readonly silentPercent: number;
  /**
   * Minimum size of a group for EdgeGroupSilent, and of the fleet for EdgeFleetSilent. The size includes silent nodes.
   * @default 3
   */
  readonly silentNodes: number;
  /**
   * Maximum number of nodes that can join the fleet by sending metrics. It has no effect if kube-state-metrics lists
   * the nodes.
   * @default 1000
   */
  readonly unlistedNodes: number;
  /**
   * Difference in seconds between the clocks of a node and the cloud, above which EdgeClockSkewed fires. With remote
   * write, the alert does not detect a clock that is behind.
   * @default 60
   */
  readonly clockSkewSeconds: number;
}

/** Validation rules and defaults of `ReachabilityThresholds`. */
export const REACHABILITY_THRESHOLDS: ThresholdTable<ReachabilityThresholds> = {
  silentAfter: durationThreshold('5m'),
  forgetAfter: durationThreshold('7d'),
  silentPercent: percentThreshold(50),
  silentNodes: defineNumberThreshold(1, 100_000, 3, 'nodes'),
  unlistedNodes: defineNumberThreshold(1, 100_000, 1_000, 'nodes'),
  clockSkewSeconds: defineNumberThreshold(1, 86_400, 60, 'seconds'),
};

/**
 * Returns rules about the nodes of the fleet, silent nodes, exporters and clocks. The recorded time of the last sample
 * is the time of the last push. With remote write, the recorded time is the time of the agent's newest sample. For a
 * node that has never sent a sample, the recorded time is the time at which the node joined the fleet.
 * @throws InvalidOptionError when a threshold is invalid, `silentAfter` is too short for some nodes, or a node would
 * leave the fleet before it counts as silent.
 */
export function alertAndRecordingRulesAboutReachability(
  given: Partial<ReachabilityThresholds> = {},
  names: ReceiverNames = {},
  nodes: readonly RuledNodes[] = [],
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-reachability', REACHABILITY_THRESHOLDS, given);
  validateSilenceThresholds('rules of edge-reachability', limits, nodes);
  const signals = reachabilitySeriesSelectors(names);
  const known: Membership = {
    nodes,
    ...(names.kubeStateMetrics !== false && {
      kubeStateMetrics: names.kubeStateMetrics ?? 'kube-state-metrics',
    }),
    lastSampleTime: `push_time_seconds${signals.pushed} or timestamp(${signals.written})`,
    forgetAfter: toSeconds(limits.forgetAfter),
    maxNodes: limits.unlistedNodes,
  };
  const silent = toSeconds(limits.silentAfter);
  const senders = [`push_time_seconds${signals.pushed} > time() - ${silent}`, signals.written];
  return {
    ruleGroups: [
      recordingRulesOfMembership(silent, membershipRuleInterval(limits.silentAfter, nodes), signals, known),
      recordingRulesAboutReachability(silent, signals),
      alertsAboutSilentNodes(limits, signals),
      alertsAboutExporters(limits, signals),
      alertsAboutClocks(limits, signals),
      alertAndRecordingRulesAboutUnknownNodes(senders, known),
    ],
  };
}

/** Longest backoff of a push sidecar or an agent, in seconds (see push-sidecar.sh and `MetricsSending`). */
const LONGEST_BACKOFF = 60;

/**
 * Size of a gateway's queue in bytes, above which silence alerts are suppressed. With a longer queue, samples of all
 * nodes arrive later than the alerts tolerate.
 */
const MAX_GATEWAY_QUEUE: Quantity = '16Mi';

/**
 * Returns `unless` clauses that suppress silence alerts in two cases: while the receivers in the cloud are down (and
 * shortly afterwards), and while gateways have a long queue, for example after a restart of Prometheus.
 */
const unlessClausesForReceiverOutage = ({ silentAfter }: ReachabilityThresholds, { waiting }: Signals) =>
  [
    `unless on (cluster) min_over_time(edge_receivers:up:min[${toSeconds(silentAfter) + LONGEST_BACKOFF}s]) == 0`,
    ...(waiting ? [`unless on (cluster) max by (cluster) (${waiting}) > ${toBytes(MAX_GATEWAY_QUEUE)}`] : []),
  ].join('\n');

/**
 * Returns an `unless` clause that excludes a node while the pushes of its exporters are rejected. The node is not
 * silent, and EdgePushesRefused fires for it. Rejected pushes of services on the node do not count. Returns an empty
 * text if nodes do not push to a Pushgateway.
 */
const unlessClauseForRejectedPushes = ({ refusedExporters }: Signals): string =>
  refusedExporters ? `\nunless on (cluster, node) increase(${refusedExporters}{node!=""}[10m]) > 0` : '';

function alertsAboutSilentNodes(limits: ReachabilityThresholds, signals: Signals): RuleGroup {
  const { silentPercent, silentNodes } = limits;
  const manySilentNodesExpr = (level: string) =>
    `edge_${level}:silent:ratio >= ${silentPercent / 100} and edge_${level}:nodes:count >= ${silentNodes}\n${unlessClausesForReceiverOutage(limits, signals)}`;
  return {
    name: 'edge-reachability-alerts',
    rules: [
      alertingRule('EdgeFleetSilent', {
        severity: 'critical',
        for: '1m',
        expr: manySilentNodesExpr('fleet'),
        summary: 'Many edge nodes of cluster {{ $labels.cluster }} are silent',
        description:
          'No data received from {{ $value | humanizePercentage }} of all edge nodes. The cause is most likely the path into the cloud (DNS, ingress, certificate), not the nodes.',
        mutes: MUTES_EDGE_ALERTS,
      }),
      alertingRule('EdgeGroupSilent', {
        severity: 'critical',
        for: '1m',
        expr: manySilentNodesExpr('group').replaceAll(/(edge_group:\S+) (>=)/g, '$1{group!=""} $2'),
        summary: 'Many nodes of group {{ $labels.group }} are silent',
        description:
          'No data received from {{ $value | humanizePercentage }} of the nodes of group {{ $labels.group }}. Check what these nodes share: uplink, power, credentials.',
        mutes: [{ matchers: ['node!=""'], equal: ['cluster', 'group'] }],
      }),
      alertingRule('EdgeNodeSilent', {
        severity: 'warning',
        for: '1m',
        expr: `time() - edge_node:last_seen:timestamp and edge_node:silent
${unlessClausesForReceiverOutage(limits, signals)}${unlessClauseForRejectedPushes(signals)}`,
        summary: `No data: ${NODE_TEXT}`,
        description: `No data received from ${NODE_TEXT} for {{ $value | humanizeDuration }}. Other alerts of this node are muted meanwhile.`,
        mutes: [{ matchers: ['node!=""'], equal: ['cluster', 'node'] }],
      }),
      alertingRule('EdgePushesRefused', {
        severity: 'warning',
        for: '5m',
        expr: 'edge_push:refused:increase',
        summary: `Pushes rejected: ${NODE_TEXT}, {{ $labels.reason }}`,
        description: `{{ $value | humanize }} pushes from ${NODE_TEXT} for job {{ $labels.job }} were rejected within 10 minutes: {{ $labels.reason }}. The response contains the details; the push sidecar of an exporter logs the response.`,
      }),
      alertingRule('EdgeKubeletAway', {
        severity: 'warning',
        for: '10m',
        // https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/cluster/node-metrics.md
        expr: `edge_node:fresh
and on (cluster, node) (kube_node_status_condition{condition="Ready", status="true"} == 0)`,
        summary: `Connection to CloudCore is down: ${NODE_TEXT}`,
        description: `Metrics of ${NODE_TEXT} are received, but the Node object is not ready: EdgeCore or the connection to CloudCore is down.`,
        mutes: [{ matchers: ['alertname=~"EdgePod(NotReady|Restarting)"'], equal: ['cluster', 'node'] }],
      }),
    ],
  };
}

/** Restricts the selector of scraped targets (`Signals.scraped`) to targets of multi-target exporters. */
const selectorOfMultiTargetExporters = (scraped: string): string => scraped.replace('}', ', target!=""}');

/** Returns alerts about exporters and targets that are down. Metrics agents and log collectors have their own alerts. */
function alertsAboutExporters(limits: ReachabilityThresholds, { scraped }: Signals): RuleGroup {
  const silent = toSeconds(limits.silentAfter);
  return {
    name: 'edge-exporters',
    interval: '1m',
    rules: [
      edgeAlert('EdgeExporterDown', {
        severity: 'warning',
        for: '5m',
        expr: `time() - max by (${NODE_LABELS}, job) (edge_push:last:timestamp) > ${silent}
unless on (cluster, node, job) edge_push:last:timestamp > time() - ${silent}
or max by (${NODE_LABELS}, job) (${scraped} and on (cluster, node) edge_node:fresh) == 0`,
        summary: `Exporter {{ $labels.job }} is down: ${NODE_TEXT}`,
        description: `No samples are received from exporter {{ $labels.job }} of ${NODE_TEXT}, although the node sends other samples.`,
        mutes: [{ matchers: ['alertname="EdgeTargetDown"'], equal: ['cluster', 'node', 'job'] }],
      }),
      edgeAlert('EdgeTargetDown', {
        severity: 'warning',
        for: '5m',
        // The expression covers targets that sidecars or blackbox_exporter probe, and targets that agents scrape.
        expr: `min by (${NODE_LABELS}, job, instance) ${excludeOutdatedSeries('exporter_target_up')} == 0
or min by (${NODE_LABELS}, job, instance) ${excludeOutdatedSeries('probe_success')} == 0
or max by (${NODE_LABELS}, job, instance) (${selectorOfMultiTargetExporters(scraped)} and on (cluster, node) edge_node:fresh) == 0`,
        summary: `Target {{ $labels.instance }} of {{ $labels.job }} is down: ${NODE_TEXT}`,
        description: `The exporter {{ $labels.job }} of ${NODE_TEXT} is up, but cannot reach the target {{ $labels.instance }}.`,
      }),
    ],
  };
}

/**
 * Returns alerts about clocks. The rules run every 4 minutes, because clocks drift slowly and the rules are expensive
 * if a client pushes node names that do not exist. The interval must stay below Prometheus's lookback of 5 minutes.
 */
function alertsAboutClocks({ clockSkewSeconds }: ReachabilityThresholds, { written }: Signals): RuleGroup {
  return {
    name: 'edge-clocks',
    interval: '4m',
    rules: [
      edgeAlert('EdgeClockSkewed', {
        severity: 'warning',
        for: '10m',
        // Remote-write samples have the node's timestamp, so a clock that is ahead produces samples in the future. A
        // clock that is behind cannot be distinguished from a slow link.
        expr: `abs(edge_push:clock_offset:seconds) > ${clockSkewSeconds}
or max by (${NODE_LABELS}, job) (timestamp(${written} offset -5m)) - time() > ${clockSkewSeconds}`,
        summary: `Wrong clock: ${NODE_TEXT}`,
        description: `The clock of ${NODE_TEXT} is off by {{ $value | humanizeDuration }}. Certificates, logs and remote write need a correct clock.`,
      }),
      edgeAlert('EdgeClockUnsynchronized', {
        severity: 'info',
        for: '1h',
        expr: `max by (${NODE_LABELS}) ${excludeOutdatedSeries('node_timex_sync_status')} == 0
and max by (${NODE_LABELS}) ${excludeOutdatedSeries('node_timex_maxerror_seconds')} >= 16`,
        summary: `Clock not synchronized: ${NODE_TEXT}`,
        description: `The kernel of ${NODE_TEXT} reports that its clock is not synchronized (NTP).`,
      }),
    ],
  };
}
