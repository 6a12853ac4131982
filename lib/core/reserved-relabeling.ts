import type { RelabelConfig } from '../contracts/scrape-target';
import {
  anyOfPattern,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_METRICS,
  SCRAPE_METRICS,
} from './reserved-names';

/**
 * Metrics that exist both in the cloud and on edge nodes, and that rules about the cloud select without a job.
 * Samples from edge nodes get the label `side`.
 */
const MARKED_METRICS: readonly string[] = [
  ...SCRAPE_METRICS,
  'certmanager_certificate_expiration_timestamp_seconds',
  'kubelet_volume_stats_.+',
  'nginx_ingress_controller_ssl_expire_time_seconds',
  'traefik_tls_certs_not_after',
];

/**
 * Label matcher for series that were scraped in the cloud. Series from edge clients always have the label
 * `side`.
 */
export const OF_THE_CLOUD = 'side!="edge"';

const MARK_EDGE_SAMPLES: RelabelConfig = {
  source_labels: ['__name__'],
  regex: anyOfPattern(MARKED_METRICS),
  target_label: 'side',
  replacement: 'edge',
};

const dropRelabeling = (label: string, expressions: readonly string[]): RelabelConfig => ({
  source_labels: [label],
  regex: anyOfPattern(expressions),
  action: 'drop',
});

/**
 * Relabeling that the metrics gateway applies to the samples of clients before it forwards them, in vmagent's
 * format.
 */
export const CLIENT_SAMPLE_RELABELING: readonly RelabelConfig[] = [
  dropRelabeling('__name__', RESERVED_METRICS),
  dropRelabeling('job', RESERVED_JOBS),
  // Prometheus sets this label for the Pushgateways of the stack. A Pushgateway on an edge node must not have
  // it.
  { if: '{__name__=~"push_(failure_)?time_seconds"}', action: 'labeldrop', regex: 'pushgateway' },
  MARK_EDGE_SAMPLES,
];

/** A temporary label that marks samples to drop. Prometheus does not store it. */
const RESERVED = '__tmp_reserved';

/**
 * Returns the relabeling of samples that Prometheus scrapes from a Pushgateway, which keep the labels of their
 * clients. Series with a reserved job are dropped, except for series with the job of the Pushgateway itself.
 * @param pushgateway job of the Pushgateway
 */
export const pushedSeriesRelabeling = (pushgateway: string): readonly RelabelConfig[] => [
  dropRelabeling(
    '__name__',
    RESERVED_IN_PUSHES.filter((name) => name !== 'pushgateway_.+'),
  ),
  { source_labels: ['job'], regex: anyOfPattern(RESERVED_JOBS), target_label: RESERVED, replacement: 'true' },
  { source_labels: ['job'], regex: pushgateway, target_label: RESERVED, replacement: '' },
  { source_labels: [RESERVED], regex: 'true', action: 'drop' },
  MARK_EDGE_SAMPLES,
];
