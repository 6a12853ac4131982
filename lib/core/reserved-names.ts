import { jobLabel } from './option-rules';
import type { Rule } from './validation';

/**
 * Regular expressions, valid in RE2 and JavaScript, for metric names that no client may write, with any transport.
 * The cloud itself writes these metrics: Prometheus, its rules, kube-state-metrics and other components. Each
 * expression must match the whole name.
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

/**
 * Regular expressions for the metrics that describe a scrape, such as `up`. Edge agents also send these metrics by
 * remote write.
 */
export const SCRAPE_METRICS: readonly string[] = ['up', 'scrape_.+'];

/**
 * Regular expressions for names of metrics that clients must not push to a Pushgateway. The list includes metrics
 * that describe a scrape, such as `up`, because pushed samples were not scraped.
 */
export const RESERVED_IN_PUSHES: readonly string[] = [...RESERVED_METRICS, ...SCRAPE_METRICS];

/**
 * Regular expressions for the scrape jobs that only exist in the cloud. Clients must not write series with these
 * values of the label `job`. The jobs `node_exporter`, `kubelet` and `cadvisor` also exist on edge nodes, so they
 * are not in this list. A new component whose job begins with `cloud-` needs no entry.
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

/** Labels that Prometheus sets itself. The stack removes these labels from the series of clients. */
export const RESERVED_SERIES_LABELS: readonly string[] = ['cluster', 'pushgateway'];

/** Joins regular expressions to one expression that matches a text if one of them matches the whole text. */
export const joinPatternsToMatchWholeText = (expressions: readonly string[]): string =>
  `^(${expressions.join('|')})$`;

const reservedJob = new RegExp(joinPatternsToMatchWholeText(RESERVED_JOBS));

/** Validation rule for the label `job` of an edge exporter. The cloud drops series with one of the reserved jobs. */
export const edgeJob: Rule = {
  allowed: `${jobLabel.allowed}, except for ${RESERVED_JOBS.join(', ')}: the scrape jobs in the cloud have these names, and the cloud rejects series of edge nodes with these job names`,
  accepts: (value) => jobLabel.accepts(value) && !reservedJob.test(value as string),
};
