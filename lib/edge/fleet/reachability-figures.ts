import type { RuleGroup } from '../../contracts/rules';
import { recordingRule } from '../../core/alerts';
import type { Duration } from '../../core/units';
import { NODE_LABELS } from '../edge-alert';
import {
  fleetMembershipRecordingRule,
  hasGroupLabelOnMemberSeries,
  type Membership,
} from './membership.rules';
import type { Signals } from './signals';

/**
 * A node counts as silent only if the rule `edge_node:last_seen:timestamp` was evaluated within this number of seconds.
 * After a restart of Prometheus, no node counts as silent until the rule has been evaluated. The value exceeds the
 * longest evaluation interval of the rule.
 */
const MAX_EVALUATION_AGE_SECONDS = 150;

/**
 * Returns recording rules for the members of the fleet and the time of each node's last sample. Only these rules read
 * the series of all senders, and they drop the series of node names outside of the fleet. Other rules are therefore not
 * slower if a client pushes node names that do not exist.
 */
export const recordingRulesOfMembership = (
  silent: number,
  interval: Duration | undefined,
  signals: Signals,
  known: Membership,
): RuleGroup => ({
  name: 'edge-membership',
  interval,
  rules: [
    fleetMembershipRecordingRule(known),
    recordingRule(
      'edge_push:last:timestamp',
      'Time of the last push of each exporter on a node of the fleet, as a Unix timestamp',
      maxOfFleetMembersExpr(`${NODE_LABELS}, job, instance`, `push_time_seconds${signals.pushed}`),
    ),
    recordingRule(
      'edge_write:last:timestamp',
      'Time of the newest sample from the agent of each node of the fleet, as a Unix timestamp',
      maxOfFleetMembersExpr(NODE_LABELS, `timestamp(${signals.written})`),
    ),
    recordingRule(
      'edge_node:last_seen:timestamp',
      'Time of the last sample from each node of the fleet, as a Unix timestamp',
      lastSampleTimeExpr(known),
    ),
    recordingRule(
      'edge_push:clock_offset:seconds',
      'Clock of the node minus the clock of the cloud at the last push of the node, for nodes that push',
      `max by (${NODE_LABELS}, job) (node_time_seconds) - max by (${NODE_LABELS}, job) (edge_push:last:timestamp)`,
    ),
    recordingRule(
      'edge_push:outdated',
      '1 for each exporter that has stopped pushing: its last push is older than the threshold silentAfter',
      `clamp_max(edge_push:last:timestamp <= time() - ${silent}, 1)`,
    ),
  ],
});

const maxOfFleetMembersExpr = (labels: string, series: string): string =>
  `max by (${labels}) (
  ${series}
  and on (cluster, node) edge_node:member
)`;

function lastSampleTimeExpr(known: Membership): string {
  const heard = `
  edge_push:last:timestamp
  or edge_write:last:timestamp
  or last_over_time(edge_node:last_seen:timestamp[1h]) <= time()
`;
  const ofGroups = hasGroupLabelOnMemberSeries(known)
    ? `max by (cluster, node) (${heard}) * on (cluster, node) group_left (group) topk by (cluster, node) (1, edge_node:member)`
    : `topk by (cluster, node) (1, max by (${NODE_LABELS}) (${heard})) and on (cluster, node) edge_node:member`;
  return `${ofGroups}
or on (cluster, node) time() * edge_node:member`;
}

/**
 * Returns recording rules for silent nodes, rejected pushes, and the receivers in the cloud.
 * @param silent seconds without a sample after which a node counts as silent
 */
export function recordingRulesAboutReachability(silent: number, signals: Signals): RuleGroup {
  return {
    name: 'edge-reachability',
    rules: [
      recordingRule(
        'edge_push:refused:increase',
        'Number of rejected pushes of each node of the fleet within 10 minutes, by job and reason',
        `sum by (${NODE_LABELS}, job, reason) (${signals.refused.map((metric) => `increase(${metric}{node!=""}[10m])`).join(' or ')}) > 0
and on (cluster, node) edge_node:member`,
      ),
      recordingRule(
        'edge_node:fresh',
        '1 for each node that sends samples',
        `clamp_max(edge_node:last_seen:timestamp > time() - ${silent}, 1)`,
      ),
      recordingRule(
        'edge_node:silent',
        '1 for each node of the fleet that sends no samples',
        `clamp_max(edge_node:last_seen:timestamp <= time() - ${silent}, 1)
and timestamp(edge_node:last_seen:timestamp) > time() - ${MAX_EVALUATION_AGE_SECONDS}`,
      ),
      recordingRule(
        'edge_group:nodes:count',
        'Number of nodes of each node group',
        'count by (cluster, group) (edge_node:last_seen:timestamp)',
      ),
      recordingRule(
        'edge_group:silent:ratio',
        'Ratio of silent nodes to all nodes, for each node group',
        '(count by (cluster, group) (edge_node:silent) or 0 * edge_group:nodes:count) / edge_group:nodes:count',
      ),
      recordingRule(
        'edge_fleet:nodes:count',
        'Number of nodes of the fleet',
        'sum by (cluster) (edge_group:nodes:count)',
      ),
      recordingRule(
        'edge_fleet:silent:ratio',
        'Ratio of silent nodes to all nodes of the fleet',
        '(count by (cluster) (edge_node:silent) or 0 * edge_fleet:nodes:count) / edge_fleet:nodes:count',
      ),
      recordingRule(
        'edge_receivers:up:min',
        '1 if each component that receives edge metrics has a replica that is up, 0 otherwise',
        `min by (cluster) (max by (cluster, job) (${signals.receivers}))`,
      ),
    ],
  };
}
