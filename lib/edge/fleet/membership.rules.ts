import type { RecordingRule, RuleGroup } from '../../contracts/rules';
import { alert, record } from '../../core/alerts';
import type { RuledNodes } from '../ruled-nodes';

/** How rules determine the nodes of the fleet. */
export interface Membership {
  /**
   * Scrape job of the kube-state-metrics that lists the nodes; without it, all nodes that send metrics make
   * up the fleet.
   */
  readonly kubeStateMetrics?: string;
  /** The node groups. */
  readonly nodes: readonly RuledNodes[];
  /** Expression for the time of the last sample from each node, member of the fleet or not. */
  readonly signs: string;
  /** Seconds without a sample after which a node leaves the fleet, without kube-state-metrics. */
  readonly forgetAfter: number;
  /** Maximum number of nodes of the fleet, without kube-state-metrics. */
  readonly mostNodes: number;
}

/**
 * Returns the recording rule that is 1 for each node of the fleet, with its group if node labels define it.
 */
export const membershipRule = (known: Membership): RecordingRule =>
  record(
    'edge_node:member',
    '1 for each node of the fleet: each edge node of the API server, kept while kube-state-metrics is unavailable',
    known.kubeStateMetrics ? apiServerMembers(known.kubeStateMetrics, known.nodes) : pushingMembers(known),
  );

/**
 * Whether members have the label `group`. A group in a node's own samples is only used if no setting assigns
 * nodes to groups.
 */
export const knowsGroups = ({ kubeStateMetrics, nodes }: Membership): boolean =>
  kubeStateMetrics !== undefined && areSelectable(nodes) && nodes.some(({ group }) => group);

/** Whether settings assign nodes to groups: all node groups except at most one have a selector. */
const areSelectable = (nodes: readonly RuledNodes[]): boolean =>
  nodes.length > 0 && nodes.filter((known) => !hasSelector(known)).length <= 1;

const hasSelector = ({ nodeSelector = {} }: RuledNodes): boolean => Object.keys(nodeSelector).length > 0;

/**
 * Lists the nodes from the API server. All of them disappear together if kube-state-metrics is down, so a
 * single missing node was deleted.
 */
function apiServerMembers(job: string, nodes: readonly RuledNodes[]): string {
  const edge = `kube_node_role{job="${job}", role="edge"}`;
  return `max by (cluster, group, node) (
  ${areSelectable(nodes) ? membersByGroup(job, edge, nodes) : edge}
)
or (
  last_over_time(edge_node:member[1h])
  unless on (cluster) (kube_node_info{job="${job}"} or kube_node_role{job="${job}"})
)`;
}

/**
 * Assigns groups to nodes. The nodes without a group are first in the list and last here, since they are
 * those that no group selects.
 */
function membersByGroup(job: string, edge: string, nodes: readonly RuledNodes[]): string {
  const parts = [
    ...groupsByLabel(nodes).map(
      ([label, groups]) =>
        `label_replace(kube_node_labels{job="${job}", ${label}=~"${groups.map(escapeDots).join('|')}"}, "group", "$1", "${label}", "(.+)")`,
    ),
    ...nodes
      .toReversed()
      .filter((known) => hasSelector(known) && !isNamedByLabel(known))
      .map((known) =>
        withGroupLabel(
          `kube_node_labels{job="${job}", ${nodeLabelMatchers(known.nodeSelector ?? {})}}`,
          known,
        ),
      ),
  ].map((part) => `${part} and on (cluster, node) ${edge}`);
  const others = nodes.filter((known) => !hasSelector(known)).map((known) => withGroupLabel(edge, known));
  return [...parts, ...others].join('\n  or on (cluster, node) ');
}

/**
 * Returns groups whose name is the value of a label, as with KubeEdge's NodeGroups; one expression covers all
 * groups of a label.
 */
function groupsByLabel(nodes: readonly RuledNodes[]): [label: string, groups: string[]][] {
  const byLabel = new Map<string, string[]>();
  for (const { nodeSelector = {}, group = '' } of nodes.filter(isNamedByLabel)) {
    const label = nodeLabelName(Object.keys(nodeSelector)[0] ?? '');
    byLabel.set(label, [...(byLabel.get(label) ?? []), group]);
  }
  return [...byLabel];
}

const isNamedByLabel = ({ nodeSelector = {}, group }: RuledNodes): boolean => {
  const values = Object.values(nodeSelector);
  return values.length === 1 && values[0] === group;
};

const escapeDots = (text: string): string => text.replaceAll('.', '[.]');

/**
 * Returns matchers for labels with a value. An empty value means no label in Prometheus, so it cannot select
 * nodes.
 */
const nodeLabelMatchers = (nodeSelector: Readonly<Record<string, string>>): string =>
  Object.entries(nodeSelector)
    .map(([key, value]) => `${nodeLabelName(key)}="${value}"`)
    .join(', ');

const withGroupLabel = (nodes: string, { group }: RuledNodes): string =>
  group ? `label_replace(${nodes}, "group", "${group}", "", "")` : nodes;

/**
 * Returns the name of a node label in kube-state-metrics
 * (https://github.com/kubernetes/kube-state-metrics/blob/v2.20.0/internal/store/utils.go).
 */
const nodeLabelName = (key: string): string =>
  `label_${key
    .replaceAll(/[^a-zA-Z0-9_]/g, '_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()}`;

/** Nodes that have been members, and new ones up to the maximum number. */
function pushingMembers({ signs, forgetAfter, mostNodes }: Membership): string {
  const known = `group by (cluster, node) (last_over_time(edge_node:last_seen:timestamp[1h]) > time() - ${forgetAfter} <= time())`;
  return `${known}
or group by (cluster, node) (
  topk by (cluster) (
    scalar(clamp_min(${mostNodes} - (count(${known}) or vector(0)), 0)),
    max by (cluster, node) (${signs}) > time() - ${forgetAfter}
    unless on (cluster, node) ${known}
  )
)`;
}

/**
 * Counts the nodes that send metrics without being members, by the series that they send. It groups by
 * cluster only, since all their other labels are unverified.
 */
export const unknownNodesRules = (
  senders: readonly string[],
  { kubeStateMetrics, mostNodes }: Membership,
): RuleGroup => ({
  name: 'edge-unknown',
  // The rule reads all such series, and there may be many. Prometheus's lookback is five minutes.
  interval: '4m',
  rules: [
    record(
      'edge_fleet:unknown_nodes:count',
      'Number of node names that send metrics without being part of the fleet; other metrics do not include them',
      `count by (cluster) (
  group by (cluster, node) (
    ${senders.map((sender) => `(${sender} unless on (cluster, node) edge_node:member)`).join('\n    or on (cluster, node) ')}
  )
)`,
    ),
    alert('EdgeNodesUnknown', {
      severity: 'warning',
      for: '15m',
      expr: 'edge_fleet:unknown_nodes:count > 0',
      summary: 'Unknown nodes send metrics to cluster {{ $labels.cluster }}',
      description: kubeStateMetrics
        ? '{{ $value | humanize }} node names send metrics, but the API server has no edge nodes with these names. Dashboards and alerts do not include them.'
        : `{{ $value | humanize }} node names send metrics in excess of the limit of ${mostNodes} nodes. Dashboards and alerts do not include them.`,
    }),
  ],
});
