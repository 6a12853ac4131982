import type { Construct } from 'constructs';
import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { scrapeable } from '../core/scrape-rules';
import { optionError, validateOptions } from '../core/validation';

/** The scrape targets of one scraper: Prometheus or vmagent. */
export class ScrapedTargets {
  private readonly targets: ScrapeTarget[] = [];

  constructor(private readonly scope: Construct) {}

  /**
   * Adds a target.
   * @throws InvalidOptionError when a scrape job is invalid, or when a job with the same name was added
   * before.
   */
  addTarget(target: ScrapeTarget): void {
    validateOptions(this.scope, { target: [target ?? null, scrapeable] });
    const known = this.targets.flatMap(({ scrapeConfigs }) => scrapeConfigs);
    target.scrapeConfigs.forEach(({ job_name }, index, jobs) => {
      if (![...known, ...jobs.slice(0, index)].some((job) => job.job_name === job_name)) return;
      throw optionError(
        this.scope,
        `two scrape jobs have the name ${JSON.stringify(job_name)}: rename one of them`,
      );
    });
    this.targets.push(target);
  }

  /**
   * Returns the scrape jobs of all targets, for one replica of the scraper. Each job sets the label `cluster`.
   * @param cluster value of the label `cluster`
   * @param replica index of the scraper's replica, from 0. Some targets have different jobs for each replica.
   */
  listScrapeJobs(cluster: string, replica = 0): readonly ScrapeConfig[] {
    return this.targets.flatMap((target) => scrapeJobsForScraperReplica(target, cluster, replica));
  }
}

/**
 * Returns the scrape jobs of a target for one replica of the scraper. Each job sets the label `cluster`.
 * @param cluster value of the label `cluster`
 * @param replica index of the scraper's replica, from 0
 */
export const scrapeJobsForScraperReplica = (
  target: ScrapeTarget,
  cluster: string,
  replica: number,
): readonly ScrapeConfig[] =>
  (target.scrapeConfigsFor?.(replica) ?? target.scrapeConfigs).map((job) =>
    addClusterLabelToScrapeJob(job, cluster),
  );

/**
 * Returns the job with a relabeling step that sets the label `cluster`. The step is the last one, so that neither a
 * target nor a pushed sample can set another value.
 */
function addClusterLabelToScrapeJob(job: ScrapeConfig, cluster: string): ScrapeConfig {
  const stamp: RelabelConfig = { target_label: 'cluster', replacement: cluster };
  return {
    ...job,
    relabel_configs: [...(job.relabel_configs ?? []), stamp],
    ...(job.honor_labels === true && {
      metric_relabel_configs: [...(job.metric_relabel_configs ?? []), stamp],
    }),
  };
}
