import type { NodeType, Tree } from '@lezer/common';

/** A part of an expression, and the parts that it has. A parser's own tree makes a new object at each step of a search. */
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

  /** The first part of a kind, which is a name or a group of names of the grammar, such as `Expr`. */
  getPart(kind: string): SyntaxPart | undefined {
    return this.parts.find(({ type }) => type.is(kind));
  }

  /** All parts of a kind. */
  getParts(kind: string): SyntaxPart[] {
    return this.parts.filter(({ type }) => type.is(kind));
  }

  /** This part, its parts, theirs and so on, in the order of the text. */
  *descendants(): Iterable<SyntaxPart> {
    yield this;
    for (const part of this.parts) yield* part.descendants();
  }
}

/** The whole of an expression that was parsed. */
export function syntaxOf(tree: Tree): SyntaxPart {
  const whole = new SyntaxPart(tree.type, 0, tree.length);
  const around: SyntaxPart[] = [];
  tree.iterate({
    enter({ type, from, to }) {
      const part = around.length ? new SyntaxPart(type, from, to) : whole;
      around.at(-1)?.parts.push(part);
      around.push(part);
    },
    leave() {
      around.pop();
    },
  });
  return whole;
}
