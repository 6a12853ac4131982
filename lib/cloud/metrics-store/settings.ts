import type { OptionTable } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { type MetricsStoreType, metricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_OPTIONS } from '../prometheus';

/** Top-level settings of an environment that only the metrics store uses. */
interface OwnSettings {
  /**
   * Metrics store, which keeps samples, evaluates rules and answers Grafana's queries: `prometheus()`,
   * `prometheusOperator()`, `remoteStore()` or `victoriaMetricsCluster()`.
   * @default prometheus() - with sizes that are computed from `edge.fleet`, and with two replicas if `edge.fleet` has
   * more than 10 nodes
   */
  readonly metricsStore?: MetricsStoreType;
}

/** Settings below `retention` that only the metrics store uses. */
interface MetricsRetention {
  /** Retention period of samples. @default "15d" */
  readonly metrics?: Duration;
  /**
   * Maximum size of the samples that Prometheus keeps. Prometheus deletes the oldest samples above this size.
   * @default - 80 % of Prometheus's volume
   */
  readonly metricsSize?: Quantity;
  /**
   * Out-of-order window: how late a sample may arrive. Set it to at least the longest outage after which no
   * samples may be lost, because Prometheus rejects older samples.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
}

/** Settings below `storage` that only the metrics store uses. */
interface MetricsStorage {
  /**
   * Size of the volume of each Prometheus replica.
   * @default "20Gi" - or, if `edge.fleet` is set, the size that is computed for the fleet (at least 20Gi)
   */
  readonly prometheus?: Quantity;
}

/** All settings of an environment that the metrics store uses. */
export interface MetricsStoreEnvironment extends OwnSettings {
  readonly retention?: MetricsRetention;
  readonly storage?: MetricsStorage;
}

/** Validation rule and default of the setting `metricsStore`. */
export const METRICS_STORE_SETTINGS = {
  metricsStore: { rule: metricsStoreType, default: undefined, renamedFrom: 'prometheus' },
} satisfies OptionTable<OwnSettings>;

/** Validation rule and default of each setting below `retention` that the metrics store uses. */
export const METRICS_RETENTION = {
  metrics: PROMETHEUS_OPTIONS.retention,
  metricsSize: PROMETHEUS_OPTIONS.retentionSize,
  outOfOrderWindow: PROMETHEUS_OPTIONS.outOfOrderWindow,
} satisfies OptionTable<MetricsRetention>;

/** Validation rule and default of the setting `storage.prometheus`. */
export const METRICS_STORAGE = {
  prometheus: PROMETHEUS_OPTIONS.storage,
} satisfies OptionTable<MetricsStorage>;
