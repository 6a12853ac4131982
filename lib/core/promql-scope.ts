import { tryParsePromql } from './rule-syntax';
import type { SyntaxPart } from './syntax-part';

/**
 * Adds a label matcher to every selector of a PromQL expression. If several clusters share a store, the matcher
 * restricts the rules of a cluster to the series of this cluster. Returns invalid PromQL unchanged.
 */
export function addLabelMatcherToSelectors(expr: string, label: string, value: string): string {
  const tree = tryParsePromql(expr);
  if (!tree) return expr;
  const matcher = `${label}=${JSON.stringify(value)}`;
  const insertions = [...tree.findSelfAndDescendants()]
    .filter(({ name }) => name === 'VectorSelector')
    .map((selector) => findLabelMatcherInsertion(selector, expr, matcher))
    // Inserts from the end, because an insertion changes the positions after it.
    .sort((one, other) => other.at - one.at);
  return insertions.reduce((text, { at, added }) => text.slice(0, at) + added + text.slice(at), expr);
}

function findLabelMatcherInsertion(
  selector: SyntaxPart,
  expr: string,
  matcher: string,
): { at: number; added: string } {
  const matchers = selector.findChild('LabelMatchers');
  if (!matchers) return { at: selector.to, added: `{${matcher}}` };
  const rest = expr.slice(matchers.from + 1).trimStart();
  return { at: matchers.from + 1, added: rest.startsWith('}') ? matcher : `${matcher}, ` };
}
