import type { RuleSource } from '../../lib';

/** Returns the expression of an alert. @throws Error if there is no alert with this name */
export function findAlertExpression(source: RuleSource, alert: string): string {
  const rules = source.ruleGroups.flatMap((group) => group.rules);
  const found = rules.find((rule) => 'alert' in rule && rule.alert === alert);
  if (!found) throw new Error(`the rules have no alert with the name ${alert}`);
  return found.expr;
}
