import type { RuleGroup, RuleSource } from '../contracts/rules';
import { ALL_OF_THE_EDGE, alert, record } from '../core/alerts';
import { between, lasting, percent, type ThresholdTable, thresholds } from '../core/thresholds';
import { bytes, type Duration, type Quantity, seconds } from '../core/units';
import { current, edgeAlert, NODE, NODE_IN_WORDS } from './edge-alert';
import type { RuledNodes } from './ruled-nodes';
import { verifySilence } from './silence';

/** When a node counts as silent, and many of them as one fault. */
export interface ReachabilityThresholds {
  /**
   * A node that was not heard of for so long is silent: at least two of its pushes and the time until they are read;
   * of remote write, two minutes and the time that a batch waits.
   * @default "5m"
   */
  readonly silentAfter: Duration;
  /** A node that was not heard of for so long is no part of the fleet any more; longer than `silentAfter`. @default "7d" */
  readonly forgetAfter: Duration;
  /** Share of a group, or of the fleet, whose silence is one fault and not many, in percent. @default 50 */
  readonly silentPercent: number;
  /** Smallest group, or fleet, of which that is said. @default 3 */
  readonly silentNodes: number;
  /** How much a node's clock may differ from the cloud's, in seconds. @default 60 */
  readonly clockSkewSeconds: number;
}

export const REACHABILITY_THRESHOLDS: ThresholdTable<ReachabilityThresholds> = {
  silentAfter: lasting('5m'),
  forgetAfter: lasting('7d'),
  silentPercent: percent(50),
  silentNodes: between(1, 100_000, 3, 'nodes'),
  clockSkewSeconds: between(1, 86_400, 60, 'seconds'),
};

/** By which names the cloud side knows what receives the edge's metrics. */
export interface ReceiverNames {
  /** Jobs of the Pushgateways that exporters of the edge push to. @default ["pushgateway"] */
  readonly pushgateways?: readonly string[];
  /** Jobs of the gateways that take remote writes. @default ["metrics-gateway"] */
  readonly gateways?: readonly string[];
  /** Job under which the metrics agent of each node reports itself. @default "edge-metrics-agent" */
  readonly agent?: string;
}

/**
 * Whether the edge is heard of. A node's last sign of life is kept for as long as it is part of the fleet,
 * by either transport: when its group was pushed last, or the time of the newest sample that its agent wrote.
 *
 * @throws InvalidOptionError when a threshold is not allowed, when `silentAfter` is too short for some of the nodes, or
 * when a node would be forgotten before it counts as silent.
 */
export function reachabilityRules(
  given: Partial<ReachabilityThresholds> = {},
  names: ReceiverNames = {},
  nodes: readonly RuledNodes[] = [],
): RuleSource {
  const limits = thresholds('edge-reachability', REACHABILITY_THRESHOLDS, given);
  verifySilence('rules of edge-reachability', limits, nodes);
  const {
    pushgateways = ['pushgateway'],
    gateways = ['metrics-gateway'],
    agent = 'edge-metrics-agent',
  } = names;
  const selectors: Selectors = {
    pushed: `{node!="", pushgateway=~"${pushgateways.join('|') || 'none'}"}`,
    written: `up{node!="", job="${agent}"}`,
    receivers: `up{job=~"${[...pushgateways, ...gateways].join('|')}"}`,
    ...(gateways.length > 0 && {
      waiting: `vmagent_remotewrite_pending_data_bytes{job=~"${gateways.join('|')}"}`,
    }),
  };
  return { ruleGroups: [figures(limits, selectors), alerts(limits, selectors)] };
}

interface Selectors {
  readonly pushed: string;
  readonly written: string;
  readonly receivers: string;
  /** What gateways could not yet write to the store. @default - there are no gateways */
  readonly waiting?: string;
}

function figures(
  { silentAfter, forgetAfter }: ReachabilityThresholds,
  { pushed, written, receivers }: Selectors,
): RuleGroup {
  const [silent, forgotten] = [seconds(silentAfter), seconds(forgetAfter)];
  return {
    name: 'edge-reachability',
    rules: [
      record(
        'edge_node:last_seen:timestamp',
        'When a node was heard of last, in seconds since 1970, for each node of the fleet',
        `topk by (cluster, node) (1, max by (${NODE}) (
  push_time_seconds${pushed}
  or timestamp(${written})
  or last_over_time(edge_node:last_seen:timestamp[1h])
)) > time() - ${forgotten}`,
      ),
      record(
        'edge_node:fresh',
        '1 for each node that is heard of',
        `clamp_max(edge_node:last_seen:timestamp > time() - ${silent}, 1)`,
      ),
      record(
        'edge_node:silent',
        '1 for each node of the fleet that is not heard of',
        `clamp_max(edge_node:last_seen:timestamp <= time() - ${silent}, 1)`,
      ),
      record(
        'edge_push:outdated',
        '1 for what exporters left behind in a Pushgateway: nobody pushes it any more',
        `clamp_max(max by (${NODE}, job, instance) (push_time_seconds${pushed}) <= time() - ${silent}, 1)`,
      ),
      record(
        'edge_group:nodes:count',
        'Nodes of each group',
        'count by (cluster, group) (edge_node:last_seen:timestamp)',
      ),
      record(
        'edge_group:silent:ratio',
        'Share of each group that is silent',
        '(count by (cluster, group) (edge_node:silent) or 0 * edge_group:nodes:count) / edge_group:nodes:count',
      ),
      record('edge_fleet:nodes:count', 'Nodes of the fleet', 'sum by (cluster) (edge_group:nodes:count)'),
      record(
        'edge_fleet:silent:ratio',
        'Share of the fleet that is silent',
        '(count by (cluster) (edge_node:silent) or 0 * edge_fleet:nodes:count) / edge_fleet:nodes:count',
      ),
      record(
        'edge_receivers:up:min',
        '0 where something that receives metrics of the edge is down as a whole',
        `min by (cluster) (max by (cluster, job) (${receivers}))`,
      ),
    ],
  };
}

/** So long whoever pushes or writes may pause between two tries, in seconds (push-sidecar.sh, MetricsSending). */
const LONGEST_BACKOFF = 60;

/** So much a gateway brings to the store before an alert fires; what comes behind more is older. */
const BACKLOG: Quantity = '16Mi';

/**
 * While, and shortly after, the cloud's own receivers were down, silence says nothing about the edge, nor while
 * samples of it wait in the cloud, as they do after Prometheus was away.
 */
const receiversUp = ({ silentAfter }: ReachabilityThresholds, { waiting }: Selectors): string =>
  [
    `unless on (cluster) min_over_time(edge_receivers:up:min[${seconds(silentAfter) + LONGEST_BACKOFF}s]) == 0`,
    ...(waiting ? [`unless on (cluster) max by (cluster) (${waiting}) > ${bytes(BACKLOG)}`] : []),
  ].join('\n');

function alerts(limits: ReachabilityThresholds, selectors: Selectors): RuleGroup {
  const { pushed, written } = selectors;
  const { silentPercent, silentNodes, clockSkewSeconds } = limits;
  const silent = seconds(limits.silentAfter);
  const many = (level: string) =>
    `edge_${level}:silent:ratio >= ${silentPercent / 100} and edge_${level}:nodes:count >= ${silentNodes}\n${receiversUp(limits, selectors)}`;
  return {
    name: 'edge-reachability-alerts',
    rules: [
      alert('EdgeFleetSilent', {
        severity: 'critical',
        for: '1m',
        expr: many('fleet'),
        summary: 'Most edge nodes of cluster {{ $labels.cluster }} are silent',
        description:
          '{{ $value | humanizePercentage }} of all edge nodes went silent: the fault is the way into the cloud, not the nodes.',
        mutes: ALL_OF_THE_EDGE,
      }),
      alert('EdgeGroupSilent', {
        severity: 'critical',
        for: '1m',
        expr: many('group').replaceAll(/(edge_group:\S+) (>=)/g, '$1{group!=""} $2'),
        summary: 'Group {{ $labels.group }} is silent',
        description:
          '{{ $value | humanizePercentage }} of the nodes of group {{ $labels.group }} went silent: look for the uplink or the power that they share.',
        mutes: [{ matchers: ['node!=""'], equal: ['cluster', 'group'] }],
      }),
      alert('EdgeNodeSilent', {
        severity: 'warning',
        for: '1m',
        expr: `time() - (edge_node:last_seen:timestamp <= time() - ${silent})
${receiversUp(limits, selectors)}
unless on (cluster, node) (time() - push_failure_time_seconds${pushed} < ${silent})`,
        summary: `Silent: ${NODE_IN_WORDS}`,
        description: `Nothing was heard of ${NODE_IN_WORDS} for {{ $value | humanizeDuration }}. Its other alerts are muted meanwhile.`,
        mutes: [{ matchers: ['node!=""'], equal: ['cluster', 'node'] }],
      }),
      alert('EdgePushesRefused', {
        severity: 'warning',
        for: '5m',
        expr: `max by (${NODE}, job) (
  time() - (push_failure_time_seconds{node!=""} > push_time_seconds{node!=""}) < ${silent}
)`,
        summary: `Pushes refused: ${NODE_IN_WORDS}`,
        description: `The Pushgateway refuses what ${NODE_IN_WORDS} pushes as job {{ $labels.job }}, last {{ $value | humanizeDuration }} ago.`,
      }),
      edgeAlert('EdgeExporterDown', {
        severity: 'warning',
        for: '5m',
        expr: `time() - max by (${NODE}, job) (push_time_seconds${pushed}) > ${silent}
unless on (cluster, node, job) push_time_seconds${pushed} > time() - ${silent}
or max by (${NODE}, job) (up{node!=""}) == 0`,
        summary: `Exporter {{ $labels.job }} is down: ${NODE_IN_WORDS}`,
        description: `The exporter {{ $labels.job }} of ${NODE_IN_WORDS} is not heard of, though the node is.`,
      }),
      edgeAlert('EdgeClockSkewed', {
        severity: 'warning',
        for: '10m',
        // What is written remotely has the time of the node's clock: that of one which is ahead is still to come. One
        // that is behind looks like a slow link.
        expr: `abs(
  max by (${NODE}, job) (node_time_seconds) - max by (${NODE}, job) (push_time_seconds${pushed})
) > ${clockSkewSeconds}
or max by (${NODE}, job) (timestamp(${written} offset -5m)) - time() > ${clockSkewSeconds}`,
        summary: `Wrong clock: ${NODE_IN_WORDS}`,
        description: `The clock of ${NODE_IN_WORDS} is {{ $value | humanizeDuration }} off: certificates, logs and remote writes depend on it.`,
      }),
      edgeAlert('EdgeClockUnsynchronized', {
        severity: 'info',
        for: '1h',
        expr: `max by (${NODE}) ${current('node_timex_sync_status')} == 0
and max by (${NODE}) ${current('node_timex_maxerror_seconds')} >= 16`,
        summary: `Nobody sets the clock: ${NODE_IN_WORDS}`,
        description: `The kernel of ${NODE_IN_WORDS} says that its clock is set by nobody.`,
      }),
      alert('EdgeKubeletAway', {
        severity: 'warning',
        for: '10m',
        // https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/cluster/node-metrics.md
        expr: `edge_node:fresh
and on (cluster, node) (kube_node_status_condition{condition="Ready", status="true"} == 0)`,
        summary: `KubeEdge's channel is down: ${NODE_IN_WORDS}`,
        description: `Metrics of ${NODE_IN_WORDS} arrive, but CloudCore holds it not ready: EdgeCore or its tunnel is down.`,
        mutes: [{ matchers: ['alertname=~"EdgePod(NotReady|Restarting)"'], equal: ['cluster', 'node'] }],
      }),
    ],
  };
}
