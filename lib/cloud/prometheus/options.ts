import type { Construct } from 'constructs';
import { storageOptionTable } from '../../core/cloud-rules';
import { duration, interval, oneOf, quantity } from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type RuleOptions, ruleOptions } from '../../core/rule-set';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import { invalid } from '../../core/validation';
import { storeReplicas } from '../../fleet/fleet';

/** Properties for `Prometheus`. */
export interface PrometheusProps {
  /** Name of the objects and of the scrape job. @default "prometheus" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Number of replicas. Each of two scrapes all targets, evaluates all rules and gets all samples of the gateway, so that one may
   * be down.
   * @default 1
   */
  readonly replicas?: number;
  /** Retention period of samples. @default "15d" */
  readonly retention?: Duration;
  /** Maximum size of the stored samples. @default - 80 % of the volume */
  readonly retentionSize?: Quantity;
  /** Size of the volume of each replica. @default "20Gi" */
  readonly storage?: Quantity;
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /**
   * How late a sample may arrive, at least as long as the longest outage without loss. Samples that are older
   * are rejected.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
  /** Minimum severity of Prometheus's own log messages. @default - "info", Prometheus's default */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** Base URL of runbooks, and overrides of alerts. @default - no overrides */
  readonly rules?: RuleOptions;
  /** @default - requests: 200m CPU, 1Gi memory; limit: 6Gi memory */
  readonly resources?: Resources;
}

/** The options of `Prometheus`. */
export const PROMETHEUS_OPTIONS = {
  ...storageOptionTable('prometheus', '20Gi', { cpu: '200m', memory: '1Gi', memoryLimit: '6Gi' }),
  replicas: { rule: storeReplicas, default: 1 },
  retention: { rule: duration, default: '15d' },
  retentionSize: { rule: quantity, default: undefined },
  scrapeInterval: { rule: interval, default: '30s' },
  outOfOrderWindow: { rule: duration, default: '2h' },
  logLevel: { rule: oneOf('debug', 'info', 'warn', 'error'), default: undefined },
  rules: { rule: ruleOptions, default: undefined },
} satisfies OptionTable<PrometheusProps>;

/** The options of a Prometheus, with their defaults. */
export type PrometheusOptions = Options<PrometheusProps, typeof PROMETHEUS_OPTIONS>;

/**
 * Refuses a retention size that does not fit into the volume, which Prometheus would fill before it deletes
 * anything.
 */
export function refuseOverflow(scope: Construct, { storage, retentionSize }: PrometheusOptions): void {
  if (retentionSize === undefined || bytes(retentionSize) < bytes(storage)) return;
  throw invalid(
    scope,
    `retentionSize is ${retentionSize}, and storage ${storage}; allowed: less than the size of the volume`,
  );
}

/** @throws InvalidOptionError when samples would be accepted that are older than those that are retained. */
export function refuseLongWindow(scope: Construct, { retention, outOfOrderWindow }: PrometheusOptions): void {
  const problem = longWindowProblem(retention, outOfOrderWindow);
  if (problem) throw invalid(scope, problem);
}

/** Returns the error for an out-of-order window that is longer than the retention period, or nothing. */
export function longWindowProblem(
  retention: Duration,
  window: Duration,
  path = { retention: 'retention', window: 'outOfOrderWindow' },
): string | undefined {
  if (seconds(window) <= seconds(retention)) return undefined;
  return `${path.window} is ${window}, and ${path.retention} ${retention}, so that accepted samples would be deleted; allowed: at most the retention period`;
}

/** Returns the retention size in Prometheus's units, which are powers of two. */
export function retentionSizeFlag({ storage, retentionSize: stated }: PrometheusOptions): string {
  const size = stated ? bytes(stated) : bytes(storage) * 0.8;
  return `${Math.floor(size / 2 ** 20)}MB`;
}
