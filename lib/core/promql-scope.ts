import { parsePromql } from './rule-syntax';
import type { SyntaxPart } from './syntax-part';

/**
 * Returns a PromQL expression whose selectors are restricted to a label value. If several clusters share a store, rules
 * of one cluster then read neither series of another one nor those of the store itself. Invalid PromQL is returned
 * unchanged.
 */
export function withMatcher(expr: string, label: string, value: string): string {
  const tree = parsePromql(expr);
  if (!tree) return expr;
  const matcher = `${label}=${JSON.stringify(value)}`;
  const insertions = [...tree.descendants()]
    .filter(({ name }) => name === 'VectorSelector')
    .map((selector) => matcherInsertion(selector, expr, matcher))
    // From the end, since an insertion moves what follows it.
    .sort((one, other) => other.at - one.at);
  return insertions.reduce((text, { at, added }) => text.slice(0, at) + added + text.slice(at), expr);
}

function matcherInsertion(
  selector: SyntaxPart,
  expr: string,
  matcher: string,
): { at: number; added: string } {
  const matchers = selector.getPart('LabelMatchers');
  if (!matchers) return { at: selector.to, added: `{${matcher}}` };
  const rest = expr.slice(matchers.from + 1).trimStart();
  return { at: matchers.from + 1, added: rest.startsWith('}') ? matcher : `${matcher}, ` };
}
