import { jobLabel } from './option-rules';
import type { Rule } from './validation';

/**
 * Names of metrics that no client may write, on any transport, because Prometheus, its rules and
 * kube-state-metrics write them. Each is a regular expression (RE2 and JavaScript) for the whole name.
 */
export const RESERVED_METRICS: readonly string[] = [
  'ALERTS',
  'ALERTS_FOR_STATE',
  'kube_.+',
  // Metrics of recording rules.
  '.*:.*',
  'alertmanager_.+',
  'metrics_gateway_.+',
  'pushgateway_.+',
];

/** Names of the metrics about each scrape, such as `up`. Edge agents also send them by remote write. */
export const SCRAPE_METRICS: readonly string[] = ['up', 'scrape_.+'];

/**
 * Names of metrics that no client may push to a Pushgateway. They include the metrics about scrapes, because
 * pushed samples were not scraped.
 */
export const RESERVED_IN_PUSHES: readonly string[] = [...RESERVED_METRICS, ...SCRAPE_METRICS];

/**
 * Names of scrape jobs that only exist in the cloud. Clients may not write series with these values of the
 * label `job`. The jobs `node_exporter`, `kubelet` and `cadvisor` also exist on edge nodes, so they are not in
 * this list. A new component whose job begins with `cloud-` needs no entry.
 */
export const RESERVED_JOBS: readonly string[] = [
  'alertmanager',
  'apiserver',
  'cloud-.+',
  'grafana',
  'ingress-nginx',
  'kube-state-metrics(-self)?',
  'log-collector',
  'loki(-.+)?',
  'metrics-gateway(-filter|-limiter)?',
  'metrics-(rules|scraper)',
  'prometheus',
  'pushgateway(-.+)?',
  'traefik',
  'vm(insert|select|storage)',
];

/** Labels that Prometheus sets itself. They are removed from the series of clients. */
export const RESERVED_LABELS: readonly string[] = ['cluster', 'pushgateway'];

/** Joins regular expressions to one that matches the whole name. */
export const anyOfPattern = (expressions: readonly string[]): string => `^(${expressions.join('|')})$`;

const reservedJob = new RegExp(anyOfPattern(RESERVED_JOBS));

/** Rule for the label `job` of an edge exporter. The cloud drops series with one of the reserved jobs. */
export const edgeJob: Rule = {
  allowed: `${jobLabel.allowed}, except for ${RESERVED_JOBS.join(', ')}, which are scrape jobs in the cloud: series of edge nodes with these jobs are rejected`,
  accepts: (value) => jobLabel.accepts(value) && !reservedJob.test(value as string),
};
