import type { NetworkServer } from './network';

/** A relabelling step in Prometheus's own format. */
export interface RelabelConfig {
  /** Only series that this selector matches; vmagent's, Prometheus has no such field. */
  readonly if?: string;
  readonly source_labels?: readonly string[];
  readonly separator?: string;
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
  readonly action?: 'replace' | 'keep' | 'drop' | 'labelmap' | 'labeldrop' | 'labelkeep';
}

/** A scrape job in Prometheus's own format; what is not named here is passed on as it is. */
export interface ScrapeConfig {
  readonly job_name: string;
  readonly relabel_configs?: readonly RelabelConfig[];
  readonly metric_relabel_configs?: readonly RelabelConfig[];
  readonly [field: string]: unknown;
}

/** Something that Prometheus can scrape. */
export interface ScrapeTarget {
  /** The jobs to add to Prometheus's configuration. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** What the scraper connects to, so that network policies open exactly that. */
  readonly scrapeServers: readonly NetworkServer[];
}
