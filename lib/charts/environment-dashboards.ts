import type { LogAgent } from '../agents/log-agent';
import { logAgent } from '../agents/log-options';
import { type PlannedCapacity, plannedCapacity } from '../cloud/stack';
import type { DashboardSource } from '../contracts/dashboards';
import { listOf } from '../core/option-rules';
import { verify } from '../core/validation';
import { components } from './components';

/**
 * Every dashboard of an environment; with a plan, its capacity is compared with that.
 *
 * @param logAgents that edge nodes run beside those of the stack
 * @throws InvalidOptionError when it is no plan, or no log agent.
 */
export function environmentDashboards(
  plan?: PlannedCapacity,
  logAgents: readonly LogAgent[] = [],
): DashboardSource[] {
  verify('environmentDashboards', {
    plan: [plan, plannedCapacity],
    logAgents: [logAgents, listOf(logAgent)],
  });
  return components.flatMap((component) => component.dashboards?.({ plan, logAgents }) ?? []);
}
