import type { NodeTarget } from '../../contracts/metrics-sink';
import type { Files } from '../../core/config-files';
import { withFixedDefaults } from '../../core/option-table';
import { toSeconds } from '../../core/units';
import { yaml } from '../../core/yaml';
import { resolveMetricsProfile } from '../node-exporter';
import { kubeletScrapeJobs } from './kubelet-jobs';
import { KUBELET_SCRAPE, type MetricsAgentOptions } from './options';
import { fileDiscoveryScrapeJob, relabelingBeforeSending, scrapeJobsOfTarget } from './scrape-jobs';

/** Properties for `renderScrapeConfigFiles`. */
export interface ScrapeConfigFilesProps {
  readonly options: Pick<MetricsAgentOptions, 'interval' | 'kubelet' | 'profile'>;
  /** Scrape jobs for the agent itself and its push listener. */
  readonly ownJobs: readonly object[];
  readonly targets: readonly NodeTarget[];
  /** Folder to which the clock guard copies the scrape jobs to enable them. */
  readonly activeDirectory: string;
  /** Folder with files that list additional targets. @default - no additional targets */
  readonly targetsDirectory?: string;
}

/** Returns the agent's configuration files: global settings, scrape jobs, and the relabeling of sent samples. */
export function renderScrapeConfigFiles(files: ScrapeConfigFilesProps): Files {
  const { interval } = files.options;
  const targets = [...files.targets].sort((one, other) => (one.job < other.job ? -1 : 1));
  return {
    'scrape.yaml': yaml({
      global: {
        scrape_interval: interval,
        scrape_timeout: `${Math.min(toSeconds(interval), 10)}s`,
      },
      scrape_config_files: [`${files.activeDirectory}/*.yaml`],
    }),
    'jobs.yaml': yaml(listAllScrapeJobs(files, targets)),
    'relabel.yaml': yaml(relabelingBeforeSending(targets, interval)),
  };
}

function listAllScrapeJobs(
  { options, ownJobs, targetsDirectory }: ScrapeConfigFilesProps,
  targets: NodeTarget[],
): object[] {
  const { interval, kubelet, profile } = options;
  return [
    ...ownJobs,
    ...targets.flatMap((target) => scrapeJobsOfTarget(target, interval)),
    ...(kubelet
      ? kubeletScrapeJobs(
          withFixedDefaults(KUBELET_SCRAPE, kubelet),
          resolveMetricsProfile(profile).containerMetrics,
        )
      : []),
    ...(targetsDirectory ? [fileDiscoveryScrapeJob(targetsDirectory)] : []),
  ];
}
