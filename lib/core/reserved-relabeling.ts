import type { RelabelConfig } from '../contracts/scrape-target';
import { anyOf, RESERVED_IN_PUSHES, RESERVED_JOBS, RESERVED_METRICS, SCRAPE_METRICS } from './reserved-names';

/**
 * Metrics that the cloud and the edge both have, and that rules about the cloud select without a job. Those of the
 * edge get the label `side`.
 */
const MARKED_METRICS: readonly string[] = [
  ...SCRAPE_METRICS,
  'certmanager_certificate_expiration_timestamp_seconds',
  'kubelet_volume_stats_.+',
  'nginx_ingress_controller_ssl_expire_time_seconds',
  'traefik_tls_certs_not_after',
];

/** Selects series that Prometheus scraped in the cloud: no client of the edge can write one without this label. */
export const OF_THE_CLOUD = 'side!="edge"';

const mark: RelabelConfig = {
  source_labels: ['__name__'],
  regex: anyOf(MARKED_METRICS),
  target_label: 'side',
  replacement: 'edge',
};

const dropped = (label: string, expressions: readonly string[]): RelabelConfig => ({
  source_labels: [label],
  regex: anyOf(expressions),
  action: 'drop',
});

/** What a gateway does with samples that clients write, before it hands them on: in the format of vmagent. */
export const WRITTEN_BY_CLIENTS: readonly RelabelConfig[] = [
  dropped('__name__', RESERVED_METRICS),
  dropped('job', RESERVED_JOBS),
  // Prometheus sets it for the Pushgateways of the stack; a Pushgateway at the edge is not one of them.
  { if: '{__name__=~"push_(failure_)?time_seconds"}', action: 'labeldrop', regex: 'pushgateway' },
  mark,
];

/** A label that Prometheus does not store. */
const RESERVED = '__tmp_reserved';

/**
 * What Prometheus does with the samples of a Pushgateway, which keep the labels that clients pushed. The Pushgateway's
 * own metrics have the scrape's job, so that job and their names are left to the filter before it.
 */
export const pushedByClients = (pushgateway: string): readonly RelabelConfig[] => [
  dropped(
    '__name__',
    RESERVED_IN_PUSHES.filter((name) => name !== 'pushgateway_.+'),
  ),
  { source_labels: ['job'], regex: anyOf(RESERVED_JOBS), target_label: RESERVED, replacement: 'true' },
  { source_labels: ['job'], regex: pushgateway, target_label: RESERVED, replacement: '' },
  { source_labels: [RESERVED], regex: 'true', action: 'drop' },
  mark,
];
