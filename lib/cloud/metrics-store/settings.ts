import type { OptionTable } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { type MetricsStoreType, metricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_OPTIONS } from '../prometheus';

/** Settings of an environment for the store of metrics. */
interface OwnSettings {
  /**
   * Store of the metrics, which also evaluates rules and answers Grafana's queries.
   * @default prometheus() - two replicas where `edge.fleet` has more than 10 nodes, as large as it needs them
   */
  readonly metricsStore?: MetricsStoreType;
}

/** Retention period and out-of-order window of samples. */
interface MetricsRetention {
  /** Retention period of samples. @default "15d" */
  readonly metrics?: Duration;
  /** Maximum size of the stored samples. @default - 80 % of Prometheus's volume */
  readonly metricsSize?: Quantity;
  /** How late a sample may arrive, at least as long as the longest outage without loss. @default "2h" */
  readonly outOfOrderWindow?: Duration;
}

/** The volume of Prometheus. */
interface MetricsStorage {
  /** Size of the volume for samples. @default "20Gi" - or what `edge.fleet` needs */
  readonly prometheus?: Quantity;
}

/** Settings of an environment that the store of metrics uses. */
export interface MetricsStoreEnvironment extends OwnSettings {
  readonly retention?: MetricsRetention;
  readonly storage?: MetricsStorage;
}

/** The setting `metricsStore`. */
export const METRICS_STORE_SETTINGS = {
  metricsStore: { rule: metricsStoreType, default: undefined, renamedFrom: 'prometheus' },
} satisfies OptionTable<OwnSettings>;

/** The part of the settings `retention` for metrics. */
export const METRICS_RETENTION = {
  metrics: PROMETHEUS_OPTIONS.retention,
  metricsSize: PROMETHEUS_OPTIONS.retentionSize,
  outOfOrderWindow: PROMETHEUS_OPTIONS.outOfOrderWindow,
} satisfies OptionTable<MetricsRetention>;

/** The part of the settings `storage` for Prometheus. */
export const METRICS_STORAGE = {
  prometheus: PROMETHEUS_OPTIONS.storage,
} satisfies OptionTable<MetricsStorage>;
