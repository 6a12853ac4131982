import type { RelabelConfig } from '../contracts/scrape-target';
import {
  anyOfPattern,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_METRICS,
  SCRAPE_METRICS,
} from './reserved-names';

/**
 * Metrics that exist both in the cloud and at the edge, and that rules about the cloud select without a job.
 * Those of the edge get the label `side`.
 */
const MARKED_METRICS: readonly string[] = [
  ...SCRAPE_METRICS,
  'certmanager_certificate_expiration_timestamp_seconds',
  'kubelet_volume_stats_.+',
  'nginx_ingress_controller_ssl_expire_time_seconds',
  'traefik_tls_certs_not_after',
];

/**
 * Selects series that Prometheus scraped in the cloud: series written by edge clients always have this label.
 */
export const OF_THE_CLOUD = 'side!="edge"';

const mark: RelabelConfig = {
  source_labels: ['__name__'],
  regex: anyOfPattern(MARKED_METRICS),
  target_label: 'side',
  replacement: 'edge',
};

const dropMatching = (label: string, expressions: readonly string[]): RelabelConfig => ({
  source_labels: [label],
  regex: anyOfPattern(expressions),
  action: 'drop',
});

/** Relabeling of samples that clients write, in vmagent's format, before the gateway forwards them. */
export const WRITTEN_BY_CLIENTS: readonly RelabelConfig[] = [
  dropMatching('__name__', RESERVED_METRICS),
  dropMatching('job', RESERVED_JOBS),
  // Prometheus sets this label for the Pushgateways of the stack; a Pushgateway at the edge is not one of
  // them.
  { if: '{__name__=~"push_(failure_)?time_seconds"}', action: 'labeldrop', regex: 'pushgateway' },
  mark,
];

/** A temporary label, which Prometheus does not store. */
const RESERVED = '__tmp_reserved';

/**
 * Relabeling of the samples that Prometheus scrapes from a Pushgateway, which keep the labels of their
 * clients. Pushgateway's own metrics have the scrape's job, so reserved jobs and names are left to the push
 * filter.
 */
export const pushedSeriesRelabeling = (pushgateway: string): readonly RelabelConfig[] => [
  dropMatching(
    '__name__',
    RESERVED_IN_PUSHES.filter((name) => name !== 'pushgateway_.+'),
  ),
  { source_labels: ['job'], regex: anyOfPattern(RESERVED_JOBS), target_label: RESERVED, replacement: 'true' },
  { source_labels: ['job'], regex: pushgateway, target_label: RESERVED, replacement: '' },
  { source_labels: [RESERVED], regex: 'true', action: 'drop' },
  mark,
];
