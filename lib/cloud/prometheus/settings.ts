import { type OptionTable, offered } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { PROMETHEUS_OPTIONS, type PrometheusProps } from './prometheus';

/** Options of Prometheus that settings pass on as they are. */
const OFFERED = ['logLevel', 'resources'] as const;

/** What Prometheus takes. */
export type PrometheusSettings = Pick<PrometheusProps, (typeof OFFERED)[number]>;

/** Settings of an environment for Prometheus. */
interface OwnSettings {
  /** @default - as large as `edge.fleet` needs it */
  readonly prometheus?: PrometheusSettings;
}

/** How long and how late samples are stored. */
interface PrometheusRetention {
  /** How long samples are kept. @default "15d" */
  readonly metrics?: Duration;
  /** At most so much, whatever its age. @default - four fifths of Prometheus's volume */
  readonly metricsSize?: Quantity;
  /** How late a sample may arrive: as long as an outage that nothing is to be lost in. @default "2h" */
  readonly outOfOrderWindow?: Duration;
}

/** The volume of Prometheus. */
interface PrometheusStorage {
  /** Samples. @default "20Gi" - or what `edge.fleet` needs */
  readonly prometheus?: Quantity;
}

/** Settings that concern Prometheus. */
export interface PrometheusEnvironment extends OwnSettings {
  readonly retention?: PrometheusRetention;
  readonly storage?: PrometheusStorage;
}

/** The settings `prometheus`. */
export const PROMETHEUS_SETTINGS = {
  prometheus: { rule: offered<PrometheusProps>(PROMETHEUS_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Its part of the settings `retention`. */
export const PROMETHEUS_RETENTION = {
  metrics: PROMETHEUS_OPTIONS.retention,
  metricsSize: PROMETHEUS_OPTIONS.retentionSize,
  outOfOrderWindow: PROMETHEUS_OPTIONS.outOfOrderWindow,
} satisfies OptionTable<PrometheusRetention>;

/** Its part of the settings `storage`. */
export const PROMETHEUS_STORAGE = {
  prometheus: PROMETHEUS_OPTIONS.storage,
} satisfies OptionTable<PrometheusStorage>;
