/** A language of rules: Prometheus's, or that of Loki's ruler. */
export type RuleLanguage = 'PromQL' | 'LogQL';

interface Parser {
  parse(expression: string): { iterate(visit: { enter(node: SyntaxNode): void }): void };
}

interface SyntaxNode {
  readonly from: number;
  readonly type: { readonly isError: boolean };
}

/**
 * Where an expression breaks the grammar of its language, in words; undefined where it does not. The grammars
 * are those of the projects' own editors: they know every function, and no types of arguments.
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
  parserOf(language)
    .parse(expression)
    .iterate({
      enter({ from, type }) {
        if (type.isError) first ??= from;
      },
    });
  return first === undefined ? undefined : problemAt(expression, first);
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
