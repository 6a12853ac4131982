import type { NetworkServer } from './network';

/** A relabeling step, in Prometheus's format. */
export interface RelabelConfig {
  /**
   * Selector of the series that the step applies to. Only vmagent supports this field, Prometheus does not.
   * @default - all series
   */
  readonly if?: string;
  /** Labels whose values are concatenated and then matched by `regex`. @default - the text to match is empty */
  readonly source_labels?: readonly string[];
  /** Separator between the concatenated values. @default ";" */
  readonly separator?: string;
  /** Regular expression for the concatenated values. @default - matches any text */
  readonly regex?: string;
  /** Label that the step sets. @default - the step sets no label */
  readonly target_label?: string;
  /** Value that the step sets. `$1`, `$2` and so on are the capture groups of `regex`. @default "$1" */
  readonly replacement?: string;
  /** Action of the step. @default "replace" */
  readonly action?: 'replace' | 'keep' | 'drop' | 'labelmap' | 'labeldrop' | 'labelkeep';
}

/** A scrape job, in Prometheus's format. Fields of this format that are not declared here are also allowed. */
export interface ScrapeConfig {
  /** Value of the label `job`, unique within a Prometheus. */
  readonly job_name: string;
  /** Relabeling of the job's targets before the scrape. @default - no relabeling */
  readonly relabel_configs?: readonly RelabelConfig[];
  /** Relabeling of the scraped series. @default - no relabeling */
  readonly metric_relabel_configs?: readonly RelabelConfig[];
  readonly [field: string]: unknown;
}

/** A component that the metrics store scrapes. */
export interface ScrapeTarget {
  /**
   * Default name of the component, such as `cloud-node-admission`, even if the component's objects have another
   * name. Alerts about the component select the metrics of the first scrape job in `scrapeConfigs`.
   * @default - the target is not a component of the stack
   */
  readonly component?: string;
  /** Scrape jobs of the component. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /**
   * Returns the scrape jobs for one replica of the metrics store. `replica` is 0 for the first replica.
   * @default - all replicas have the scrape jobs in `scrapeConfigs`
   */
  scrapeConfigsFor?(replica: number): readonly ScrapeConfig[];
  /** The servers that the metrics store connects to, for network policies. */
  readonly scrapeServers: readonly NetworkServer[];
}
