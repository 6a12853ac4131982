import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { Duration } from '../../core/units';
import { FUSES } from '../prometheus';
import { scrapeJobsOf } from '../scraped-targets';

/** A scrape job for one ScrapeConfig. */
export interface Monitor {
  readonly name: string;
  readonly job: ScrapeConfig;
}

/** Properties for `monitorsOf`. */
export interface MonitorsProps {
  readonly cluster: string;
  /** Pods of Prometheus, all of which read the same ScrapeConfigs. */
  readonly pods: readonly string[];
  readonly scrapeInterval: Duration;
}

/**
 * Returns the jobs of a target. A job that differs between replicas of Prometheus is one for each of them, which the others drop: the
 * operator writes the name of the pod in place of `$(POD_NAME)`, as it does for the label `prometheus_replica`.
 */
export function monitorsOf(
  target: ScrapeTarget,
  { cluster, pods, scrapeInterval }: MonitorsProps,
): Monitor[] {
  const byReplica = pods.map((_, replica) => scrapeJobsOf(target, cluster, replica));
  const [first = []] = byReplica;
  const defaults = { scrape_interval: scrapeInterval, ...FUSES };
  return first.flatMap((job, index) => {
    const name = `edge-observability-${objectNameOf(job.job_name)}`;
    const jobs = byReplica.map((all) => ({ ...defaults, ...all[index], job_name: job.job_name }));
    const isShared = jobs.every((one) => JSON.stringify(one) === JSON.stringify(jobs[0]));
    if (isShared) return [{ name, job: { ...defaults, ...job } }];
    return jobs.map((one, replica) => ({
      name: `${name}-${replica}`,
      job: onlyInPod(pods[replica] ?? '', one),
    }));
  });
}

/** Drops the targets of a job in other pods. Prometheus does not store labels that begin with `__`. */
function onlyInPod(pod: string, job: ScrapeConfig): ScrapeConfig {
  const own: RelabelConfig[] = [
    { target_label: '__tmp_pod', replacement: '$(POD_NAME)' },
    { source_labels: ['__tmp_pod'], regex: pod.replaceAll('.', '\\.'), action: 'keep' },
  ];
  return { ...job, relabel_configs: [...own, ...(job.relabel_configs ?? [])] };
}

/** Job names may contain characters that object names may not. */
const objectNameOf = (job: string): string => job.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
