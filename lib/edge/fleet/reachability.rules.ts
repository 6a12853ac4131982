import type { RuleGroup, RuleSource } from '../../contracts/rules';
import { ALL_OF_THE_EDGE, alert } from '../../core/alerts';
import { between, lasting, percent, type ThresholdTable, thresholds } from '../../core/thresholds';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import { current, edgeAlert, NODE, NODE_IN_WORDS } from '../edge-alert';
import type { RuledNodes } from '../ruled-nodes';
import { type Membership, unknownNodes } from './membership.rules';
import { reachabilityFigures, signsOfLife } from './reachability-figures';
import { type ReceiverNames, type Signals, signalsOf } from './signals';
import { signsInterval, verifySilence } from './silence';

/** When a node counts as silent, and many of them as one fault. */
export interface ReachabilityThresholds {
  /**
   * A node that sent nothing for so long is silent: at least two of its pushes and the time until they are read;
   * of remote write, two minutes and the time that a batch waits.
   * @default "5m"
   */
  readonly silentAfter: Duration;
  /**
   * A node that sent nothing for so long is no part of the fleet any more, where no kube-state-metrics lists its
   * nodes; longer than `silentAfter`.
   * @default "7d"
   */
  readonly forgetAfter: Duration;
  /** Share of a group, or of the fleet, whose silence is one fault and not many, in percent. @default 50 */
  readonly silentPercent: number;
  /** Smallest group, or fleet, of which that is said. @default 3 */
  readonly silentNodes: number;
  /** Most nodes that become part of the fleet by sending metrics, where no kube-state-metrics lists its nodes. @default 1000 */
  readonly unlistedNodes: number;
  /** How much a node's clock may differ from the cloud's, in seconds. @default 60 */
  readonly clockSkewSeconds: number;
}

export const REACHABILITY_THRESHOLDS: ThresholdTable<ReachabilityThresholds> = {
  silentAfter: lasting('5m'),
  forgetAfter: lasting('7d'),
  silentPercent: percent(50),
  silentNodes: between(1, 100_000, 3, 'nodes'),
  unlistedNodes: between(1, 100_000, 1_000, 'nodes'),
  clockSkewSeconds: between(1, 86_400, 60, 'seconds'),
};

/**
 * Whether nodes of the edge send samples. A node's last sign of life is kept for as long as it is part of the fleet,
 * by either transport: when its group was pushed last, or the time of the newest sample that its agent wrote; of one
 * that sent nothing yet, when it became part of the fleet.
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
  const signals = signalsOf(names);
  const known: Membership = {
    nodes,
    ...(names.kubeStateMetrics !== false && {
      kubeStateMetrics: names.kubeStateMetrics ?? 'kube-state-metrics',
    }),
    signs: `push_time_seconds${signals.pushed} or timestamp(${signals.written})`,
    forgetAfter: seconds(limits.forgetAfter),
    mostNodes: limits.unlistedNodes,
  };
  const silent = seconds(limits.silentAfter);
  const senders = [`push_time_seconds${signals.pushed} > time() - ${silent}`, signals.written];
  return {
    ruleGroups: [
      signsOfLife(silent, signsInterval(limits.silentAfter, nodes), signals, known),
      reachabilityFigures(silent, signals),
      alerts(limits, signals),
      exporters(limits, signals),
      clocks(limits, signals),
      unknownNodes(senders, known),
    ],
  };
}

/** The longest pause of a sidecar or an agent between two tries, in seconds (push-sidecar.sh, MetricsSending). */
const LONGEST_BACKOFF = 60;

/** So much a gateway brings to the store before an alert fires; what comes behind more is older. */
const BACKLOG: Quantity = '16Mi';

/**
 * While, and shortly after, the cloud's own receivers were down, silence says nothing about the edge, nor while
 * samples of it wait in the cloud, as they do after Prometheus was away.
 */
const receiversUp = ({ silentAfter }: ReachabilityThresholds, { waiting }: Signals): string =>
  [
    `unless on (cluster) min_over_time(edge_receivers:up:min[${seconds(silentAfter) + LONGEST_BACKOFF}s]) == 0`,
    ...(waiting ? [`unless on (cluster) max by (cluster) (${waiting}) > ${bytes(BACKLOG)}`] : []),
  ].join('\n');

function alerts(limits: ReachabilityThresholds, signals: Signals): RuleGroup {
  const { silentPercent, silentNodes } = limits;
  const many = (level: string) =>
    `edge_${level}:silent:ratio >= ${silentPercent / 100} and edge_${level}:nodes:count >= ${silentNodes}\n${receiversUp(limits, signals)}`;
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
        expr: `time() - edge_node:last_seen:timestamp and edge_node:silent
${receiversUp(limits, signals)}
unless on (cluster, node) edge_push:refused:increase`,
        summary: `Silent: ${NODE_IN_WORDS}`,
        description: `Nothing was heard of ${NODE_IN_WORDS} for {{ $value | humanizeDuration }}. Its other alerts are muted meanwhile.`,
        mutes: [{ matchers: ['node!=""'], equal: ['cluster', 'node'] }],
      }),
      alert('EdgePushesRefused', {
        severity: 'warning',
        for: '5m',
        expr: 'edge_push:refused:increase',
        summary: `Pushes refused: ${NODE_IN_WORDS}, {{ $labels.reason }}`,
        description: `What ${NODE_IN_WORDS} pushes as job {{ $labels.job }} is refused: {{ $labels.reason }}, {{ $value | humanize }} times in ten minutes. The answer to the push, which the sidecar logs, says what is wrong with it.`,
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

/** Of what agents scrape, targets of exporters that have several. */
const ofTargets = (scraped: string): string => scraped.replace('}', ', target!=""}');

/** Which exporters are down: of what agents read, not of the agents, which tell of themselves. */
function exporters(limits: ReachabilityThresholds, { scraped }: Signals): RuleGroup {
  const silent = seconds(limits.silentAfter);
  return {
    name: 'edge-exporters',
    interval: '1m',
    rules: [
      edgeAlert('EdgeExporterDown', {
        severity: 'warning',
        for: '5m',
        expr: `time() - max by (${NODE}, job) (edge_push:last:timestamp) > ${silent}
unless on (cluster, node, job) edge_push:last:timestamp > time() - ${silent}
or max by (${NODE}, job) (${scraped} and on (cluster, node) edge_node:fresh) == 0`,
        summary: `Exporter {{ $labels.job }} is down: ${NODE_IN_WORDS}`,
        description: `The exporter {{ $labels.job }} of ${NODE_IN_WORDS} is not heard of, though the node is.`,
        mutes: [{ matchers: ['alertname="EdgeTargetDown"'], equal: ['cluster', 'node', 'job'] }],
      }),
      edgeAlert('EdgeTargetDown', {
        severity: 'warning',
        for: '5m',
        // What sidecars and blackbox_exporter say of a target, and what agents see of one.
        expr: `min by (${NODE}, job, instance) ${current('exporter_target_up')} == 0
or min by (${NODE}, job, instance) ${current('probe_success')} == 0
or max by (${NODE}, job, instance) (${ofTargets(scraped)} and on (cluster, node) edge_node:fresh) == 0`,
        summary: `Target {{ $labels.instance }} of {{ $labels.job }} is down: ${NODE_IN_WORDS}`,
        description: `The exporter {{ $labels.job }} of ${NODE_IN_WORDS} answers, and cannot read or reach its target {{ $labels.instance }}.`,
      }),
    ],
  };
}

/** Clocks drift slowly, and the agents of invented nodes are read too; Prometheus shows a sample for five minutes. */
function clocks({ clockSkewSeconds }: ReachabilityThresholds, { written }: Signals): RuleGroup {
  return {
    name: 'edge-clocks',
    interval: '4m',
    rules: [
      edgeAlert('EdgeClockSkewed', {
        severity: 'warning',
        for: '10m',
        // What is written remotely has the time of the node's clock: that of one which is ahead is still to come. One
        // that is behind looks like a slow link.
        expr: `abs(edge_push:clock_offset:seconds) > ${clockSkewSeconds}
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
    ],
  };
}
