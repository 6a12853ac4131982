import { type OptionTable, offered } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { PROMETHEUS_OPTIONS, type PrometheusProps } from './prometheus';

/** Options of Prometheus that settings forward. */
const OFFERED = ['logLevel', 'resources'] as const;

/** Settings for Prometheus. */
export type PrometheusSettings = Pick<PrometheusProps, (typeof OFFERED)[number]>;

/** Settings of an environment for Prometheus. */
interface OwnSettings {
  /** Settings for Prometheus: log level and resources. @default - sized for `edge.fleet` */
  readonly prometheus?: PrometheusSettings;
}

/** Retention period and out-of-order window of samples. */
interface PrometheusRetention {
  /** Retention period of samples. @default "15d" */
  readonly metrics?: Duration;
  /** Maximum size of the stored samples. @default - 80 % of Prometheus's volume */
  readonly metricsSize?: Quantity;
  /** How late a sample may arrive, at least as long as the longest outage without loss. @default "2h" */
  readonly outOfOrderWindow?: Duration;
}

/** The volume of Prometheus. */
interface PrometheusStorage {
  /** Size of the volume for samples. @default "20Gi" - or what `edge.fleet` needs */
  readonly prometheus?: Quantity;
}

/** Settings of an environment that Prometheus uses. */
export interface PrometheusEnvironment extends OwnSettings {
  readonly retention?: PrometheusRetention;
  readonly storage?: PrometheusStorage;
}

/** The settings `prometheus`. */
export const PROMETHEUS_SETTINGS = {
  prometheus: { rule: offered<PrometheusProps>(PROMETHEUS_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Prometheus's part of the settings `retention`. */
export const PROMETHEUS_RETENTION = {
  metrics: PROMETHEUS_OPTIONS.retention,
  metricsSize: PROMETHEUS_OPTIONS.retentionSize,
  outOfOrderWindow: PROMETHEUS_OPTIONS.outOfOrderWindow,
} satisfies OptionTable<PrometheusRetention>;

/** Prometheus's part of the settings `storage`. */
export const PROMETHEUS_STORAGE = {
  prometheus: PROMETHEUS_OPTIONS.storage,
} satisfies OptionTable<PrometheusStorage>;
