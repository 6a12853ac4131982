import type { NodeType, SyntaxNodeRef, Tree } from '@lezer/common';

/**
 * A node of the syntax tree of an expression. The class replaces the parser's own nodes, because the parser creates
 * new node objects at each step of a search.
 */
export class SyntaxPart {
  readonly parts: SyntaxPart[] = [];

  constructor(
    private readonly type: NodeType,
    readonly from: number,
    readonly to: number,
  ) {}

  get name(): string {
    return this.type.name;
  }

  /**
   * Returns the first child of a kind. Returns `undefined` if this node has no such child. A kind is the name of a
   * node, or of a group of nodes in the grammar, such as `Expr`.
   */
  findChild(kind: string): SyntaxPart | undefined {
    return this.parts.find(({ type }) => type.is(kind));
  }

  /** Returns all children of a kind. */
  findChildren(kind: string): SyntaxPart[] {
    return this.parts.filter(({ type }) => type.is(kind));
  }

  /** Returns this node of the syntax tree and all nodes below, in the order of the text. */
  *findSelfAndDescendants(): Iterable<SyntaxPart> {
    yield this;
    for (const part of this.parts) yield* part.findSelfAndDescendants();
  }
}

/** Returns the root of the syntax tree of a parsed expression. */
export function toSyntaxTree(tree: Tree): SyntaxPart {
  const whole = new SyntaxPart(tree.type, 0, tree.length);
  const around: SyntaxPart[] = [];
  const addPartToParent = ({ type, from, to }: SyntaxNodeRef): void => {
    const part = around.length ? new SyntaxPart(type, from, to) : whole;
    around.at(-1)?.parts.push(part);
    around.push(part);
  };
  const returnToParent = (): void => void around.pop();
  tree.iterate({ enter: addPartToParent, leave: returnToParent });
  return whole;
}
