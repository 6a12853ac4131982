import type { RuleGroup } from '../contracts/rules';
import { record } from '../core/alerts';
import { NODE } from './edge-alert';
import { knowsGroups, type Membership, membership } from './membership.rules';
import type { Signals } from './signals';

/** Of all that a Pushgateway holds only what members pushed is read by other rules: strangers are passed over once. */
const ofMembers = (series: string): string =>
  `max by (${NODE}, job, instance, pushgateway) (
  ${series}
  and on (cluster, node) edge_node:member
)`;

function lastSeen({ pushed, written }: Signals, known: Membership): string {
  const heard = `
  edge_push:last:timestamp${pushed}
  or (timestamp(${written}) and on (cluster, node) edge_node:member)
  or last_over_time(edge_node:last_seen:timestamp[1h]) <= time()
`;
  const ofGroups = knowsGroups(known)
    ? `max by (cluster, node) (${heard}) * on (cluster, node) group_left (group) topk by (cluster, node) (1, edge_node:member)`
    : `topk by (cluster, node) (1, max by (${NODE}) (${heard})) and on (cluster, node) edge_node:member`;
  return `${ofGroups}
or on (cluster, node) time() * edge_node:member`;
}

/** Which nodes the fleet has, and which of them are silent: for so many seconds. */
export function reachabilityFigures(silent: number, signals: Signals, known: Membership): RuleGroup {
  return {
    name: 'edge-reachability',
    rules: [
      membership(known),
      record(
        'edge_push:last:timestamp',
        'When each exporter of a node of the fleet was pushed last, in seconds since 1970',
        ofMembers('push_time_seconds{pushgateway!=""}'),
      ),
      record(
        'edge_push:refused:increase',
        'Refused pushes of each node of the fleet in the last ten minutes, by job and reason',
        `sum by (${NODE}, job, reason) (increase(pushgateway_filter_pushes_refused_total{node!=""}[10m])) > 0
and on (cluster, node) edge_node:member`,
      ),
      record(
        'edge_node:last_seen:timestamp',
        'When a node was heard of last, in seconds since 1970, for each node of the fleet',
        lastSeen(signals, known),
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
        `clamp_max(max by (${NODE}, job, instance) (edge_push:last:timestamp${signals.pushed}) <= time() - ${silent}, 1)`,
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
        `min by (cluster) (max by (cluster, job) (${signals.receivers}))`,
      ),
    ],
  };
}
