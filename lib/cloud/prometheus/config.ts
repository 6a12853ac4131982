import type { AlertSink } from '../../contracts/alert-sink';
import type { RelabelConfig, ScrapeConfig } from '../../contracts/scrape-target';
import { yaml } from '../../core/config-files';
import type { Duration } from '../../core/units';

/** Properties for `prometheusConfig`. */
export interface PrometheusConfigProps {
  /** The label `cluster` of all samples and alerts. */
  readonly cluster: string;
  /** Of targets that do not state one, and of the evaluation of rules. */
  readonly scrapeInterval: Duration;
  /** How late a sample may arrive, in seconds. */
  readonly outOfOrderSeconds: number;
  /** Folder of the files with rules. */
  readonly rulesDirectory: string;
  readonly alertSinks: readonly AlertSink[];
  readonly jobs: readonly ScrapeConfig[];
}

/**
 * Above what filters let through, and what programs say that can be trusted: a scrape that is beyond fails as a whole, and
 * is better than a Prometheus that is killed. A job that may have more says so itself.
 */
const FUSES = {
  sample_limit: 200_000,
  label_limit: 128,
  label_name_length_limit: 1_024,
  label_value_length_limit: 16_384,
};

/**
 * So far ahead of its own clock Prometheus takes a sample that is written remotely (maxAheadTime,
 * storage/remote/write_handler.go). It counts the window of late samples from the newest of all, so that without as much
 * again one node with a wrong clock would take it from all others.
 */
const AHEAD_SECONDS = 600;

/** The configuration file of Prometheus. */
export function prometheusConfig(props: PrometheusConfigProps): string {
  const { cluster, scrapeInterval, outOfOrderSeconds, rulesDirectory, alertSinks, jobs } = props;
  return yaml({
    global: {
      scrape_interval: scrapeInterval,
      evaluation_interval: scrapeInterval,
      external_labels: { cluster },
      ...FUSES,
    },
    storage: { tsdb: { out_of_order_time_window: `${outOfOrderSeconds + AHEAD_SECONDS}s` } },
    rule_files: [`${rulesDirectory}/*.yaml`],
    alerting: {
      alertmanagers: alertSinks.map(({ alertmanagers }) => ({
        static_configs: [{ targets: alertmanagers }],
      })),
    },
    scrape_configs: jobs.map((job) => withCluster(job, cluster)),
  });
}

/** Stamps the cluster last, so that nothing that is scraped or pushed can claim another one. */
function withCluster(job: ScrapeConfig, cluster: string): ScrapeConfig {
  const stamp: RelabelConfig = { target_label: 'cluster', replacement: cluster };
  return {
    ...job,
    relabel_configs: [...(job.relabel_configs ?? []), stamp],
    ...(job.honor_labels === true && {
      metric_relabel_configs: [...(job.metric_relabel_configs ?? []), stamp],
    }),
  };
}
