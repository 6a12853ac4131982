import type { Construct } from 'constructs';
import type { DashboardSource } from '../contracts/dashboards';
import type { MetricsStore } from '../contracts/metrics-store';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { RuleOptions } from '../core/rule-set';
import { objectWithFields } from '../core/structure-rules';
import type { Duration, Quantity } from '../core/units';
import type { FleetStore } from '../fleet/fleet';
import type { EvaluationSizes } from './evaluated-store';
import type { PrometheusSizes } from './prometheus';
import type { StorePanels } from './store-panels';
import type { VictoriaMetricsSizes } from './victoria-metrics';

/** Sizes of the stores for the fleet; those of the chosen one are defined. */
export type MetricsStoreSizes = PrometheusSizes & EvaluationSizes & VictoriaMetricsSizes;

/** Settings of an environment that concern where its samples are kept. */
export interface MetricsStoreSettings {
  /** Retention period and out-of-order window. @default - those of the store */
  readonly retention?: {
    readonly metrics?: Duration;
    readonly metricsSize?: Quantity;
    readonly outOfOrderWindow?: Duration;
  };
  /** Volume of Prometheus. @default - what `edge.fleet` needs */
  readonly storage?: { readonly prometheus?: Quantity };
}

/** Parts of an environment that its metrics store needs. */
export interface MetricsStoreContext {
  readonly settings: MetricsStoreSettings;
  /** Changes of alerts in PromQL, and where their runbooks are. */
  readonly rules: RuleOptions;
  /** Sizes for the fleet. @default - those of its construct */
  readonly sizes?: MetricsStoreSizes;
}

/**
 * The setting `metricsStore`: stores the samples of an environment, evaluates its rules and answers Grafana. Each type has a
 * folder with a function that returns it, such as `prometheus()`.
 */
export interface MetricsStoreType {
  /** How the store is named in plans. */
  readonly plan: FleetStore;
  /** Settings that have no effect with it, by path below `settings`, each with what to do instead. @default - none */
  readonly unread?: Readonly<Record<string, string>>;
  /** Panels about it on the dashboards of the cloud side. @default - none */
  readonly panels?: StorePanels;
  /** Dashboard about it alone. @default - none */
  readonly dashboard?: DashboardSource;
  /** Makes its constructs. */
  make(scope: Construct, context: MetricsStoreContext): MetricsStore & ScrapeTarget;
}

/** The setting `metricsStore`. */
export const metricsStoreType = objectWithFields(
  'a store of metrics, such as prometheus({ replicas: 2 })',
  'make',
);
