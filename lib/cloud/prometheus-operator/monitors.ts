import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { FUSES } from '../prometheus';
import { scrapeJobsForReplica } from '../scraped-targets';

/** A scrape job, and the name of the ScrapeConfig that contains it. */
export interface NamedScrapeJob {
  readonly name: string;
  readonly job: ScrapeConfig;
}

/** Properties for `namedScrapeJobs`. */
export interface NamedScrapeJobsProps {
  readonly cluster: string;
  /** Names of Prometheus's pods. All pods read the same ScrapeConfigs. */
  readonly pods: readonly string[];
  readonly scrapeInterval: Duration;
}

/**
 * Returns the scrape jobs of a target, each for one ScrapeConfig.
 * All replicas of Prometheus read all ScrapeConfigs. If a job differs between replicas, there is a
 * ScrapeConfig for each replica, and the other replicas drop its targets. The operator replaces `$(POD_NAME)` by
 * the name of the pod that runs. The relabeling keeps targets only if this is the replica of the ScrapeConfig.
 */
export function namedScrapeJobs(
  target: ScrapeTarget,
  { cluster, pods, scrapeInterval }: NamedScrapeJobsProps,
): NamedScrapeJob[] {
  const byReplica = pods.map((_, replica) => scrapeJobsForReplica(target, cluster, replica));
  const [first = []] = byReplica;
  const defaults = { scrape_interval: scrapeInterval, ...FUSES };
  return first.flatMap((job, index) => {
    const name = `edge-observability-${toObjectName(job.job_name)}`;
    const jobs = byReplica.map((all) => ({ ...defaults, ...all[index], job_name: job.job_name }));
    const isShared = jobs.every((one) => JSON.stringify(one) === JSON.stringify(jobs[0]));
    if (isShared) return [{ name, job: { ...defaults, ...job } }];
    return jobs.map((one, replica) => ({
      name: `${name}-${replica}`,
      job: restrictJobToPod(pods[replica] ?? '', one),
    }));
  });
}

/**
 * Returns a scrape job whose targets are dropped in all pods except one. The temporary label `__tmp_pod` is
 * not stored.
 */
function restrictJobToPod(pod: string, job: ScrapeConfig): ScrapeConfig {
  const own: RelabelConfig[] = [
    { target_label: '__tmp_pod', replacement: '$(POD_NAME)' },
    { source_labels: ['__tmp_pod'], regex: pod.replaceAll('.', '\\.'), action: 'keep' },
  ];
  return { ...job, relabel_configs: [...own, ...(job.relabel_configs ?? [])] };
}

/** Returns a valid Kubernetes object name for a scrape job: other characters are replaced by hyphens. */
const toObjectName = (job: string): string => job.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
