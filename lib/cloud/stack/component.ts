import type { Component } from '../../core/component';
import type { MetricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_PANELS } from '../prometheus';
import { capacityDashboard, type PlannedCapacity } from './capacity.dashboard';
import { stackHealthDashboard } from './health.dashboard';

/** Parts of an environment that the dashboards about the cloud components depend on. */
export interface StackEnvironment {
  /** Planned capacity. @default - the dashboard "Edge: capacity" shows no planned values */
  readonly plan?: PlannedCapacity;
  /** Type of the metrics store in the environment. @default - Prometheus */
  readonly metricsStore?: MetricsStoreType;
}

/**
 * The dashboards about all cloud components: one about their health, one about their capacity, and the
 * dashboard of the metrics store, if the store has a dashboard.
 */
export const stackComponent: Component<object, StackEnvironment> = {
  dashboards: ({ plan, metricsStore }) => {
    const panels = metricsStore ? (metricsStore.panels ?? {}) : PROMETHEUS_PANELS;
    const own = metricsStore?.dashboard;
    return [stackHealthDashboard(panels), capacityDashboard(plan, panels), ...(own ? [own] : [])];
  },
};
