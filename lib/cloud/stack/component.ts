import type { Component } from '../../core/component';
import type { MetricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_PANELS } from '../prometheus';
import { capacityDashboard, type PlannedCapacity } from './capacity.dashboard';
import { stackDashboard } from './health.dashboard';

/** Properties of an environment that these dashboards depend on. */
export interface ShownStack {
  readonly plan?: PlannedCapacity;
  /** @default - Prometheus */
  readonly metricsStore?: MetricsStoreType;
}

/**
 * The cloud side as a whole: dashboards of its health and of its capacity, compared with the plan if there is
 * one, and the dashboard of its store of metrics if that has one.
 */
export const stackComponent: Component<object, ShownStack> = {
  dashboards: ({ plan, metricsStore }) => {
    const panels = metricsStore ? (metricsStore.panels ?? {}) : PROMETHEUS_PANELS;
    const own = metricsStore?.dashboard;
    return [stackDashboard(panels), capacityDashboard(plan, panels), ...(own ? [own] : [])];
  },
};
