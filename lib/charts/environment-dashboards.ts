import type { LogAgent } from '../agents/log-agent';
import { logAgent } from '../agents/log-options';
import { type MetricsStoreType, metricsStoreType } from '../cloud/metrics-store-type';
import { type PlannedCapacity, plannedCapacity } from '../cloud/stack';
import type { DashboardSource } from '../contracts/dashboards';
import { listRuleWithSingleError } from '../core/option-rules';
import { validateOptions } from '../core/validation';
import { components } from './components';

/**
 * Returns the dashboards of an environment. If `plan` is set, dashboards compare the current load with the planned
 * load.
 * @param logAgents log agents of edge nodes, in addition to the log agent of the stack
 * @param metricsStore the setting `metricsStore`; Prometheus by default
 * @throws InvalidOptionError when the plan, a log agent or the store is invalid.
 */
export function environmentDashboards(
  plan?: PlannedCapacity,
  logAgents: readonly LogAgent[] = [],
  metricsStore?: MetricsStoreType,
): DashboardSource[] {
  validateOptions('environmentDashboards', {
    plan: [plan, plannedCapacity],
    logAgents: [logAgents, listRuleWithSingleError(logAgent)],
    metricsStore: [metricsStore, metricsStoreType],
  });
  return components.flatMap((component) => component.dashboards?.({ plan, logAgents, metricsStore }) ?? []);
}
