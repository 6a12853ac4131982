import type { Construct } from 'constructs';
import type { DashboardSource } from '../contracts/dashboards';
import type { MetricsStore } from '../contracts/metrics-store';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { RuleOptions } from '../core/rule-set';
import { objectWithAtLeastFieldsRule } from '../core/structure-rules';
import type { Duration, Quantity } from '../core/units';
import type { FleetStore } from '../fleet/fleet';
import type { EvaluationSizes } from './evaluated-store';
import type { PrometheusSizes } from './prometheus';
import type { StorePanels } from './store-panels';
import type { VictoriaMetricsSizes } from './victoria-metrics';

/** Sizes computed for the fleet. Only the sizes of the store that the environment uses are defined. */
export type MetricsStoreSizes = PrometheusSizes & EvaluationSizes & VictoriaMetricsSizes;

/** Settings of an environment that a metrics store reads. */
export interface MetricsStoreSettings {
  /**
   * Retention period, maximum size and out-of-order window of samples.
   * @default - the defaults of the store
   */
  readonly retention?: {
    readonly metrics?: Duration;
    readonly metricsSize?: Quantity;
    readonly outOfOrderWindow?: Duration;
  };
  /** Size of Prometheus's volume. @default - computed from `edge.fleet`; without it, the default of `Prometheus` */
  readonly storage?: { readonly prometheus?: Quantity };
}

/** Settings, rule options and sizes from which a metrics store is created. */
export interface MetricsStoreContext {
  readonly settings: MetricsStoreSettings;
  /** Base URL of runbooks, and overrides of alerts, for rules in PromQL. */
  readonly rules: RuleOptions;
  /** Sizes computed for the fleet. @default - the defaults of the store's constructs */
  readonly sizes?: MetricsStoreSizes;
}

/**
 * Value of the setting `metricsStore`: the kind of store that keeps samples, evaluates rules and answers
 * Grafana's queries. Functions such as `prometheus()` and `remoteStore()` return it.
 */
export interface MetricsStoreType {
  /** Properties of the store from which the sizes for a fleet are computed, such as the kind and the replicas. */
  readonly plan: FleetStore;
  /**
   * Settings that have no effect with this store. The key is the path of the setting below `settings`, such as
   * `retention.metricsSize`. The value is the end of the error message: what to do instead.
   * @default - all settings have an effect
   */
  readonly unread?: Readonly<Record<string, string>>;
  /** Panels about the store on the dashboards of the cloud side. @default - no panels are added */
  readonly panels?: StorePanels;
  /** Dashboard about the store. @default - no dashboard is added */
  readonly dashboard?: DashboardSource;
  /** Creates the constructs of the store. */
  make(scope: Construct, context: MetricsStoreContext): MetricsStore & ScrapeTarget;
}

/** Validates the setting `metricsStore`. */
export const metricsStoreType = objectWithAtLeastFieldsRule(
  'a metrics store, such as prometheus({ replicas: 2 })',
  'make',
);
