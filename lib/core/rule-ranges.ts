import type { Construct } from 'constructs';
import type { RuleSource } from '../contracts/rules';
import { promqlSeconds } from './promql-numbers';
import { itself, remembered } from './remembered';
import { nameOf } from './rule-rules';
import { type Duration, seconds } from './units';
import { invalid } from './validation';

/** A range, a subquery or an offset. */
const LOOKBACK = /\[\s*([^\]:\s]+)\s*(?::[^\]]*)?\]|\boffset\s+(-?\w+)/g;

/** Returns how many seconds before its evaluation an expression in PromQL reads, as the sum of its longest range and offset. */
export const lookbackOf = remembered('lookback of PromQL', computeLookback, itself);

function computeLookback(expression: string): number {
  const found = [...expression.matchAll(LOOKBACK)];
  const longest = (index: 1 | 2) =>
    Math.max(0, ...found.map((match) => (match[index] ? promqlSeconds(match[index]) : 0)));
  return longest(1) + longest(2);
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
      `rule ${nameOf(rule)} of the group ${name} reads the last ${lookbackOf(rule.expr)} seconds, and samples are retained for ${retention}; allowed: a longer retention, or other rules`,
    );
  }
}
