import type { NetworkServer } from './network';

/** A relabeling step in Prometheus's format. */
export interface RelabelConfig {
  /**
   * Selector of the series to which the step applies. A field of vmagent, which Prometheus does not have.
   * @default - all series
   */
  readonly if?: string;
  /** Labels whose values are joined and matched. @default - none */
  readonly source_labels?: readonly string[];
  /** Separator between the joined values. @default ";" */
  readonly separator?: string;
  /** Regular expression that the joined values must match. @default - matches anything */
  readonly regex?: string;
  /** The label to write. @default - none */
  readonly target_label?: string;
  /** The value to write; `$1` and so on are capture groups of the expression. @default "$1" */
  readonly replacement?: string;
  /** Action of the step. @default "replace" */
  readonly action?: 'replace' | 'keep' | 'drop' | 'labelmap' | 'labeldrop' | 'labelkeep';
}

/** A scrape job in Prometheus's format; fields that are not declared here are passed through. */
export interface ScrapeConfig {
  /** Label `job`, unique within a Prometheus. */
  readonly job_name: string;
  /** Relabeling of the targets. @default - none */
  readonly relabel_configs?: readonly RelabelConfig[];
  /** Relabeling of each series. @default - none */
  readonly metric_relabel_configs?: readonly RelabelConfig[];
  readonly [field: string]: unknown;
}

/** A component that Prometheus can scrape. */
export interface ScrapeTarget {
  /**
   * Default name of the component in this stack; rules about the component use its first job.
   * @default - not a component of the stack
   */
  readonly component?: string;
  /** Scrape jobs to add to Prometheus's configuration. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** Returns the jobs as one of several replicas of the store reads them. @default - all read the same */
  scrapeConfigsFor?(replica: number): readonly ScrapeConfig[];
  /** The servers that the scraper connects to; network policies are derived from them. */
  readonly scrapeServers: readonly NetworkServer[];
}
