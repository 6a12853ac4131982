import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { ingressOption, storageOptionTable } from '../../core/cloud-rules';
import { excludesEmptyValue, matcherProblem } from '../../core/label-matcher';
import { duration } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type RuleOptions, ruleOptions } from '../../core/rule-set';
import { eachMember } from '../../core/structure-rules';
import { type Duration, type Quantity, seconds } from '../../core/units';
import { invalid, type Rule } from '../../core/validation';
import { retainsAcceptedLines, type StreamRetention } from './config';
import { type LokiDeployment, lokiDeployment, type ReplicatedProps, singleBinary } from './deployment';
import { type LokiLimits, lokiLimits } from './limits';
import { type MultiTenancy, multiTenancy } from './tenants';

/** Properties for `LokiStack`. */
export interface LokiStackProps {
  /** Name of the objects and of the scrape job. @default "loki" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Ingress that exposes Loki to edge nodes. @default - only reachable inside the cluster */
  readonly ingress?: BasicAuthIngress;
  /** Deployment mode. @default - `singleBinary()`: a single Loki with a volume */
  readonly deployment?: LokiDeployment;
  /** Retention period of log lines, at least `1d`, since an index file covers a day. @default "30d" */
  readonly retention?: Duration;
  /** Other retention periods for some streams. @default - none */
  readonly streamRetention?: readonly StreamRetention[];
  /**
   * Maximum age of a log line that an edge node delivers after an outage.
   * @default "8d" - for outages of a week
   */
  readonly maxLineAge?: Duration;
  /** Limits of each tenant. @default - for a fleet of some hundred nodes */
  readonly limits?: LokiLimits;
  /**
   * Tenants, whose lines are separated so that no group or user can use up the limits of others. Lines of
   * cloud nodes have the tenant `cloud`.
   * @default - each group of the ingress is a tenant; without groups, there is a single tenant
   */
  readonly multiTenancy?: MultiTenancy;
  /** Base URL of runbooks, and overrides of alerts. @default - no overrides */
  readonly rules?: RuleOptions;
  /** Size of each replica's volume. @default "50Gi" */
  readonly storage?: Quantity;
  /** @default - requests: 100m CPU, 256Mi memory; limit: 1Gi memory */
  readonly resources?: Resources;
}

const retention: Rule = {
  allowed: 'a duration of at least a day, such as "30d"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) >= seconds('1d'),
};

const ONE_MATCHER = '([A-Za-z_]\\w*)\\s*(=~|!~|!=|=)\\s*("(?:[^"\\\\\\n]|\\\\.)*"|`[^`]*`)';
const MATCHERS = new RegExp(`^\\{\\s*${ONE_MATCHER}\\s*(,\\s*${ONE_MATCHER}\\s*)*,?\\s*\\}$`);

/** Rule for a stream selector. Loki refuses a selector that matches a stream without any labels. */
export const streamSelector: Rule = {
  allowed:
    'a LogQL selector without a filter behind it, such as {namespace="audit"}, with RE2 syntax in regular expressions, of ' +
    'which one matcher does not match an empty value',
  accepts: (value) => {
    if (typeof value !== 'string' || value.length > 2_000 || !MATCHERS.test(value)) return false;
    const matchers = [...value.matchAll(new RegExp(ONE_MATCHER, 'g'))].map(
      ([, label = '', operator = '', literal = '']) => ({ label, operator, literal }),
    );
    return !matchers.some(matcherProblem) && matchers.some(excludesEmptyValue);
  },
};

/** The options of a retention period for some streams. */
export const STREAM_RETENTION = {
  selector: { rule: streamSelector },
  period: { rule: retention },
} satisfies OptionTable<StreamRetention>;

/** The options of `LokiStack`. */
export const LOKI_OPTIONS = {
  ...storageOptionTable('loki', '50Gi', { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' }),
  ingress: { rule: ingressOption, default: undefined },
  deployment: { rule: lokiDeployment, derive: () => singleBinary() },
  retention: { rule: retention, default: '30d' },
  streamRetention: { rule: eachMember(optionsRule<StreamRetention>(STREAM_RETENTION)), default: [] },
  maxLineAge: { rule: duration, default: '8d' },
  limits: { rule: lokiLimits, default: undefined },
  multiTenancy: { rule: multiTenancy, default: undefined },
  rules: { rule: ruleOptions, default: undefined },
} satisfies OptionTable<LokiStackProps>;

/** The options of a `LokiStack` with defaults. */
export type LokiOptions = Options<LokiStackProps, typeof LOKI_OPTIONS>;

/** Checks the options and adds their defaults. @throws InvalidOptionError that lists every invalid option. */
export function lokiOptionsOf(scope: Construct, props: LokiStackProps): LokiOptions {
  const all = optionsOf(scope, props, LOKI_OPTIONS);
  verifyReplicas(scope, all);
  return all;
}

function verifyReplicas(scope: Construct, { deployment, ...kept }: LokiOptions): void {
  if (deployment.mode !== 'replicated') return;
  verifyIdentity(scope, deployment);
  if (deployment.lateLines === 'at-once' && !retainsAcceptedLines(kept)) {
    throw invalid(
      scope,
      'deployment.lateLines is "at-once", but lines would be deleted while replicas still have them in their index; allowed: a retention, ' +
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
