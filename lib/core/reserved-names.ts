import { jobLabel } from './option-rules';
import type { Rule } from './validation';

/**
 * Metric names that no client may write, on any transport: those that Prometheus, its rules and
 * kube-state-metrics write. Each is a regular expression (RE2 and JavaScript) for the whole name.
 */
export const RESERVED_METRICS: readonly string[] = [
  'ALERTS',
  'ALERTS_FOR_STATE',
  'kube_.+',
  // Recording rules.
  '.*:.*',
  'alertmanager_.+',
  'metrics_gateway_.+',
  'pushgateway_.+',
];

/** Metrics of each scrape, such as `up`, which an edge agent also sends by remote write. */
export const SCRAPE_METRICS: readonly string[] = ['up', 'scrape_.+'];

/**
 * Metric names that no client may push. They include the metrics of scrapes, since pushed samples were not
 * scraped.
 */
export const RESERVED_IN_PUSHES: readonly string[] = [...RESERVED_METRICS, ...SCRAPE_METRICS];

/**
 * Scrape jobs that only exist in the cloud; clients may not write series of them. `node_exporter`, `kubelet`
 * and `cadvisor` are not included, since they also exist at the edge. A component whose job begins with `cloud-`
 * needs no entry.
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

/** Labels that Prometheus sets itself; those of clients are removed. */
export const RESERVED_LABELS: readonly string[] = ['cluster', 'pushgateway'];

/** Joins expressions into one that matches the whole name. */
export const anyOfPattern = (expressions: readonly string[]): string => `^(${expressions.join('|')})$`;

const reservedJob = new RegExp(anyOfPattern(RESERVED_JOBS));

/**
 * Rule for the label `job` of an edge exporter: not one of the reserved jobs, whose series the cloud refuses
 * or drops.
 */
export const edgeJob: Rule = {
  allowed: `${jobLabel.allowed}, except for jobs of the cloud (${RESERVED_JOBS.join(', ')}), whose series are rejected from edge nodes: set another job`,
  accepts: (value) => jobLabel.accepts(value) && !reservedJob.test(value as string),
};
