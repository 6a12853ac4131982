import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { ingressOption, storedOptions } from '../../core/cloud-rules';
import { excludesEmpty, matcherProblem } from '../../core/label-matcher';
import { duration } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type RuleOptions, ruleOptions } from '../../core/rule-set';
import { each } from '../../core/structure-rules';
import { type Duration, type Quantity, seconds } from '../../core/units';
import { invalid, type Rule } from '../../core/validation';
import { keptLongEnough, type StreamRetention } from './config';
import { type LokiDeployment, lokiDeployment, type ReplicatedProps, singleBinary } from './deployment';
import { type LokiLimits, lokiLimits } from './limits';
import { type MultiTenancy, multiTenancy } from './tenants';

/** Properties for `LokiStack`. */
export interface LokiStackProps {
  /** Name of its objects, and of the job that reads it. @default "loki" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** As how many processes it runs. @default - `singleBinary()`: one Loki on a volume */
  readonly deployment?: LokiDeployment;
  /** How long lines are kept, at least `1d`: an index file holds a day. @default "30d" */
  readonly retention?: Duration;
  /** Streams that are kept for another time. @default - none */
  readonly streamRetention?: readonly StreamRetention[];
  /**
   * How old a line may be that an edge delivers after an outage.
   * @default "8d" - an edge that was away for a week
   */
  readonly maxLineAge?: Duration;
  /** What each tenant may take. @default - for a fleet of some hundred nodes */
  readonly limits?: LokiLimits;
  /**
   * Whose lines are kept apart, so that no group or user takes another's share of the limits; lines of cloud nodes
   * are the tenant `cloud`.
   * @default - each group of the ingress is a tenant; without groups, all lines are together
   */
  readonly multiTenancy?: MultiTenancy;
  /** Where runbooks are, and which alerts are changed or left out. @default - none are */
  readonly rules?: RuleOptions;
  /** Size of each replica's volume. @default "50Gi" */
  readonly storage?: Quantity;
  /** @default - 100m of a core, 256Mi of memory, at most 1Gi */
  readonly resources?: Resources;
}

const retention: Rule = {
  allowed: 'a duration of at least a day, such as "30d"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) >= seconds('1d'),
};

const ONE_MATCHER = '([A-Za-z_]\\w*)\\s*(=~|!~|!=|=)\\s*("(?:[^"\\\\\\n]|\\\\.)*"|`[^`]*`)';
const MATCHERS = new RegExp(`^\\{\\s*${ONE_MATCHER}\\s*(,\\s*${ONE_MATCHER}\\s*)*,?\\s*\\}$`);

/** A selector of streams; Loki refuses one that a stream without any of its labels meets. */
export const streamSelector: Rule = {
  allowed:
    'a LogQL selector without a filter behind it, such as {namespace="audit"}, with RE2 syntax in regular expressions, of ' +
    'which one matcher does not match an empty value',
  accepts: (value) => {
    if (typeof value !== 'string' || value.length > 2_000 || !MATCHERS.test(value)) return false;
    const matchers = [...value.matchAll(new RegExp(ONE_MATCHER, 'g'))].map(
      ([, label = '', operator = '', literal = '']) => ({ label, operator, literal }),
    );
    return !matchers.some(matcherProblem) && matchers.some(excludesEmpty);
  },
};

/** The options of streams that are kept for another time. */
export const STREAM_RETENTION = {
  selector: { rule: streamSelector },
  period: { rule: retention },
} satisfies OptionTable<StreamRetention>;

/** The options of `LokiStack`. */
export const LOKI_OPTIONS = {
  ...storedOptions('loki', '50Gi', { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' }),
  ingress: { rule: ingressOption, default: undefined },
  deployment: { rule: lokiDeployment, derive: () => singleBinary() },
  retention: { rule: retention, default: '30d' },
  streamRetention: { rule: each(optionsRule<StreamRetention>(STREAM_RETENTION)), default: [] },
  maxLineAge: { rule: duration, default: '8d' },
  limits: { rule: lokiLimits, default: undefined },
  multiTenancy: { rule: multiTenancy, default: undefined },
  rules: { rule: ruleOptions, default: undefined },
} satisfies OptionTable<LokiStackProps>;

/** The options of a LokiStack, with what counts of those that are left out. */
export type LokiOptions = Options<LokiStackProps, typeof LOKI_OPTIONS>;

/** @throws InvalidOptionError that names every option of a LokiStack which breaks its rule. */
export function lokiOptionsOf(scope: Construct, props: LokiStackProps): LokiOptions {
  const all = optionsOf(scope, props, LOKI_OPTIONS);
  verifyReplicas(scope, all);
  return all;
}

function verifyReplicas(scope: Construct, { deployment, ...kept }: LokiOptions): void {
  if (deployment.mode !== 'replicated') return;
  verifyIdentity(scope, deployment);
  if (deployment.lateLines === 'at-once' && !keptLongEnough(kept)) {
    throw invalid(
      scope,
      'deployment.lateLines is "at-once", and lines are deleted while replicas still look for them; allowed: a retention, ' +
        'and periods of streamRetention, of at least twice maxLineAge',
    );
  }
}

function verifyIdentity(scope: Construct, { objectStorage }: ReplicatedProps): void {
  const at = 'deployment.objectStorage';
  if (objectStorage.credentialsSecretName && objectStorage.identityAnnotations) {
    throw invalid(scope, `${at} has credentialsSecretName and identityAnnotations; allowed: one of them`);
  }
}
