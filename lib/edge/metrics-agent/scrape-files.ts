import type { NodeTarget } from '../../contracts/metrics-sink';
import { type Files, yaml } from '../../core/config-files';
import { withDefaults } from '../../core/option-table';
import { seconds } from '../../core/units';
import { selectionOf } from '../node-exporter';
import { KUBELET_SCRAPE, type MetricsAgentOptions } from './options';
import { discoveredJob, kubeletJobs, sent, targetJobs } from './scrape-jobs';

/** Properties for `scrapeFiles`. */
export interface ScrapeFilesProps {
  readonly options: Pick<MetricsAgentOptions, 'interval' | 'kubelet' | 'profile'>;
  /** The label `cluster`. */
  readonly cluster: string;
  /** The label `group`. @default - none, or the one that the gateway sets by the user */
  readonly group?: string;
  /** The job that scrapes the agent itself. */
  readonly ownJob: object;
  readonly targets: readonly NodeTarget[];
  /** Where the clock guard puts the jobs that may be scraped. */
  readonly activeDirectory: string;
  /** Where targets of others are found. @default - none are looked for */
  readonly targetsDirectory?: string;
}

/** What the metrics agent scrapes, by file: the configuration, its jobs, and the relabeling of what it sends. */
export function scrapeFiles(files: ScrapeFilesProps): Files {
  const { interval } = files.options;
  const targets = [...files.targets].sort((one, other) => (one.job < other.job ? -1 : 1));
  return {
    'scrape.yaml': yaml({
      global: {
        scrape_interval: interval,
        scrape_timeout: `${Math.min(seconds(interval), 10)}s`,
        external_labels: {
          cluster: files.cluster,
          ...(files.group && { group: files.group }),
          node: '%{NODE_NAME}',
        },
      },
      scrape_config_files: [`${files.activeDirectory}/*.yaml`],
    }),
    'jobs.yaml': yaml(jobsOf(files, targets)),
    'relabel.yaml': yaml(sent(targets, interval)),
  };
}

function jobsOf({ options, ownJob, targetsDirectory }: ScrapeFilesProps, targets: NodeTarget[]): object[] {
  const { interval, kubelet, profile } = options;
  return [
    ownJob,
    ...targets.flatMap((target) => targetJobs(target, interval)),
    ...(kubelet
      ? kubeletJobs(withDefaults(KUBELET_SCRAPE, kubelet), selectionOf(profile).containerMetrics)
      : []),
    ...(targetsDirectory ? [discoveredJob(targetsDirectory)] : []),
  ];
}
