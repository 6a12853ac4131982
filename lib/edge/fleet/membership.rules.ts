import type { RecordingRule, RuleGroup } from '../../contracts/rules';
import { alert, record } from '../../core/alerts';
import type { RuledNodes } from '../ruled-nodes';

/** How the rules know which nodes the fleet has. */
export interface Membership {
  /** Job of the kube-state-metrics that lists the nodes; without it, the fleet is what sends metrics. */
  readonly kubeStateMetrics?: string;
  /** The nodes of each group. */
  readonly nodes: readonly RuledNodes[];
  /** Series with the time of the last sign of life of each node, whether it is known or not. */
  readonly signs: string;
  /** A node without a sign of life for so long is no part of the fleet, in seconds; where nobody lists nodes. */
  readonly forgetAfter: number;
  /** Most nodes of the fleet where nobody lists them. */
  readonly mostNodes: number;
}

/** 1 for each node of the fleet, with its group where the API server's labels say it. */
export const membership = (known: Membership): RecordingRule =>
  record(
    'edge_node:member',
    '1 for each node of the fleet: each edge node of the API server, kept while kube-state-metrics is away',
    known.kubeStateMetrics ? listed(known.kubeStateMetrics, known.nodes) : admitted(known),
  );

/**
 * Whether members have the label `group`: what a node claims counts only where no setting says which nodes are of which
 * group.
 */
export const knowsGroups = ({ kubeStateMetrics, nodes }: Membership): boolean =>
  kubeStateMetrics !== undefined && areTold(nodes) && nodes.some(({ group }) => group);

/** Whether it is said which nodes are which: all but one kind of them have a selector. */
const areTold = (nodes: readonly RuledNodes[]): boolean =>
  nodes.length > 0 && nodes.filter((known) => !hasSelector(known)).length <= 1;

const hasSelector = ({ nodeSelector = {} }: RuledNodes): boolean => Object.keys(nodeSelector).length > 0;

/** The API server lists its nodes all at once: a node that is missing while others are there was deleted. */
function listed(job: string, nodes: readonly RuledNodes[]): string {
  const edge = `kube_node_role{job="${job}", role="edge"}`;
  return `max by (cluster, group, node) (
  ${areTold(nodes) ? inGroups(job, edge, nodes) : edge}
)
or (
  last_over_time(edge_node:member[1h])
  unless on (cluster) (kube_node_info{job="${job}"} or kube_node_role{job="${job}"})
)`;
}

/** Nodes without a group come first in the list and last here: they are those that no group selects. */
function inGroups(job: string, edge: string, nodes: readonly RuledNodes[]): string {
  const parts = [
    ...named(nodes).map(
      ([label, groups]) =>
        `label_replace(kube_node_labels{job="${job}", ${label}=~"${groups.map(literal).join('|')}"}, "group", "$1", "${label}", "(.+)")`,
    ),
    ...nodes
      .toReversed()
      .filter((known) => hasSelector(known) && !isNamed(known))
      .map((known) =>
        grouped(`kube_node_labels{job="${job}", ${matchers(known.nodeSelector ?? {})}}`, known),
      ),
  ].map((part) => `${part} and on (cluster, node) ${edge}`);
  const others = nodes.filter((known) => !hasSelector(known)).map((known) => grouped(edge, known));
  return [...parts, ...others].join('\n  or on (cluster, node) ');
}

/** Groups whose name is the value of a label, as KubeEdge's NodeGroups are: a selector for all of one label. */
function named(nodes: readonly RuledNodes[]): [label: string, groups: string[]][] {
  const byLabel = new Map<string, string[]>();
  for (const { nodeSelector = {}, group = '' } of nodes.filter(isNamed)) {
    const label = nodeLabelOf(Object.keys(nodeSelector)[0] ?? '');
    byLabel.set(label, [...(byLabel.get(label) ?? []), group]);
  }
  return [...byLabel];
}

const isNamed = ({ nodeSelector = {}, group }: RuledNodes): boolean => {
  const values = Object.values(nodeSelector);
  return values.length === 1 && values[0] === group;
};

const literal = (text: string): string => text.replaceAll('.', '[.]');

/** An empty value is none to Prometheus: the API server's nodes cannot be told apart by it. */
const matchers = (nodeSelector: Readonly<Record<string, string>>): string =>
  Object.entries(nodeSelector)
    .map(([key, value]) => `${nodeLabelOf(key)}="${value}"`)
    .join(', ');

const grouped = (nodes: string, { group }: RuledNodes): string =>
  group ? `label_replace(${nodes}, "group", "${group}", "", "")` : nodes;

/**
 * How kube-state-metrics calls a label of a node
 * (https://github.com/kubernetes/kube-state-metrics/blob/v2.20.0/internal/store/utils.go).
 */
const nodeLabelOf = (key: string): string =>
  `label_${key
    .replaceAll(/[^a-zA-Z0-9_]/g, '_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()}`;

/** Nodes of which there was a sign of life, and new ones for as long as there is room. */
function admitted({ signs, forgetAfter, mostNodes }: Membership): string {
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
 * Nodes that send metrics and are no members, by series of who sends: counted by cluster alone, since their other labels are
 * claims.
 */
export const unknownNodes = (
  senders: readonly string[],
  { kubeStateMetrics, mostNodes }: Membership,
): RuleGroup => ({
  name: 'edge-unknown',
  // All of them are read, and there may be many; Prometheus shows a sample for five minutes.
  interval: '4m',
  rules: [
    record(
      'edge_fleet:unknown_nodes:count',
      'Names of nodes that send metrics and are no part of the fleet; they are in no other figure',
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
        ? '{{ $value | humanize }} node names send metrics, but the API server has no edge nodes of these names: they are in no figure and no alert of the fleet.'
        : `{{ $value | humanize }} node names send metrics beyond the ${mostNodes} nodes of the fleet: they are in no figure and no alert of it.`,
    }),
  ],
});
