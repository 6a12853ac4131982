import type { AlertRule, RecordingRule, RuleSource } from '../../contracts/rules';
import { withMatcher } from '../../core/promql-scope';
import type { Duration } from '../../core/units';

/**
 * Returns rules that read only series of this cluster, since the Prometheus of others has more: its own kubelets and
 * kube-state-metrics, and other environments.
 */
export const restrictRulesToCluster = (
  cluster: string,
  interval: Duration,
  { ruleGroups }: RuleSource,
): RuleSource => ({
  ruleGroups: ruleGroups.map((group) => ({
    ...group,
    interval: group.interval ?? interval,
    rules: group.rules.map((rule) => restrictRule(rule, cluster)),
  })),
});

function restrictRule(rule: AlertRule | RecordingRule, cluster: string): AlertRule | RecordingRule {
  const expr = withMatcher(rule.expr, 'cluster', cluster);
  // A constant has no label, by which others find it.
  return expr === rule.expr ? { ...rule, labels: { ...rule.labels, cluster } } : { ...rule, expr };
}
