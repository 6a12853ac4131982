import type { SyntaxNode } from '@lezer/common';

/** A PromQL expression with its operands or arguments. */
export interface Term {
  readonly node: SyntaxNode;
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
 * Converts an expression to terms. Prometheus applies ranges, offset and @ to the expression directly before
 * them; the editor's grammar applies them to the whole operation, where `a + b offset 5m` is `(a + b) offset
 * 5m`.
 */
export function termOf(node: SyntaxNode): Term {
  const holder = node.getChild('FunctionCallBody') ?? node;
  const parts = holder.getChildren('Expr').map(termOf);
  const [first] = parts;
  return first && POSTFIXES.includes(node.name) ? attached(node, first) : { node, parts };
}

function attached(postfix: SyntaxNode, term: Term): Term {
  const last = term.parts.at(-1);
  return last && OPERATIONS.includes(term.node.name)
    ? { node: term.node, parts: [...term.parts.slice(0, -1), attached(postfix, last)] }
    : { node: postfix, parts: [term] };
}
