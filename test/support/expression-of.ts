import type { RuleSource } from '../../lib';

/** The expression of an alert. */
export function alertExpression(source: RuleSource, alert: string): string {
  const rules = source.ruleGroups.flatMap((group) => group.rules);
  const found = rules.find((rule) => 'alert' in rule && rule.alert === alert);
  if (!found) throw new Error(`there is no alert ${alert}`);
  return found.expr;
}
