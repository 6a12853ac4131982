import type { AlertRule, RecordingRule, RuleSource } from '../../contracts/rules';
import { addLabelMatcherToSelectors } from '../../core/promql-scope';
import type { Duration } from '../../core/units';

/**
 * Restricts rules to the series of one cluster: adds a matcher for the label `cluster` to all expressions.
 * Rule groups without an evaluation interval get the interval `interval`. The matcher is needed because an
 * operator's Prometheus also has series of other environments, and of its own scrape jobs for kubelets and
 * kube-state-metrics.
 */
export const restrictRulesToClusterAndSetInterval = (
  cluster: string,
  interval: Duration,
  { ruleGroups }: RuleSource,
): RuleSource => ({
  ruleGroups: ruleGroups.map((group) => ({
    ...group,
    interval: group.interval ?? interval,
    rules: group.rules.map((rule) => restrictRuleToCluster(rule, cluster)),
  })),
});

function restrictRuleToCluster(rule: AlertRule | RecordingRule, cluster: string): AlertRule | RecordingRule {
  const expr = addLabelMatcherToSelectors(rule.expr, 'cluster', cluster);
  // An expression without a selector, such as vector(1), returns no label `cluster`. The rule then adds the
  // label.
  return expr === rule.expr ? { ...rule, labels: { ...rule.labels, cluster } } : { ...rule, expr };
}
