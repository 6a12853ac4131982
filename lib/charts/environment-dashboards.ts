import type { LogAgent } from '../agents/log-agent';
import type { PlannedCapacity } from '../cloud/stack';
import type { DashboardSource } from '../contracts/dashboards';
import { components } from './components';

/**
 * Every dashboard of an environment; with a plan, its capacity is compared with that.
 *
 * @param logAgents that edge nodes run beside those of the stack
 */
export function environmentDashboards(
  plan?: PlannedCapacity,
  logAgents: readonly LogAgent[] = [],
): DashboardSource[] {
  return components.flatMap((component) => component.dashboards?.({ plan, logAgents }) ?? []);
}
