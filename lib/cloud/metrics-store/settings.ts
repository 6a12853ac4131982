import type { OptionTable } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { type MetricsStoreType, metricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_OPTIONS } from '../prometheus';

/** Top-level settings of an environment that belong to the metrics store. */
interface OwnSettings {
  /**
   * Metrics store, which keeps samples, evaluates rules and answers Grafana's queries: `prometheus()`,
   * `prometheusOperator()`, `remoteStore()` or `victoriaMetricsCluster()`.
   * @default prometheus() - with two replicas if `edge.fleet` has more than 10 nodes; its size is computed
   * from `edge.fleet`
   */
  readonly metricsStore?: MetricsStoreType;
}

/** Fields of the setting `retention` that belong to the metrics store. */
interface MetricsRetention {
  /** Retention period of samples. @default "15d" */
  readonly metrics?: Duration;
  /** Maximum size of the stored samples. @default - 80 % of Prometheus's volume */
  readonly metricsSize?: Quantity;
  /**
   * How late a sample may arrive. Set it to at least the longest outage after which no samples may be lost.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
}

/** Fields of the setting `storage` that belong to the metrics store. */
interface MetricsStorage {
  /** Size of the volume of each Prometheus replica. @default "20Gi" - or more, computed from `edge.fleet` */
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

/** Validation rules and defaults of the metrics store's fields in the setting `retention`. */
export const METRICS_RETENTION = {
  metrics: PROMETHEUS_OPTIONS.retention,
  metricsSize: PROMETHEUS_OPTIONS.retentionSize,
  outOfOrderWindow: PROMETHEUS_OPTIONS.outOfOrderWindow,
} satisfies OptionTable<MetricsRetention>;

/** Validation rule and default of the setting `storage.prometheus`. */
export const METRICS_STORAGE = {
  prometheus: PROMETHEUS_OPTIONS.storage,
} satisfies OptionTable<MetricsStorage>;
