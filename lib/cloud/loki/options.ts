import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { ingressOption, optionTableWithStorage } from '../../core/cloud-rules';
import { excludesSeriesWithoutLabel, labelMatcherProblem } from '../../core/label-matcher';
import { duration } from '../../core/option-rules';
import {
  type Options,
  type OptionTable,
  optionsRule,
  validateAndApplyDefaults,
} from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type RuleOptions, ruleOptions } from '../../core/rule-set';
import { listRule } from '../../core/structure-rules';
import { type Duration, type Quantity, toSeconds } from '../../core/units';
import { optionError, type Rule } from '../../core/validation';
import { type LokiDeployment, lokiDeployment, type ReplicatedProps, singleBinary } from './deployment';
import { areRetentionsAtLeastTwiceLookback, type StreamRetention } from './late-lines';
import { type LokiLimits, lokiLimits } from './limits';
import { type MultiTenancy, multiTenancy } from './tenants';

/** Properties for `LokiStack`. */
export interface LokiStackProps {
  /** Name of the Kubernetes objects and of the scrape job. @default "loki" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Ingress that exposes Loki to edge nodes. @default - Loki is only reachable inside the cluster */
  readonly ingress?: BasicAuthIngress;
  /**
   * Deployment mode: `singleBinary()` or `replicated({ ... })`.
   * @default - `singleBinary()`, a single Loki with a volume
   */
  readonly deployment?: LokiDeployment;
  /**
   * Retention period of log lines. The minimum is `1d`, because each index file covers a day.
   * @default "30d"
   */
  readonly retention?: Duration;
  /**
   * Retention periods of selected streams, for streams that need another period than `retention`.
   * @default - `retention` applies to all streams
   */
  readonly streamRetention?: readonly StreamRetention[];
  /**
   * Maximum age of a log line when Loki receives it. Edge nodes deliver old lines after an outage.
   * @default "8d" - enough for outages of a week
   */
  readonly maxLineAge?: Duration;
  /**
   * Limits of each tenant. Without tenants, the limits apply to the whole fleet.
   * @default - the default of each limit, for a fleet of some hundred nodes
   */
  readonly limits?: LokiLimits;
  /**
   * Tenants of Loki. Each tenant has its own limits, so that no group of nodes can use up the limits of other
   * groups. Log lines of cloud nodes belong to the tenant `cloud`.
   * @default - each node group of the ingress is a tenant; without groups, there is only one tenant
   */
  readonly multiTenancy?: MultiTenancy;
  /** Base URL of runbooks, and overrides of alerts. @default - docs/runbooks of this project; no overrides */
  readonly rules?: RuleOptions;
  /** Size of each replica's volume. @default "50Gi" */
  readonly storage?: Quantity;
  /** Resources of each replica. @default - requests: 100m CPU, 256Mi memory; limit: 1Gi memory */
  readonly resources?: Resources;
}

const retention: Rule = {
  allowed: 'a duration of at least a day, such as "30d"',
  accepts: (value) => duration.accepts(value) && toSeconds(value as Duration) >= toSeconds('1d'),
};

const ONE_MATCHER = '([A-Za-z_]\\w*)\\s*(=~|!~|!=|=)\\s*("(?:[^"\\\\\\n]|\\\\.)*"|`[^`]*`)';
const MATCHERS = new RegExp(`^\\{\\s*${ONE_MATCHER}\\s*(,\\s*${ONE_MATCHER}\\s*)*,?\\s*\\}$`);

/**
 * Validates a stream selector. This rule, like Loki, rejects a selector that would match a stream without labels, such
 * as `{namespace=~".*"}`.
 */
export const streamSelector: Rule = {
  allowed:
    'a LogQL stream selector without a line filter, such as {namespace="audit"}, with regular expressions in RE2 syntax and at least one matcher that does not match an empty value',
  accepts: (value) => {
    if (typeof value !== 'string' || value.length > 2_000 || !MATCHERS.test(value)) return false;
    const matchers = [...value.matchAll(new RegExp(ONE_MATCHER, 'g'))].map(
      ([, label = '', operator = '', literal = '']) => ({ label, operator, literal }),
    );
    return !matchers.some(labelMatcherProblem) && matchers.some(excludesSeriesWithoutLabel);
  },
};

/** Validation rule of each field of `StreamRetention`. */
export const STREAM_RETENTION = {
  selector: { rule: streamSelector },
  period: { rule: retention },
} satisfies OptionTable<StreamRetention>;

/** Validation rule and default of each option of `LokiStack`. */
export const LOKI_OPTIONS = {
  ...optionTableWithStorage('loki', '50Gi', { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' }),
  ingress: { rule: ingressOption, default: undefined },
  deployment: { rule: lokiDeployment, derive: () => singleBinary() },
  retention: { rule: retention, default: '30d' },
  streamRetention: { rule: listRule(optionsRule<StreamRetention>(STREAM_RETENTION)), default: [] },
  maxLineAge: { rule: duration, default: '8d' },
  limits: { rule: lokiLimits, default: undefined },
  multiTenancy: { rule: multiTenancy, default: undefined },
  rules: { rule: ruleOptions, default: undefined },
} satisfies OptionTable<LokiStackProps>;

/** The options of a `LokiStack`, with all defaults filled in. */
export type LokiOptions = Options<LokiStackProps, typeof LOKI_OPTIONS>;

/**
 * Validates the options of a `LokiStack` and fills in their defaults.
 * @throws InvalidOptionError that lists every invalid option.
 */
export function resolveLokiOptions(scope: Construct, props: LokiStackProps): LokiOptions {
  const all = validateAndApplyDefaults(scope, props, LOKI_OPTIONS);
  validateOptionsOfReplicatedLoki(scope, all);
  return all;
}

/** @throws InvalidOptionError when options of a replicated Loki contradict each other. */
function validateOptionsOfReplicatedLoki(scope: Construct, { deployment, ...kept }: LokiOptions): void {
  if (deployment.mode !== 'replicated') return;
  requireOnlyOneBucketCredential(scope, deployment);
  if (deployment.lateLines === 'at-once' && !areRetentionsAtLeastTwiceLookback(kept)) {
    throw optionError(
      scope,
      `deployment.lateLines is "at-once", but retention (${kept.retention}) or a period in streamRetention is less than twice maxLineAge (${kept.maxLineAge}): ` +
        'increase these periods, or set lateLines to "when-written"',
    );
  }
}

/** @throws InvalidOptionError when both a Secret and a workload identity are set for the bucket. */
function requireOnlyOneBucketCredential(scope: Construct, { objectStorage }: ReplicatedProps): void {
  const at = 'deployment.objectStorage';
  if (objectStorage.credentialsSecretName && objectStorage.identityAnnotations) {
    throw optionError(
      scope,
      `${at} has both credentialsSecretName and identityAnnotations: remove one of them`,
    );
  }
}
