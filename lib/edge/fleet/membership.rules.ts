import type { RecordingRule, RuleGroup } from '../../contracts/rules';
import { alertingRule, recordingRule } from '../../core/alerts';
import type { RuledNodes } from '../ruled-nodes';

/** How rules determine the nodes of the fleet. */
export interface Membership {
  /**
   * Scrape job of the kube-state-metrics that lists the edge nodes.
   * @default - the fleet consists of the nodes that send metrics
   */
  readonly kubeStateMetrics?: string;
  /** The node groups. */
  readonly nodes: readonly RuledNodes[];
  /**
   * PromQL expression for the time of the last received sample, by node name. The result includes names that belong to
   * no node of the fleet.
   */
  readonly lastSampleTime: string;
  /** Seconds without a sample after which a node leaves the fleet. Only used if `kubeStateMetrics` is not set. */
  readonly forgetAfter: number;
  /** Maximum number of nodes of the fleet. Only used if `kubeStateMetrics` is not set. */
  readonly maxNodes: number;
}

/**
 * Returns the recording rule `edge_node:member`, which is 1 for each node of the fleet. The series have the label
 * `group` only if `hasGroupLabelOnMemberSeries` returns true.
 */
export const fleetMembershipRecordingRule = (known: Membership): RecordingRule =>
  recordingRule(
    'edge_node:member',
    '1 for each node of the fleet: each edge node in the Kubernetes API or, without kube-state-metrics, each node that sends metrics',
    known.kubeStateMetrics
      ? fleetMembersFromApiServerExpr(known.kubeStateMetrics, known.nodes)
      : fleetMembersFromSamplesExpr(known),
  );

/**
 * Returns whether the series of `edge_node:member` have the label `group`. This is the case only if kube-state-metrics
 * lists the nodes, and node labels determine the group of each node. Rules then ignore the label `group` in the samples
 * of nodes.
 */
export const hasGroupLabelOnMemberSeries = ({ kubeStateMetrics, nodes }: Membership): boolean =>
  kubeStateMetrics !== undefined && canDetermineGroupsByNodeLabels(nodes) && nodes.some(({ group }) => group);

/**
 * Returns whether node labels determine the group of each node. This requires that at most one node group has no
 * selector.
 */
const canDetermineGroupsByNodeLabels = (nodes: readonly RuledNodes[]): boolean =>
  nodes.length > 0 && nodes.filter((known) => !hasNodeSelector(known)).length <= 1;

const hasNodeSelector = ({ nodeSelector = {} }: RuledNodes): boolean => Object.keys(nodeSelector).length > 0;

/**
 * Returns an expression for the edge nodes of the API server. If kube-state-metrics is down, all nodes disappear at
 * once, and the expression keeps the members of the last hour. If only single nodes disappear, they leave the fleet.
 */
function fleetMembersFromApiServerExpr(job: string, nodes: readonly RuledNodes[]): string {
  const edge = `kube_node_role{job="${job}", role="edge"}`;
  return `max by (cluster, group, node) (
  ${canDetermineGroupsByNodeLabels(nodes) ? edgeNodesWithGroupLabelExpr(job, edge, nodes) : edge}
)
or (
  last_over_time(edge_node:member[1h])
  unless on (cluster) (kube_node_info{job="${job}"} or kube_node_role{job="${job}"})
)`;
}

/**
 * Returns an expression that adds the label `group` to the series of edge nodes. The node group without a selector
 * comes last in the expression, because it contains the nodes that no other group selects.
 */
function edgeNodesWithGroupLabelExpr(job: string, edge: string, nodes: readonly RuledNodes[]): string {
  const parts = [
    ...nodeGroupNamesBySelectorLabel(nodes).map(
      ([label, groups]) =>
        `label_replace(kube_node_labels{job="${job}", ${label}=~"${groups.map(escapeDots).join('|')}"}, "group", "$1", "${label}", "(.+)")`,
    ),
    ...nodes
      .toReversed()
      .filter((known) => hasNodeSelector(known) && !hasGroupNameAsOnlySelectorValue(known))
      .map((known) =>
        addGroupLabelToNodesExpr(
          `kube_node_labels{job="${job}", ${nodeLabelMatchers(known.nodeSelector ?? {})}}`,
          known,
        ),
      ),
  ].map((part) => `${part} and on (cluster, node) ${edge}`);
  const others = nodes
    .filter((known) => !hasNodeSelector(known))
    .map((known) => addGroupLabelToNodesExpr(edge, known));
  return [...parts, ...others].join('\n  or on (cluster, node) ');
}

/**
 * Finds the groups that select nodes by a single label whose value is the group's name, as KubeEdge's NodeGroups do.
 * Returns one entry for each label: the name of the label in kube-state-metrics, and the names of the groups that use
 * the label. One expression can cover all groups of an entry.
 */
function nodeGroupNamesBySelectorLabel(nodes: readonly RuledNodes[]): [label: string, groups: string[]][] {
  const byLabel = new Map<string, string[]>();
  for (const { nodeSelector = {}, group = '' } of nodes.filter(hasGroupNameAsOnlySelectorValue)) {
    const label = kubeStateMetricsLabelName(Object.keys(nodeSelector)[0] ?? '');
    byLabel.set(label, [...(byLabel.get(label) ?? []), group]);
  }
  return [...byLabel];
}

const hasGroupNameAsOnlySelectorValue = ({ nodeSelector = {}, group }: RuledNodes): boolean => {
  const values = Object.values(nodeSelector);
  return values.length === 1 && values[0] === group;
};

const escapeDots = (text: string): string => text.replaceAll('.', '[.]');

/**
 * Returns Prometheus label matchers for a node selector. A selector must not contain an empty value, because the
 * matcher would also match nodes without the label.
 */
const nodeLabelMatchers = (nodeSelector: Readonly<Record<string, string>>): string =>
  Object.entries(nodeSelector)
    .map(([key, value]) => `${kubeStateMetricsLabelName(key)}="${value}"`)
    .join(', ');

/** Returns an expression that adds the label `group` to the series of nodes, if the nodes have a group. */
const addGroupLabelToNodesExpr = (nodes: string, { group }: RuledNodes): string =>
  group ? `label_replace(${nodes}, "group", "${group}", "", "")` : nodes;

/**
 * Returns the name of a node label in kube-state-metrics
 * (https://github.com/kubernetes/kube-state-metrics/blob/v2.20.0/internal/store/utils.go).
 */
const kubeStateMetricsLabelName = (key: string): string =>
  `label_${key
    .replaceAll(/[^a-zA-Z0-9_]/g, '_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()}`;

/**
 * Returns an expression for the nodes of a fleet without kube-state-metrics. Previous members remain if they sent a
 * sample within `forgetAfter` seconds. New node names join until the fleet has `maxNodes` nodes.
 */
function fleetMembersFromSamplesExpr({ lastSampleTime, forgetAfter, maxNodes }: Membership): string {
  const known = `group by (cluster, node) (last_over_time(edge_node:last_seen:timestamp[1h]) > time() - ${forgetAfter} <= time())`;
  return `${known}
or group by (cluster, node) (
  topk by (cluster) (
    scalar(clamp_min(${maxNodes} - (count(${known}) or vector(0)), 0)),
    max by (cluster, node) (${lastSampleTime}) > time() - ${forgetAfter}
    unless on (cluster, node) ${known}
  )
)`;
}

/**
 * Returns rules about unknown nodes. An unknown node is a node name that is in received metrics, but not in the fleet.
 * The rules count per cluster and not per group, because the label `group` of these metrics is not verified.
 */
export const alertAndRecordingRulesAboutUnknownNodes = (
  senders: readonly string[],
  { kubeStateMetrics, maxNodes }: Membership,
): RuleGroup => ({
  name: 'edge-unknown',
  // Clients can push any number of node names that do not exist, so the rule can be expensive and runs rarely. The
  // interval must stay below Prometheus's lookback of 5 minutes, otherwise the alert would resolve between evaluations.
  interval: '4m',
  rules: [
    recordingRule(
      'edge_fleet:unknown_nodes:count',
      'Number of node names that send metrics without being part of the fleet; other metrics do not include these nodes',
      `count by (cluster) (
  group by (cluster, node) (
    ${senders.map((sender) => `(${sender} unless on (cluster, node) edge_node:member)`).join('\n    or on (cluster, node) ')}
  )
)`,
    ),
    alertingRule('EdgeNodesUnknown', {
      severity: 'warning',
      for: '15m',
      expr: 'edge_fleet:unknown_nodes:count > 0',
      summary: 'Unknown nodes send metrics to cluster {{ $labels.cluster }}',
      description: kubeStateMetrics
        ? '{{ $value | humanize }} node names send metrics, but the API server has no edge nodes with these names. Other alerts and most panels ignore these names.'
        : `The fleet has reached its limit of ${maxNodes} nodes, and {{ $value | humanize }} further node names send metrics. Other alerts and most panels ignore these names.`,
    }),
  ],
});
