import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { SCRAPE_SAFETY_LIMITS } from '../prometheus';
import { scrapeJobsForScraperReplica } from '../scraped-targets';

/** A scrape job, with the name of the ScrapeConfig that is created for the job. */
export interface NamedScrapeJob {
  readonly name: string;
  readonly job: ScrapeConfig;
}

/** Properties for `scrapeJobsWithScrapeConfigNames`. */
export interface NamedScrapeJobsProps {
  readonly cluster: string;
  /** Names of Prometheus's pods, one for each replica. All pods read the same ScrapeConfigs. */
  readonly pods: readonly string[];
  readonly scrapeInterval: Duration;
}

/**
 * Returns the scrape jobs of a target. One ScrapeConfig is created for each scrape job, and all replicas of Prometheus
 * read all ScrapeConfigs. If a job must differ between replicas, the result contains one job for each replica. Each
 * replica also reads the jobs for the other replicas, but drops their targets.
 */
export function scrapeJobsWithScrapeConfigNames(
  target: ScrapeTarget,
  { cluster, pods, scrapeInterval }: NamedScrapeJobsProps,
): NamedScrapeJob[] {
  const byReplica = pods.map((_, replica) => scrapeJobsForScraperReplica(target, cluster, replica));
  const [first = []] = byReplica;
  const defaults = { scrape_interval: scrapeInterval, ...SCRAPE_SAFETY_LIMITS };
  return first.flatMap((job, index) => {
    const name = `edge-observability-${toKubernetesObjectName(job.job_name)}`;
    const jobs = byReplica.map((all) => ({ ...defaults, ...all[index], job_name: job.job_name }));
    const isShared = jobs.every((one) => JSON.stringify(one) === JSON.stringify(jobs[0]));
    if (isShared) return [{ name, job: { ...defaults, ...job } }];
    return jobs.map((one, replica) => ({
      name: `${name}-${replica}`,
      job: restrictScrapeJobToPrometheusPod(pods[replica] ?? '', one),
    }));
  });
}

/**
 * Returns a scrape job whose targets are dropped in all pods except one. The relabeling copies `$(POD_NAME)`
 * into the temporary label `__tmp_pod`, and keeps targets only if the label is equal to `pod`. The operator
 * replaces `$(POD_NAME)` by the name of the pod that reads the job.
 * @param pod name of the pod that keeps the targets
 */
function restrictScrapeJobToPrometheusPod(pod: string, job: ScrapeConfig): ScrapeConfig {
  const own: RelabelConfig[] = [
    { target_label: '__tmp_pod', replacement: '$(POD_NAME)' },
    { source_labels: ['__tmp_pod'], regex: pod.replaceAll('.', '\\.'), action: 'keep' },
  ];
  return { ...job, relabel_configs: [...own, ...(job.relabel_configs ?? [])] };
}

/**
 * Converts the name of a scrape job to a Kubernetes object name: lower case, with hyphens for forbidden characters.
 */
const toKubernetesObjectName = (job: string): string => job.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
