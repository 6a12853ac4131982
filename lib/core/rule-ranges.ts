import type { Construct } from 'constructs';
import type { RuleSource } from '../contracts/rules';
import { memoize, textItselfAsCacheKey } from './memoize';
import { parseAbsolutePromqlSeconds } from './promql-numbers';
import { ruleName } from './rule-rules';
import { type Duration, toSeconds } from './units';
import { optionError } from './validation';

/** Pattern for a range, a subquery or an offset in PromQL. */
const LOOKBACK = /\[\s*([^\]:\s]+)\s*(?::[^\]]*)?\]|\boffset\s+(-?\w+)/g;

/**
 * Returns the number of seconds that a PromQL expression looks back: the sum of its longest range and its
 * longest offset.
 */
export const lookbackSeconds = memoize('lookback of PromQL', computeLookbackSeconds, textItselfAsCacheKey);

function computeLookbackSeconds(expression: string): number {
  const found = [...expression.matchAll(LOOKBACK)];
  const maxSecondsOfCaptureGroup = (index: 1 | 2) =>
    Math.max(0, ...found.map((match) => (match[index] ? parseAbsolutePromqlSeconds(match[index]) : 0)));
  return maxSecondsOfCaptureGroup(1) + maxSecondsOfCaptureGroup(2);
}

/**
 * Validates that the store still retains the samples that rules read. Does nothing for a store whose retention is
 * not known.
 * @param retention retention period of the store; `undefined` for a store outside of this stack
 * @throws InvalidOptionError with the name of the rule and its group.
 */
export function validateRuleRangesWithinRetention(
  scope: Construct,
  source: RuleSource,
  retention?: Duration,
): void {
  if (!retention) return;
  const kept = toSeconds(retention);
  for (const { name, rules } of source.ruleGroups) {
    const rule = rules.find(({ expr }) => lookbackSeconds(expr) > kept);
    if (!rule) continue;
    throw optionError(
      scope,
      `rule ${ruleName(rule)} of the group ${name} reads samples of the last ${lookbackSeconds(rule.expr)} seconds, but the retention is only ${retention}: increase the retention, or shorten the range of the rule`,
    );
  }
}
