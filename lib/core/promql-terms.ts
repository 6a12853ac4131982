import type { SyntaxNode } from '@lezer/common';

/** An expression of PromQL, and the expressions that it has as operands or arguments. */
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
 * The terms of an expression. Prometheus binds ranges, offset and @ to what is right before them; the grammar of its editor binds
 * them to the whole operation: `a + b offset 5m` is `(a + b) offset 5m` there.
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
