import type { AlertSink } from '../../contracts/alert-sink';
import type { ScrapeConfig } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { yaml } from '../../core/yaml';

/** Properties for `renderPrometheusConfig`. */
export interface PrometheusConfigProps {
  /** Value of the label `cluster` of all samples and alerts. */
  readonly cluster: string;
  /**
   * Value of the external label `prometheus_replica`. @default - no label, for a Prometheus with a single
   * replica
   */
  readonly replica?: string;
  /** Default scrape interval, and evaluation interval of rules. */
  readonly scrapeInterval: Duration;
  /** Out-of-order window in seconds. */
  readonly outOfOrderSeconds: number;
  /** Path of the folder that contains the rule files. */
  readonly rulesDirectory: string;
  /** Alertmanagers to which Prometheus sends alerts. */
  readonly alertSinks: readonly AlertSink[];
  /** Scrape jobs, with a relabeling step that sets the label `cluster`. */
  readonly jobs: readonly ScrapeConfig[];
}

/**
 * Safety limits of each scrape job. These limits are higher than the limits of the push filter, and higher than any
 * target of this stack needs. A scrape that exceeds a limit fails as a whole. Without the limits, Prometheus could run
 * out of memory. A scrape job can override the limits.
 */
export const SCRAPE_SAFETY_LIMITS = {
  sample_limit: 200_000,
  label_limit: 128,
  label_name_length_limit: 1_024,
  label_value_length_limit: 16_384,
};

/**
 * Prometheus accepts remote-write samples whose timestamps are up to this number of seconds ahead of its own
 * clock (maxAheadTime in storage/remote/write_handler.go). The out-of-order
 * window is measured back from the newest sample. A node whose clock is ahead would therefore shorten the
 * window for all other nodes, so the configured window is extended by this number of seconds.
 */
export const MAX_AHEAD_SECONDS = 600;

/**
 * External label that identifies a replica. The Prometheus Operator uses the same name. Prometheus drops the
 * label from alerts, so that Alertmanager can deduplicate the alerts of all replicas.
 */
const REPLICA_LABEL = 'prometheus_replica';

/** Renders Prometheus's configuration file. */
export function renderPrometheusConfig(props: PrometheusConfigProps): string {
  const { cluster, replica, scrapeInterval, outOfOrderSeconds, rulesDirectory, alertSinks, jobs } = props;
  return yaml({
    global: {
      scrape_interval: scrapeInterval,
      evaluation_interval: scrapeInterval,
      external_labels: { cluster, ...(replica && { [REPLICA_LABEL]: replica }) },
      ...SCRAPE_SAFETY_LIMITS,
    },
    storage: { tsdb: { out_of_order_time_window: `${outOfOrderSeconds + MAX_AHEAD_SECONDS}s` } },
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
