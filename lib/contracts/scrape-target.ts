import type { NetworkServer } from './network';

/** A relabelling step in Prometheus's own format. */
export interface RelabelConfig {
  /** Only series that this selector matches; vmagent's, Prometheus has no such field. @default - all */
  readonly if?: string;
  /** Labels whose values are looked at, joined. @default - none */
  readonly source_labels?: readonly string[];
  /** Between their values. @default ";" */
  readonly separator?: string;
  /** What the whole of them has to match. @default - anything */
  readonly regex?: string;
  /** The label that is written. @default - none */
  readonly target_label?: string;
  /** What is written, with the groups of the expression as `$1`. @default "$1" */
  readonly replacement?: string;
  /** What the step does. @default "replace" */
  readonly action?: 'replace' | 'keep' | 'drop' | 'labelmap' | 'labeldrop' | 'labelkeep';
}

/** A scrape job in Prometheus's own format; what is not named here is passed on as it is. */
export interface ScrapeConfig {
  /** The label `job`; no two jobs of a Prometheus share it. */
  readonly job_name: string;
  /** What is done with the labels of its targets. @default - nothing */
  readonly relabel_configs?: readonly RelabelConfig[];
  /** What is done with each series. @default - nothing */
  readonly metric_relabel_configs?: readonly RelabelConfig[];
  readonly [field: string]: unknown;
}

/** Something that Prometheus can scrape. */
export interface ScrapeTarget {
  /** Which component of the stack it is, by its default name: rules about it read its first job. @default - none of them */
  readonly component?: string;
  /** The jobs to add to Prometheus's configuration. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** What the scraper connects to, so that network policies open exactly that. */
  readonly scrapeServers: readonly NetworkServer[];
}
