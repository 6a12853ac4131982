import type { LogAgent } from '../agents/log-agent';
import { logAgentsWith } from '../agents/log-agents';
import { capacityDashboard, type PlannedCapacity, stackDashboard } from '../cloud/stack';
import type { DashboardSource } from '../contracts/dashboards';
import { fleetDashboard, pushesDashboard } from '../edge/fleet';
import { logsDashboard } from '../edge/log-collector';
import { nodeDashboard } from '../edge/node-exporter';
import { podsDashboard } from '../edge/pods';

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
