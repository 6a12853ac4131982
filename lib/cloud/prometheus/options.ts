import type { Construct } from 'constructs';
import { optionTableWithStorage } from '../../core/cloud-rules';
import { duration, interval, oneOfRule, quantity } from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type RuleOptions, ruleOptions } from '../../core/rule-set';
import { type Duration, type Quantity, toBytes, toSeconds } from '../../core/units';
import { optionError } from '../../core/validation';
import { storeReplicas } from '../../fleet/fleet';

/** Properties for `Prometheus`. */
export interface PrometheusProps {
  /** Name of the Kubernetes objects and of the scrape job. @default "prometheus" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Number of replicas: 1 or 2. Each replica scrapes all targets, evaluates all rules, and receives all
   * samples from the metrics gateway. With two replicas, one can be down without data loss.
   * @default 1
   */
  readonly replicas?: number;
  /** Retention period of samples. @default "15d" */
  readonly retention?: Duration;
  /**
   * Maximum size of the samples that Prometheus keeps. Prometheus deletes the oldest samples above this size.
   * @default - 80 % of the volume
   */
  readonly retentionSize?: Quantity;
  /** Size of the volume of each replica. @default "20Gi" */
  readonly storage?: Quantity;
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /**
   * Out-of-order window: how late a sample may arrive. Set it to at least the longest outage after which no
   * samples may be lost, because Prometheus rejects older samples.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
  /** Minimum severity of Prometheus's log messages. @default - "info", Prometheus's default */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /**
   * Base URL of runbooks, and overrides of alerts. @default - runbooks of this project (docs/runbooks),
   * without overrides
   */
  readonly rules?: RuleOptions;
  /** Resources of each replica. @default - requests: 200m CPU, 1Gi memory; limit: 6Gi memory */
  readonly resources?: Resources;
}

/** Validation rule and default of each option of `Prometheus`. */
export const PROMETHEUS_OPTIONS = {
  ...optionTableWithStorage('prometheus', '20Gi', { cpu: '200m', memory: '1Gi', memoryLimit: '6Gi' }),
  replicas: { rule: storeReplicas, default: 1 },
  retention: { rule: duration, default: '15d' },
  retentionSize: { rule: quantity, default: undefined },
  scrapeInterval: { rule: interval, default: '30s' },
  outOfOrderWindow: { rule: duration, default: '2h' },
  logLevel: { rule: oneOfRule('debug', 'info', 'warn', 'error'), default: undefined },
  rules: { rule: ruleOptions, default: undefined },
} satisfies OptionTable<PrometheusProps>;

/** The options of a `Prometheus`, with all defaults filled in. */
export type PrometheusOptions = Options<PrometheusProps, typeof PROMETHEUS_OPTIONS>;

/**
 * Throws if the retention size is not smaller than the volume, because the volume would be full before Prometheus
 * deletes samples.
 */
export function requireRetentionSizeBelowVolume(
  scope: Construct,
  { storage, retentionSize }: PrometheusOptions,
): void {
  if (retentionSize === undefined || toBytes(retentionSize) < toBytes(storage)) return;
  throw optionError(
    scope,
    `retentionSize is ${retentionSize}; allowed: less than ${storage}, the size of the volume (the option "storage")`,
  );
}

/**
 * Throws if the out-of-order window exceeds the retention period, because Prometheus would accept samples and delete
 * them immediately.
 */
export function requireOutOfOrderWindowWithinRetention(
  scope: Construct,
  { retention, outOfOrderWindow }: PrometheusOptions,
): void {
  const problem = outOfOrderWindowAboveRetentionProblem(retention, outOfOrderWindow);
  if (problem) throw optionError(scope, problem);
}

/**
 * Returns an error message if the out-of-order window exceeds the retention period. Otherwise returns
 * `undefined`.
 * @param path names of the two options, for the message
 */
export function outOfOrderWindowAboveRetentionProblem(
  retention: Duration,
  window: Duration,
  path = { retention: 'retention', window: 'outOfOrderWindow' },
): string | undefined {
  if (toSeconds(window) <= toSeconds(retention)) return undefined;
  return `${path.window} is ${window}; allowed: at most ${retention}, the retention period (${path.retention}), because Prometheus deletes older samples`;
}

/**
 * Returns the value of the flag `--storage.tsdb.retention.size`, such as `16384MB`. In Prometheus, MB means
 * 1,024 × 1,024 bytes.
 */
export function retentionSizeFlagValue({ storage, retentionSize: stated }: PrometheusOptions): string {
  const size = stated ? toBytes(stated) : toBytes(storage) * 0.8;
  return `${Math.floor(size / 2 ** 20)}MB`;
}
