/** A language of rules: Prometheus's, or that of Loki's ruler. */
export type RuleLanguage = 'PromQL' | 'LogQL';

interface Parser {
  parse(expression: string): { iterate(visit: { enter(node: SyntaxNode): void }): void };
}

interface SyntaxNode {
  readonly from: number;
  readonly name: string;
  readonly type: { readonly isError: boolean };
  readonly node: { readonly parent: ParentNode | null };
}

interface ParentNode {
  readonly name: string;
  readonly parent: ParentNode | null;
}

/**
 * Where an expression breaks the grammar of its language, in words; undefined where it does not. The grammars
 * are those of the projects' own editors: they know every function, and no types of arguments. Of types, only those of
 * results and operands are checked.
 */
export function syntaxProblem(language: RuleLanguage, expression: string): string | undefined {
  const problems = checked[language];
  if (!problems.has(expression)) problems.set(expression, findProblem(language, expression));
  return problems.get(expression);
}

/** Environments share most of their rules. */
const checked: Readonly<Record<RuleLanguage, Map<string, string | undefined>>> = {
  PromQL: new Map(),
  LogQL: new Map(),
};

function findProblem(language: RuleLanguage, expression: string): string | undefined {
  if (!expression.trim()) return 'is empty';
  let first: number | undefined;
  let misplaced: number | undefined;
  parserOf(language)
    .parse(expression)
    .iterate({
      enter(node) {
        if (node.type.isError) first ??= node.from;
        else if (isMisplaced(node)) misplaced ??= node.from;
      },
    });
  // What is left of an expression behind a mistake is no fault of its own.
  const at = first ?? misplaced;
  return at === undefined ? undefined : problemAt(expression, at);
}

/** Whether a text or a range of samples stands where Prometheus takes a figure only: as a result, or beside an operator. */
function isMisplaced({ name, node }: SyntaxNode): boolean {
  if (!['StringLiteral', 'MatrixSelector', 'SubqueryExpr'].includes(name)) return false;
  let around = node.parent;
  while (around && ['ParenExpr', 'OffsetExpr', 'StepInvariantExpr'].includes(around.name)) {
    around = around.parent;
  }
  return ['PromQL', 'BinaryExpr', 'UnaryExpr'].includes(around?.name ?? '');
}

/** Loaded where it is needed: an app without rules has no use for it. */
function parserOf(language: RuleLanguage): Parser {
  parsers[language] ??=
    language === 'PromQL'
      ? require('@prometheus-io/lezer-promql').parser
      : require('@grafana/lezer-logql').parser;
  return parsers[language] as Parser;
}

const parsers: Partial<Record<RuleLanguage, Parser>> = {};

function problemAt(expression: string, from: number): string {
  const line = expression.slice(0, from).split('\n').length;
  const rest = expression.slice(from).split('\n')[0]?.trim().slice(0, 40);
  const before = expression.slice(0, from).trimEnd().slice(-40).split('\n').pop();
  return `line ${line}, ${rest ? `at ${JSON.stringify(rest)}` : 'at the end'}, after ${JSON.stringify(before)}`;
}
