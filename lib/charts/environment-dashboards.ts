import type { LogAgent } from '../agents/log-agent';
import { logAgentsWith } from '../agents/log-agents';
import { capacityDashboard, type PlannedCapacity } from '../cloud/capacity.dashboard';
import { stackDashboard } from '../cloud/stack.dashboard';
import type { DashboardSource } from '../contracts/dashboards';
import { fleetDashboard } from '../edge/fleet.dashboard';
import { logsDashboard } from '../edge/logs.dashboard';
import { nodeDashboard } from '../edge/node.dashboard';
import { podsDashboard } from '../edge/pods.dashboard';
import { pushesDashboard } from '../edge/pushes.dashboard';

/**
 * Every dashboard of an environment; with a plan, its capacity is compared with that.
 *
 * @param logAgents that edge nodes run beside those of the stack
 */
export const environmentDashboards = (
  plan?: PlannedCapacity,
  logAgents: readonly LogAgent[] = [],
): DashboardSource[] => [
  fleetDashboard(),
  nodeDashboard(),
  podsDashboard(),
  pushesDashboard(),
  logsDashboard(logAgentsWith(logAgents)),
  stackDashboard(),
  capacityDashboard(plan),
];
