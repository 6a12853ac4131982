import type { Construct } from 'constructs';
import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { scrapeable } from '../core/scrape-rules';
import { invalid, verify } from '../core/validation';

/** Scrape targets of a program of this stack. */
export class ScrapedTargets {
  private readonly targets: ScrapeTarget[] = [];

  constructor(private readonly scope: Construct) {}

  /** @throws InvalidOptionError when a job is none that Prometheus reads, or one of that name is there already. */
  add(target: ScrapeTarget): void {
    verify(this.scope, { target: [target ?? null, scrapeable] });
    const known = this.targets.flatMap(({ scrapeConfigs }) => scrapeConfigs);
    target.scrapeConfigs.forEach(({ job_name }, index, jobs) => {
      if (![...known, ...jobs.slice(0, index)].some((job) => job.job_name === job_name)) return;
      throw invalid(
        this.scope,
        `the scrape job ${JSON.stringify(job_name)} is there already: rename one of them`,
      );
    });
    this.targets.push(target);
  }

  /**
   * The jobs of all of them, with the name of the cluster.
   *
   * @param replica which of several scrapers reads them
   */
  jobs(cluster: string, replica = 0): readonly ScrapeConfig[] {
    return this.targets.flatMap((target) => scrapeJobsOf(target, cluster, replica));
  }
}

/** The jobs of a target as one of several scrapers reads them, with the name of the cluster. */
export const scrapeJobsOf = (
  target: ScrapeTarget,
  cluster: string,
  replica: number,
): readonly ScrapeConfig[] =>
  (target.scrapeConfigsFor?.(replica) ?? target.scrapeConfigs).map((job) => addClusterLabel(job, cluster));

/** Stamps the cluster last, so that nothing that is scraped or pushed can claim another one. */
function addClusterLabel(job: ScrapeConfig, cluster: string): ScrapeConfig {
  const stamp: RelabelConfig = { target_label: 'cluster', replacement: cluster };
  return {
    ...job,
    relabel_configs: [...(job.relabel_configs ?? []), stamp],
    ...(job.honor_labels === true && {
      metric_relabel_configs: [...(job.metric_relabel_configs ?? []), stamp],
    }),
  };
}
