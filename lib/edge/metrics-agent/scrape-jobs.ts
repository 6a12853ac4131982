import type { NodeTarget } from '../../contracts/metrics-sink';
import type { RelabelConfig, ScrapeConfig } from '../../contracts/scrape-target';
import { SLOW_METRICS } from '../../core/scrape-rules';
import { type Duration, toSeconds } from '../../core/units';

/** A service on the node that the agent scrapes. */
export interface EdgeService {
  /** Value of the label `job`. */
  readonly job: string;
  /** Port on the node: the port of a pod on the host's network, or a `hostPort`. */
  readonly port: number;
  /** URL path of the metrics. @default "/metrics" */
  readonly metricsPath?: string;
  /** Scrape interval. @default - the agent's scrape interval */
  readonly interval?: Duration;
}

/**
 * References to environment variables in vmagent's syntax. vmagent replaces each reference by the value of the
 * variable.
 */
const NODE_NAME = '%{NODE_NAME}';
const NODE_ADDRESS = '%{NODE_IP}';

/** Relabeling that encloses an IPv6 address in brackets, as required before a port. */
const BRACKET_IPV6: RelabelConfig = {
  source_labels: ['instance'],
  regex: '([^[]*:.*):(\\d+)',
  target_label: 'instance',
  replacement: '[$1]:$2',
};

/** Label that marks series that are scraped less often. The relabeling of sent samples removes it. */
const SLOW_LABEL = 'slow_scrape';

/** Returns the name of the scrape job for slow metrics. The series have the label `job` of the target, not this name. */
const scrapeJobNameOfSlowMetrics = (job: string): string => `${job}-slow`;

/** Returns the names that a target's scrape jobs can have: `JOB`, and `JOB-slow` if the target has slow metrics. */
export const scrapeJobNamesOfTarget = ({ job, slowMetrics }: NodeTarget): string[] => [
  job,
  ...(slowMetrics ? [scrapeJobNameOfSlowMetrics(job)] : []),
];

/**
 * Returns the scrape interval of a target's slow metrics. Returns `undefined` if the target has no slow metrics, or
 * if their interval is not longer than the interval of the other metrics.
 */
function scrapeIntervalOfSlowMetrics(
  { slowMetrics, interval }: NodeTarget,
  agentInterval: string,
): string | undefined {
  if (!slowMetrics) return undefined;
  const { interval: slow = SLOW_METRICS.interval.default } = slowMetrics;
  return toSeconds(slow as Duration) > toSeconds((interval ?? agentInterval) as Duration) ? slow : undefined;
}

/**
 * Returns the scrape jobs of a target: one job, or two if the target has slow metrics whose interval is longer than the
 * interval of the other metrics.
 */
export function scrapeJobsOfTarget(target: NodeTarget, agentInterval: string): ScrapeConfig[] {
  const slow = scrapeIntervalOfSlowMetrics(target, agentInterval);
  if (!slow) return [scrapeJobForNodePort(target)];
  const { job, slowMetrics, metricRelabeling = [] } = target;
  const names = slowMetrics?.names ?? [];
  return [
    scrapeJobForNodePort({
      ...target,
      metricRelabeling: [...metricRelabeling, relabelingToKeepOrDropMetrics('drop', names)],
    }),
    scrapeJobForNodePort(
      {
        ...target,
        ...{ job: scrapeJobNameOfSlowMetrics(job), interval: slow },
        metricRelabeling: [...metricRelabeling, relabelingToKeepMetrics(names)],
      },
      { job, [SLOW_LABEL]: 'true' },
    ),
  ];
}

/** Returns a scrape job for a port of the node. */
export function scrapeJobForNodePort(
  { job, port, metricsPath, instance, interval, timeout, targets, metricRelabeling, seriesLimit }: NodeTarget,
  moreLabels: Readonly<Record<string, string>> = {},
): ScrapeConfig {
  const own = { instance: instance === 'node' ? NODE_NAME : `${NODE_ADDRESS}:${port}` };
  return {
    job_name: job,
    ...(interval && { scrape_interval: interval }),
    ...(timeout && { scrape_timeout: timeout }),
    metrics_path: metricsPath,
    static_configs: (targets?.map(labelsOfExporterTarget) ?? [own]).map((labels) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { ...labels, ...moreLabels },
    })),
    ...(instance === 'address' && { relabel_configs: [BRACKET_IPV6] }),
    ...(seriesLimit && { series_limit: seriesLimit }),
    ...(metricRelabeling?.length && { metric_relabel_configs: metricRelabeling }),
  };
}

/** Returns the labels of a target of a multi-target exporter. Rules recognize these targets by the label `target`. */
const labelsOfExporterTarget = ({
  instance,
  params,
}: NonNullable<NodeTarget['targets']>[number]): Record<string, string> => ({
  instance,
  target: instance,
  ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`__param_${name}`, value])),
});

/**
 * Returns the scrape job for the targets that are listed in the files of a folder. The files can set the label `job` of
 * each target.
 */
export function fileDiscoveryScrapeJob(folder: string): ScrapeConfig {
  return {
    job_name: 'services',
    file_sd_configs: [{ files: ['yaml', 'yml', 'json'].map((ending) => `${folder}/*.${ending}`) }],
    relabel_configs: [
      // By default, the label instance is the target's loopback address, which is the same on every node.
      { source_labels: ['instance'], regex: '', target_label: 'instance', replacement: NODE_NAME },
    ],
  };
}

/** Basic auth user of the agent's HTTP server. A new password is generated at each start of the pod. */
export const AGENT_USER = 'agent';

/**
 * Interval at which the agent scrapes its own metrics. Rules in the cloud use these metrics to recognize that the node
 * is up.
 */
export const SELF_SCRAPE_INTERVAL: Duration = '60s';

/** Returns the scrape job for the agent's own metrics, such as queue size, dropped samples and failed scrapes. */
export function agentMetricsScrapeJob(port: number, name: string, loginFile: string): ScrapeConfig {
  return {
    ...scrapeJobForNodePort({
      job: name,
      port,
      metricsPath: '/metrics',
      instance: 'node',
      interval: SELF_SCRAPE_INTERVAL,
    }),
    basic_auth: { username: AGENT_USER, password_file: loginFile },
    metric_relabel_configs: [
      {
        source_labels: ['__name__'],
        regex: [
          'process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds)',
          'vm_app_version',
          'vm_persistentqueue_(bytes_dropped_total|free_disk_space_bytes)',
          'vm_promscrape_(config_last_reload_successful|scrapes_failed_total)',
          'vmagent_remotewrite_(bytes_sent_total|conn_bytes_(read|written)_total|errors_total|packets_dropped_total|pending_data_bytes|rate_limit_reached_total|requests_total|retries_count_total)',
        ].join('|'),
        action: 'keep',
      },
      // The labels path and url are redundant, because there is only one queue and one URL.
      { regex: 'path|url', action: 'labeldrop' },
    ],
  };
}

/**
 * Returns the scrape job for the push listener's counters. The label `job` of a counter is the job of the service that
 * pushes.
 */
export const pushListenerScrapeJob = (port: number, name: string): ScrapeConfig => ({
  ...scrapeJobForNodePort({
    job: `${name}-pushes`,
    port,
    metricsPath: '/metrics',
    instance: 'node',
    interval: SELF_SCRAPE_INTERVAL,
  }),
  honor_labels: true,
});

const relabelingToKeepOrDropMetrics = (action: 'keep' | 'drop', names: readonly string[]): RelabelConfig => ({
  source_labels: ['__name__'],
  regex: names.join('|'),
  action,
});

/** Returns the relabeling that only keeps metrics whose name matches one of the regular expressions. */
export const relabelingToKeepMetrics = (names: readonly string[]): RelabelConfig =>
  relabelingToKeepOrDropMetrics('keep', names);

/** Metrics that vmagent adds for each target and that no rule or dashboard uses. They are not sent. */
const UNUSED_METRICS = [
  'scrape_response_size_bytes',
  'scrape_samples_(limit|post_metric_relabeling)',
  'scrape_series_(added|limit)',
  'scrape_timeout_seconds',
];

/**
 * Returns the relabeling of all series before the agent sends them. The relabeling drops unused metrics. If a target
 * runs on only some nodes, its series `up` and `scrape_...` are dropped, too. For a target with two scrape jobs, the
 * agent sends `up`, `scrape_duration_seconds` and `scrape_samples_scraped` of one job, and `scrape_series_...` of both.
 */
export function relabelingBeforeSending(
  targets: readonly NodeTarget[],
  agentInterval: string,
): RelabelConfig[] {
  const relabelingToDropSeries = (selector: string): RelabelConfig => ({
    if: `{${selector}}`,
    action: 'drop',
  });
  const jobLabelMatcher = ({ job }: NodeTarget) => `job=${JSON.stringify(job)}`;
  const slow = targets.filter((target) => scrapeIntervalOfSlowMetrics(target, agentInterval));
  return [
    relabelingToKeepOrDropMetrics('drop', UNUSED_METRICS),
    ...targets
      .filter(({ onSomeNodes }) => onSomeNodes)
      .map((target) => relabelingToDropSeries(`${jobLabelMatcher(target)},__name__=~"up|scrape_.+"`)),
    ...slow.map((target) =>
      relabelingToDropSeries(
        `${jobLabelMatcher(target)},${SLOW_LABEL}="",__name__=~"scrape_(duration_seconds|samples_scraped)"`,
      ),
    ),
    ...(slow.length
      ? [
          relabelingToDropSeries(`${SLOW_LABEL}="true",__name__="up"`),
          {
            if: `{${SLOW_LABEL}="true",__name__!~"scrape_series_.+"}`,
            regex: SLOW_LABEL,
            action: 'labeldrop' as const,
          },
        ]
      : []),
  ];
}
