import type { RelabelConfig } from '../contracts/scrape-target';
import {
  joinPatternsToMatchWholeText,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_METRICS,
  SCRAPE_METRICS,
} from './reserved-names';

/**
 * Regular expressions for metrics that exist both in the cloud and on edge nodes. Rules about the cloud select these
 * metrics by name, without a matcher for `job`. Samples from edge nodes therefore get the label `side="edge"`.
 */
const MARKED_METRICS: readonly string[] = [
  ...SCRAPE_METRICS,
  'certmanager_certificate_expiration_timestamp_seconds',
  'kubelet_volume_stats_.+',
  'nginx_ingress_controller_ssl_expire_time_seconds',
  'traefik_tls_certs_not_after',
];

/**
 * Label matcher that excludes series of edge nodes. Use it only for metrics in `MARKED_METRICS`: only these metrics
 * get the label `side="edge"` when edge nodes send them.
 */
export const OF_THE_CLOUD = 'side!="edge"';

const MARK_EDGE_SAMPLES: RelabelConfig = {
  source_labels: ['__name__'],
  regex: joinPatternsToMatchWholeText(MARKED_METRICS),
  target_label: 'side',
  replacement: 'edge',
};

const relabelingToDropSeries = (label: string, expressions: readonly string[]): RelabelConfig => ({
  source_labels: [label],
  regex: joinPatternsToMatchWholeText(expressions),
  action: 'drop',
});

/**
 * Relabeling that the metrics gateway applies to the samples of its clients, in vmagent's format. The relabeling
 * drops samples with reserved names or jobs, and adds the label `side="edge"` to `MARKED_METRICS`.
 */
export const CLIENT_SAMPLE_RELABELING: readonly RelabelConfig[] = [
  relabelingToDropSeries('__name__', RESERVED_METRICS),
  relabelingToDropSeries('job', RESERVED_JOBS),
  // Prometheus sets the label pushgateway on series from the Pushgateways of the stack. Series from a Pushgateway on
  // an edge node must not have the label.
  { if: '{__name__=~"push_(failure_)?time_seconds"}', action: 'labeldrop', regex: 'pushgateway' },
  MARK_EDGE_SAMPLES,
];

/** A temporary label that marks samples to drop. Prometheus does not store it. */
const RESERVED = '__tmp_reserved';

/**
 * Returns the relabeling of samples that Prometheus scrapes from a Pushgateway. Pushed samples have the labels that
 * the client set. Prometheus drops samples with a reserved name or job, except for the metrics and the job of the
 * Pushgateway itself. Pushed samples of `MARKED_METRICS` get the label `side="edge"`.
 * @param pushgateway name of the Pushgateway's scrape job
 */
export const relabelingOfPushgatewaySamples = (pushgateway: string): readonly RelabelConfig[] => [
  relabelingToDropSeries(
    '__name__',
    RESERVED_IN_PUSHES.filter((name) => name !== 'pushgateway_.+'),
  ),
  {
    source_labels: ['job'],
    regex: joinPatternsToMatchWholeText(RESERVED_JOBS),
    target_label: RESERVED,
    replacement: 'true',
  },
  { source_labels: ['job'], regex: pushgateway, target_label: RESERVED, replacement: '' },
  { source_labels: [RESERVED], regex: 'true', action: 'drop' },
  MARK_EDGE_SAMPLES,
];
