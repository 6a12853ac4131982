import type { AlertSink } from '../../contracts/alert-sink';
import type { ScrapeConfig } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { yaml } from '../../core/yaml';

/** Properties for `prometheusConfig`. */
export interface PrometheusConfigProps {
  /** Value of the label `cluster` of all samples and alerts. */
  readonly cluster: string;
  /** Value of the label that identifies a replica outside of the cluster. @default - no such label */
  readonly replica?: string;
  /** Default scrape interval, and evaluation interval of rules. */
  readonly scrapeInterval: Duration;
  /** Out-of-order window in seconds. */
  readonly outOfOrderSeconds: number;
  /** Folder of the rule files. */
  readonly rulesDirectory: string;
  readonly alertSinks: readonly AlertSink[];
  /** With the label `cluster`. */
  readonly jobs: readonly ScrapeConfig[];
}

/**
 * Safety limits above those of the push filter and of trusted targets: a scrape beyond them fails as a whole,
 * which is better than a Prometheus that runs out of memory. A job may override them.
 */
export const FUSES = {
  sample_limit: 200_000,
  label_limit: 128,
  label_name_length_limit: 1_024,
  label_value_length_limit: 16_384,
};

/**
 * How far ahead of its own clock Prometheus accepts samples by remote write (maxAheadTime,
 * storage/remote/write_handler.go). The out-of-order window is relative to the newest sample, so it is
 * extended by this time; otherwise a single node with a wrong clock would shorten it for all others.
 */
export const AHEAD_SECONDS = 600;

/** The label that identifies a replica, as the Prometheus Operator names it. It is dropped from alerts, which are then the same of all replicas. */
const REPLICA_LABEL = 'prometheus_replica';

/** Returns the configuration file of Prometheus. */
export function prometheusConfig(props: PrometheusConfigProps): string {
  const { cluster, replica, scrapeInterval, outOfOrderSeconds, rulesDirectory, alertSinks, jobs } = props;
  return yaml({
    global: {
      scrape_interval: scrapeInterval,
      evaluation_interval: scrapeInterval,
      external_labels: { cluster, ...(replica && { [REPLICA_LABEL]: replica }) },
      ...FUSES,
    },
    storage: { tsdb: { out_of_order_time_window: `${outOfOrderSeconds + AHEAD_SECONDS}s` } },
    rule_files: [`${rulesDirectory}/*.yaml`],
    alerting: {
      ...(replica && { alert_relabel_configs: [{ action: 'labeldrop', regex: REPLICA_LABEL }] }),
      alertmanagers: alertSinks.map(({ alertmanagers }) => ({
        static_configs: [{ targets: alertmanagers }],
      })),
    },
    scrape_configs: jobs,
  });
}
