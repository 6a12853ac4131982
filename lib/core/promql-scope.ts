import { parsePromql } from './rule-syntax';
import type { SyntaxPart } from './syntax-part';

/**
 * Returns a PromQL expression whose selectors select only series with a label of that value. Where several clusters share a store,
 * rules of one then read no series of another, nor those that the store scrapes by itself. An expression that is no PromQL is
 * returned as it is.
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
