import { jobLabel } from './option-rules';
import type { Rule } from './validation';

/**
 * Names of metrics that no client may write, on any transport: those that Prometheus, its rules and kube-state-metrics
 * write. Expressions in RE2 and JavaScript, each for the whole name.
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

/** Names of what Prometheus measures of a scrape, which an agent at the edge sends by remote write. */
export const SCRAPE_METRICS: readonly string[] = ['up', 'scrape_.+'];

/** The same for what is pushed: nobody scraped it. */
export const RESERVED_IN_PUSHES: readonly string[] = [...RESERVED_METRICS, ...SCRAPE_METRICS];

/**
 * Jobs by which Prometheus reads what runs in the cloud alone: no client may write series of them. `node_exporter`,
 * `kubelet` and `cadvisor` are not among them, since the edge has these, too.
 */
export const RESERVED_JOBS: readonly string[] = [
  'alertmanager',
  'apiserver',
  'grafana',
  'ingress-nginx',
  'kube-state-metrics(-self)?',
  'log-collector',
  'loki(-.+)?',
  'metrics-gateway(-filter|-limiter)?',
  'prometheus',
  'pushgateway(-.+)?',
  'traefik',
];

/** Labels that Prometheus sets itself, whatever a client says. */
export const RESERVED_LABELS: readonly string[] = ['cluster', 'pushgateway'];

/** One expression of several, for the whole of a name. */
export const anyOf = (expressions: readonly string[]): string => `^(${expressions.join('|')})$`;

const reservedJob = new RegExp(anyOf(RESERVED_JOBS));

/** The label `job` of what runs at the edge, which the cloud would refuse or drop by a reserved job. */
export const edgeJob: Rule = {
  allowed: `${jobLabel.allowed}, but no job of the cloud's own (${RESERVED_JOBS.join(', ')}), whose series from the edge are refused: set another job`,
  accepts: (value) => jobLabel.accepts(value) && !reservedJob.test(value as string),
};
