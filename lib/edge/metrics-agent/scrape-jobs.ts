import type { NodeTarget } from '../../contracts/metrics-sink';
import type { RelabelConfig, ScrapeConfig } from '../../contracts/scrape-target';
import { SLOW_METRICS } from '../../core/scrape-rules';
import { type Duration, seconds } from '../../core/units';

/** A port of a business service on the node, which the agent reads. */
export interface EdgeService {
  /** The label `job`. */
  readonly job: string;
  /** Port on the node: of a pod on its network, or a hostPort. */
  readonly port: number;
  /** Path of the metrics. @default "/metrics" */
  readonly metricsPath?: string;
  /** How often they are read. @default - the agent's own */
  readonly interval?: Duration;
}

/** How the kubelet of KubeEdge is read. */
export interface KubeletScrape {
  /** How often it is read. @default "30s" */
  readonly interval?: Duration;
  /** Its port for reading, on the node's loopback address, plain HTTP. @default 10350 - KubeEdge's own */
  readonly port?: number;
}

/** vmagent puts a variable of its environment here. */
const NODE_NAME = '%{NODE_NAME}';
const NODE_ADDRESS = '%{NODE_IP}';

/** An address of IPv6 stands in brackets before a port. */
const IN_BRACKETS: RelabelConfig = {
  source_labels: ['instance'],
  regex: '([^[]*:.*):(\\d+)',
  target_label: 'instance',
  replacement: '[$1]:$2',
};

/** Marks what is scraped less often, until it is sent. */
const SLOW_LABEL = 'slow_scrape';

/** Name of the job that scrapes slow metrics; their label `job` is that of the target. */
const slowJobOf = (job: string): string => `${job}-slow`;

/** Names that the jobs of a target take. */
export const jobNamesOf = ({ job, slowMetrics }: NodeTarget): string[] => [
  job,
  ...(slowMetrics ? [slowJobOf(job)] : []),
];

/** How often the slow metrics of a target are scraped; undefined where that is no less often than the others. */
function slowIntervalOf({ slowMetrics, interval }: NodeTarget, agentInterval: string): string | undefined {
  if (!slowMetrics) return undefined;
  const { interval: slow = SLOW_METRICS.interval.default } = slowMetrics;
  return seconds(slow as Duration) > seconds((interval ?? agentInterval) as Duration) ? slow : undefined;
}

/** The scrapes of a target: one, and another one for metrics that are scraped less often. */
export function targetJobs(target: NodeTarget, agentInterval: string): ScrapeConfig[] {
  const slow = slowIntervalOf(target, agentInterval);
  if (!slow) return [targetJob(target)];
  const { job, slowMetrics, metricRelabeling = [] } = target;
  const names = slowMetrics?.names ?? [];
  return [
    targetJob({ ...target, metricRelabeling: [...metricRelabeling, byName('drop', names)] }),
    targetJob(
      {
        ...target,
        ...{ job: slowJobOf(job), interval: slow },
        metricRelabeling: [...metricRelabeling, keep(names)],
      },
      { job, [SLOW_LABEL]: 'true' },
    ),
  ];
}

/** What is read at a port of the node. */
function targetJob(
  { job, port, metricsPath, instance, interval, timeout, targets, metricRelabeling, seriesLimit }: NodeTarget,
  moreLabels: Readonly<Record<string, string>> = {},
): ScrapeConfig {
  const own = { instance: instance === 'node' ? NODE_NAME : `${NODE_ADDRESS}:${port}` };
  return {
    job_name: job,
    ...(interval && { scrape_interval: interval }),
    ...(timeout && { scrape_timeout: timeout }),
    metrics_path: metricsPath,
    static_configs: (targets?.map(labelsOf) ?? [own]).map((labels) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { ...labels, ...moreLabels },
    })),
    ...(instance === 'address' && { relabel_configs: [IN_BRACKETS] }),
    ...(seriesLimit && { series_limit: seriesLimit }),
    ...(metricRelabeling?.length && { metric_relabel_configs: metricRelabeling }),
  };
}

/** What a target is asked for; `target` says in the cloud that an exporter has several. */
const labelsOf = ({
  instance,
  params,
}: NonNullable<NodeTarget['targets']>[number]): Record<string, string> => ({
  instance,
  target: instance,
  ...Object.fromEntries(Object.entries(params).map(([name, value]) => [`__param_${name}`, value])),
});

/** Services that say themselves where they are, in files of a folder; who writes there may name any job. */
export function discoveredJob(folder: string): ScrapeConfig {
  return {
    job_name: 'services',
    file_sd_configs: [{ files: ['yaml', 'yml', 'json'].map((ending) => `${folder}/*.${ending}`) }],
    relabel_configs: [
      // The address says nothing in the cloud, and repeats itself at every node.
      { source_labels: ['instance'], regex: '', target_label: 'instance', replacement: NODE_NAME },
    ],
  };
}

/** How often the agent says it, by which the cloud knows that its node lives. */
export const OWN_INTERVAL: Duration = '60s';

/** What the agent says of itself: its queue, what it dropped, what it could not read. */
export function ownJob(port: number, name: string): ScrapeConfig {
  return {
    ...targetJob({ job: name, port, metricsPath: '/metrics', instance: 'node', interval: OWN_INTERVAL }),
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
      // There is one queue and one address.
      { regex: 'path|url', action: 'labeldrop' },
    ],
  };
}

/** Containers and pods of the node, as its kubelet counts them. */
export function kubeletJobs(
  { interval, port }: Required<KubeletScrape>,
  containerMetrics: readonly string[],
): ScrapeConfig[] {
  const job = (job_name: string, metricsPath: string, metricRelabeling: RelabelConfig[]) =>
    targetJob({ job: job_name, port, metricsPath, instance: 'node', interval, metricRelabeling });
  return [
    job('cadvisor', '/metrics/cadvisor', [keep(containerMetrics), ...CONTAINERS_ONLY]),
    job('kubelet-resource', '/metrics/resource', [
      keep(['node_(cpu_usage_seconds_total|memory_working_set_bytes)', 'pod_.+', '(resource_)?scrape_error']),
    ]),
  ];
}

const byName = (action: 'keep' | 'drop', names: readonly string[]): RelabelConfig => ({
  source_labels: ['__name__'],
  regex: names.join('|'),
  action,
});

/** Keeps metrics of these names, each a regular expression. */
export const keep = (names: readonly string[]): RelabelConfig => byName('keep', names);

/**
 * Of cadvisor's control groups those that are containers, or the network of a pod. Some edges give neither
 * pod nor container a name (kubeedge#2817): there the path of the control group tells them apart.
 */
const CONTAINERS_ONLY: readonly RelabelConfig[] = [
  { if: '{container="POD",__name__!~"container_network_.+"}', action: 'drop' },
  { if: '{container="",pod!="",__name__!~"container_network_.+"}', action: 'drop' },
  { if: '{container="",pod="",id!~".*/(pod[^/]+/[^/]+|docker/.+)"}', action: 'drop' },
  { if: '{pod!=""}', regex: 'id|image|name', action: 'labeldrop' },
];

/** What vmagent adds to each target of itself, and nobody reads. */
const UNREAD = [
  'scrape_response_size_bytes',
  'scrape_samples_(limit|post_metric_relabeling)',
  'scrape_series_(added|limit)',
  'scrape_timeout_seconds',
];

/**
 * The relabeling of all series before they are sent. Of targets that not every node has, nobody asks whether they answer; a
 * target that is scraped by two jobs looks like one, and both count their series.
 */
export function sent(targets: readonly NodeTarget[], agentInterval: string): RelabelConfig[] {
  const dropOf = (selector: string): RelabelConfig => ({ if: `{${selector}}`, action: 'drop' });
  const jobIs = ({ job }: NodeTarget) => `job=${JSON.stringify(job)}`;
  const slow = targets.filter((target) => slowIntervalOf(target, agentInterval));
  return [
    byName('drop', UNREAD),
    ...targets
      .filter(({ onSomeNodes }) => onSomeNodes)
      .map((target) => dropOf(`${jobIs(target)},__name__=~"up|scrape_.+"`)),
    ...slow.map((target) =>
      dropOf(`${jobIs(target)},${SLOW_LABEL}="",__name__=~"scrape_(duration_seconds|samples_scraped)"`),
    ),
    ...(slow.length
      ? [
          dropOf(`${SLOW_LABEL}="true",__name__="up"`),
          {
            if: `{${SLOW_LABEL}="true",__name__!~"scrape_series_.+"}`,
            regex: SLOW_LABEL,
            action: 'labeldrop' as const,
          },
        ]
      : []),
  ];
}
