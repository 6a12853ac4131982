import type { Construct } from 'constructs';
import type { RuleSource } from '../contracts/rules';
import { identity, memoize } from './memoize';
import { promqlSeconds } from './promql-numbers';
import { ruleNameOf } from './rule-rules';
import { type Duration, seconds } from './units';
import { invalid } from './validation';

/** A range, a subquery or an offset. */
const LOOKBACK = /\[\s*([^\]:\s]+)\s*(?::[^\]]*)?\]|\boffset\s+(-?\w+)/g;

/** Returns how many seconds before its evaluation an expression in PromQL reads, as the sum of its longest range and offset. */
export const lookbackOf = memoize('lookback of PromQL', computeLookback, identity);

function computeLookback(expression: string): number {
  const found = [...expression.matchAll(LOOKBACK)];
  const longestMatch = (index: 1 | 2) =>
    Math.max(0, ...found.map((match) => (match[index] ? promqlSeconds(match[index]) : 0)));
  return longestMatch(1) + longestMatch(2);
}

/**
 * Checks that the samples that rules read are still retained.
 * @param retention period; unknown for a remote store
 * @throws InvalidOptionError that names the rule and its group.
 */
export function verifyRanges(scope: Construct, source: RuleSource, retention?: Duration): void {
  if (!retention) return;
  const kept = seconds(retention);
  for (const { name, rules } of source.ruleGroups) {
    const rule = rules.find(({ expr }) => lookbackOf(expr) > kept);
    if (!rule) continue;
    throw invalid(
      scope,
      `rule ${ruleNameOf(rule)} of the group ${name} reads the last ${lookbackOf(rule.expr)} seconds, and samples are retained for ${retention}; allowed: a longer retention, or other rules`,
    );
  }
}
