import type { Component } from '../../core/component';
import { capacityDashboard, type PlannedCapacity } from './capacity.dashboard';
import { stackDashboard } from './health.dashboard';

/**
 * The cloud side as a whole: dashboards of its health and of its capacity, compared with the plan if there is
 * one.
 */
export const stackComponent: Component<object, { readonly plan?: PlannedCapacity }> = {
  dashboards: ({ plan }) => [stackDashboard(), capacityDashboard(plan)],
};
