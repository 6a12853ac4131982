import type { RelabelConfig, ScrapeConfig } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { relabelingToKeepMetrics, scrapeJobForNodePort } from './scrape-jobs';

/** Options for scraping the kubelet that is part of KubeEdge's EdgeCore. */
export interface KubeletScrape {
  /** Scrape interval. @default "30s" */
  readonly interval?: Duration;
  /** The kubelet's read-only port on the node's loopback address, over plain HTTP. @default 10350 - KubeEdge's default */
  readonly port?: number;
}

/** Returns the scrape jobs for the kubelet's metrics of containers and pods. */
export function kubeletScrapeJobs(
  { interval, port }: Required<KubeletScrape>,
  containerMetrics: readonly string[],
): ScrapeConfig[] {
  const kubeletScrapeJob = (job_name: string, metricsPath: string, metricRelabeling: RelabelConfig[]) =>
    scrapeJobForNodePort({ job: job_name, port, metricsPath, instance: 'node', interval, metricRelabeling });
  return [
    kubeletScrapeJob('cadvisor', '/metrics/cadvisor', [
      relabelingToKeepMetrics(containerMetrics),
      ...CONTAINERS_ONLY,
    ]),
    kubeletScrapeJob('kubelet-resource', '/metrics/resource', [
      relabelingToKeepMetrics([
        'node_(cpu_usage_seconds_total|memory_working_set_bytes)',
        'pod_.+',
        '(resource_)?scrape_error',
      ]),
    ]),
  ];
}

/**
 * Relabeling that keeps cadvisor's series of containers and of pod networks, and drops series of other cgroups. Some
 * edge nodes report neither pod nor container names (kubeedge#2817). On these nodes, the label `id` identifies
 * containers: it contains the path of the cgroup.
 */
const CONTAINERS_ONLY: readonly RelabelConfig[] = [
  { if: '{container="POD",__name__!~"container_network_.+"}', action: 'drop' },
  { if: '{container="",pod!="",__name__!~"container_network_.+"}', action: 'drop' },
  { if: '{container="",pod="",id!~".*/(pod[^/]+/[^/]+|docker/.+)"}', action: 'drop' },
  { if: '{pod!=""}', regex: 'id|image|name', action: 'labeldrop' },
];
