import type { AlertSink } from '../../contracts/alert-sink';
import type { ScrapeConfig } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { yaml } from '../../core/yaml';

/** Properties for `prometheusConfig`. */
export interface PrometheusConfigProps {
  /** Value of the label `cluster` of all samples and alerts. */
  readonly cluster: string;
  /**
   * Value of the external label `prometheus_replica`. @default - samples have no label `prometheus_replica`, for a
   * single replica
   */
  readonly replica?: string;
  /** Default scrape interval, and evaluation interval of rules. */
  readonly scrapeInterval: Duration;
  /** Out-of-order window in seconds. */
  readonly outOfOrderSeconds: number;
  /** Path of the folder with the rule files. */
  readonly rulesDirectory: string;
  readonly alertSinks: readonly AlertSink[];
  /** Scrape jobs, which already set the label `cluster`. */
  readonly jobs: readonly ScrapeConfig[];
}

/**
 * Safety limits for each scrape. They are above the limits of the push filter, and above what targets of this
 * stack expose. A scrape that exceeds a limit fails as a whole, which is better than a Prometheus that runs
 * out of memory. A scrape job may override the limits.
 */
export const FUSES = {
  sample_limit: 200_000,
  label_limit: 128,
  label_name_length_limit: 1_024,
  label_value_length_limit: 16_384,
};

/**
 * How many seconds ahead of its own clock Prometheus accepts samples by remote write (maxAheadTime in
 * storage/remote/write_handler.go). The out-of-order window starts at the newest sample, so a node whose
 * clock is ahead would shorten the window for all other nodes. The window is therefore extended by this time.
 */
export const AHEAD_SECONDS = 600;

/**
 * External label that identifies a replica, with the name that the Prometheus Operator uses. It is dropped
 * from alerts, so that Alertmanager can deduplicate the alerts of all replicas.
 */
const REPLICA_LABEL = 'prometheus_replica';

/** Returns the content of Prometheus's configuration file. */
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
