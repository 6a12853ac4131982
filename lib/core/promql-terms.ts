import type { SyntaxPart } from './syntax-part';

/** A PromQL expression with its operands or arguments. */
export interface Term {
  readonly node: SyntaxPart;
  readonly parts: readonly Term[];
}

const OPERATIONS = ['BinaryExpr', 'UnaryExpr'];
const POSTFIXES = [
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
  'AnchoredExpr',
  'SmoothedExpr',
];

/**
 * Converts a syntax tree of the parser to terms, as Prometheus itself would parse the expression. Prometheus applies
 * a range, an `offset` or `@` to the expression directly before it. The parser uses the grammar of Prometheus's
 * editor, which parses `a + b offset 5m` as `(a + b) offset 5m`. This function returns the terms of `a + (b offset
 * 5m)`.
 */
export function toPromqlTerm(node: SyntaxPart): Term {
  const holder = node.findChild('FunctionCallBody') ?? node;
  const parts = holder.findChildren('Expr').map(toPromqlTerm);
  const [first] = parts;
  return first && POSTFIXES.includes(node.name) ? applyRangeOrModifier(node, first) : { node, parts };
}

function applyRangeOrModifier(postfix: SyntaxPart, term: Term): Term {
  const last = term.parts.at(-1);
  return last && OPERATIONS.includes(term.node.name)
    ? { node: term.node, parts: [...term.parts.slice(0, -1), applyRangeOrModifier(postfix, last)] }
    : { node: postfix, parts: [term] };
}
