import type { NodeTarget } from '../../contracts/metrics-sink';
import type { RelabelConfig, ScrapeConfig } from '../../contracts/scrape-target';
import { SLOW_METRICS } from '../../core/scrape-rules';
import { type Duration, seconds } from '../../core/units';

/** A port of a business service on the node, which the agent scrapes. */
export interface EdgeService {
  /** Value of the label `job`. */
  readonly job: string;
  /** Port on the node: of a pod on the host's network, or a hostPort. */
  readonly port: number;
  /** Path of the metrics. @default "/metrics" */
  readonly metricsPath?: string;
  /** Scrape interval. @default - the agent's */
  readonly interval?: Duration;
}

/** Options for scraping KubeEdge's kubelet. */
export interface KubeletScrape {
  /** Scrape interval. @default "30s" */
  readonly interval?: Duration;
  /** Its read-only port on the node's loopback address, plain HTTP. @default 10350 - KubeEdge's default */
  readonly port?: number;
}

/** A variable of the environment, which vmagent expands. */
const NODE_NAME = '%{NODE_NAME}';
const NODE_ADDRESS = '%{NODE_IP}';

/** Puts IPv6 addresses in brackets, as required before a port. */
const IN_BRACKETS: RelabelConfig = {
  source_labels: ['instance'],
  regex: '([^[]*:.*):(\\d+)',
  target_label: 'instance',
  replacement: '[$1]:$2',
};

/** Marks series that are scraped less often, until they are sent. */
const SLOW_LABEL = 'slow_scrape';

/** Returns the scrape job for slow metrics; their label `job` is that of the target. */
const slowJobName = (job: string): string => `${job}-slow`;

/** Returns the names of a target's scrape jobs. */
export const jobNames = ({ job, slowMetrics }: NodeTarget): string[] => [
  job,
  ...(slowMetrics ? [slowJobName(job)] : []),
];

/**
 * Returns the scrape interval of a target's slow metrics; undefined if it is not longer than that of the
 * others.
 */
function slowInterval({ slowMetrics, interval }: NodeTarget, agentInterval: string): string | undefined {
  if (!slowMetrics) return undefined;
  const { interval: slow = SLOW_METRICS.interval.default } = slowMetrics;
  return seconds(slow as Duration) > seconds((interval ?? agentInterval) as Duration) ? slow : undefined;
}

/** Returns the scrape jobs of a target: one, and a second one for slow metrics. */
export function targetJobs(target: NodeTarget, agentInterval: string): ScrapeConfig[] {
  const slow = slowInterval(target, agentInterval);
  if (!slow) return [scrapeJob(target)];
  const { job, slowMetrics, metricRelabeling = [] } = target;
  const names = slowMetrics?.names ?? [];
  return [
    scrapeJob({ ...target, metricRelabeling: [...metricRelabeling, relabelByName('drop', names)] }),
    scrapeJob(
      {
        ...target,
        ...{ job: slowJobName(job), interval: slow },
        metricRelabeling: [...metricRelabeling, keepMetrics(names)],
      },
      { job, [SLOW_LABEL]: 'true' },
    ),
  ];
}

/** Returns a scrape job for a port of the node. */
function scrapeJob(
  { job, port, metricsPath, instance, interval, timeout, targets, metricRelabeling, seriesLimit }: NodeTarget,
  moreLabels: Readonly<Record<string, string>> = {},
): ScrapeConfig {
  const own = { instance: instance === 'node' ? NODE_NAME : `${NODE_ADDRESS}:${port}` };
  return {
    job_name: job,
    ...(interval && { scrape_interval: interval }),
    ...(timeout && { scrape_timeout: timeout }),
    metrics_path: metricsPath,
    static_configs: (targets?.map(targetLabels) ?? [own]).map((labels) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { ...labels, ...moreLabels },
    })),
    ...(instance === 'address' && { relabel_configs: [IN_BRACKETS] }),
    ...(seriesLimit && { series_limit: seriesLimit }),
    ...(metricRelabeling?.length && { metric_relabel_configs: metricRelabeling }),
  };
}

/** Returns the labels of a target; `target` marks those of multi-target exporters. */
const targetLabels = ({
  instance,
  params,
}: NonNullable<NodeTarget['targets']>[number]): Record<string, string> => ({
  instance,
  target: instance,
  ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`__param_${name}`, value])),
});

/** Returns the scrape job for targets in files of a folder, which may set any job. */
export function fileDiscoveryJob(folder: string): ScrapeConfig {
  return {
    job_name: 'services',
    file_sd_configs: [{ files: ['yaml', 'yml', 'json'].map((ending) => `${folder}/*.${ending}`) }],
    relabel_configs: [
      // The address is meaningless in the cloud and the same on every node.
      { source_labels: ['instance'], regex: '', target_label: 'instance', replacement: NODE_NAME },
    ],
  };
}

/** User of the agent's HTTP server; its password is created at each start of the pod. */
export const AGENT_USER = 'agent';

/** Scrape interval of the agent's own metrics, from which the cloud knows that the node is up. */
export const OWN_INTERVAL: Duration = '60s';

/** Returns the scrape job for the agent's own metrics: queue, dropped samples, failed scrapes. */
export function agentJob(port: number, name: string, loginFile: string): ScrapeConfig {
  return {
    ...scrapeJob({ job: name, port, metricsPath: '/metrics', instance: 'node', interval: OWN_INTERVAL }),
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
      // There is only one queue and URL.
      { regex: 'path|url', action: 'labeldrop' },
    ],
  };
}

/** Returns the scrape job for the counters of the listener for pushes, by the job that pushes. */
export const pushesJob = (port: number, name: string): ScrapeConfig => ({
  ...scrapeJob({
    job: `${name}-pushes`,
    port,
    metricsPath: '/metrics',
    instance: 'node',
    interval: OWN_INTERVAL,
  }),
  honor_labels: true,
});

/** Returns the scrape jobs for the kubelet's metrics of containers and pods. */
export function kubeletJobs(
  { interval, port }: Required<KubeletScrape>,
  containerMetrics: readonly string[],
): ScrapeConfig[] {
  const kubeletJob = (job_name: string, metricsPath: string, metricRelabeling: RelabelConfig[]) =>
    scrapeJob({ job: job_name, port, metricsPath, instance: 'node', interval, metricRelabeling });
  return [
    kubeletJob('cadvisor', '/metrics/cadvisor', [keepMetrics(containerMetrics), ...CONTAINERS_ONLY]),
    kubeletJob('kubelet-resource', '/metrics/resource', [
      keepMetrics([
        'node_(cpu_usage_seconds_total|memory_working_set_bytes)',
        'pod_.+',
        '(resource_)?scrape_error',
      ]),
    ]),
  ];
}

const relabelByName = (action: 'keep' | 'drop', names: readonly string[]): RelabelConfig => ({
  source_labels: ['__name__'],
  regex: names.join('|'),
  action,
});

/** Returns the relabeling that keeps metrics of these names (regular expressions). */
export const keepMetrics = (names: readonly string[]): RelabelConfig => relabelByName('keep', names);

/**
 * Keeps cadvisor's cgroups of containers, and of pods' networks. Some edge nodes report neither pod nor
 * container (kubeedge#2817); the cgroup's path identifies them there.
 */
const CONTAINERS_ONLY: readonly RelabelConfig[] = [
  { if: '{container="POD",__name__!~"container_network_.+"}', action: 'drop' },
  { if: '{container="",pod!="",__name__!~"container_network_.+"}', action: 'drop' },
  { if: '{container="",pod="",id!~".*/(pod[^/]+/[^/]+|docker/.+)"}', action: 'drop' },
  { if: '{pod!=""}', regex: 'id|image|name', action: 'labeldrop' },
];

/** Metrics that vmagent adds to each target and that nothing uses. */
const UNREAD = [
  'scrape_response_size_bytes',
  'scrape_samples_(limit|post_metric_relabeling)',
  'scrape_series_(added|limit)',
  'scrape_timeout_seconds',
];

/**
 * Returns the relabeling of all series before they are sent. `up` is dropped for targets that not every node
 * has; the series of a target with two scrape jobs are merged into one job, and both counts are kept.
 */
export function sentSamplesRelabeling(
  targets: readonly NodeTarget[],
  agentInterval: string,
): RelabelConfig[] {
  const dropSelected = (selector: string): RelabelConfig => ({ if: `{${selector}}`, action: 'drop' });
  const jobMatcher = ({ job }: NodeTarget) => `job=${JSON.stringify(job)}`;
  const slow = targets.filter((target) => slowInterval(target, agentInterval));
  return [
    relabelByName('drop', UNREAD),
    ...targets
      .filter(({ onSomeNodes }) => onSomeNodes)
      .map((target) => dropSelected(`${jobMatcher(target)},__name__=~"up|scrape_.+"`)),
    ...slow.map((target) =>
      dropSelected(
        `${jobMatcher(target)},${SLOW_LABEL}="",__name__=~"scrape_(duration_seconds|samples_scraped)"`,
      ),
    ),
    ...(slow.length
      ? [
          dropSelected(`${SLOW_LABEL}="true",__name__="up"`),
          {
            if: `{${SLOW_LABEL}="true",__name__!~"scrape_series_.+"}`,
            regex: SLOW_LABEL,
            action: 'labeldrop' as const,
          },
        ]
      : []),
  ];
}
