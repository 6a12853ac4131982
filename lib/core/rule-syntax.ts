import type { SyntaxNodeRef, Tree } from '@lezer/common';
import { findLogqlMisuse, hasLogLinesAsResult } from './logql-checks';
import { memoize, textItselfAsCacheKey } from './memoize';
import { findPromqlMisuse, type Misuse } from './promql-types';
import { type SyntaxPart, toSyntaxTree } from './syntax-part';

/** Language of a server's rules: PromQL, or LogQL for Loki's ruler. */
export type RuleLanguage = 'PromQL' | 'LogQL';

interface Parser {
  parse(expression: string): Tree;
  configure(config: { readonly strict: boolean }): Parser;
}

/**
 * Returns the error for which Prometheus or Loki would reject an expression, with the position of the error. Returns
 * `undefined` if the expression is valid. The expression is parsed with the grammar of Prometheus's or Loki's editor.
 * The grammar does not cover the types of arguments, so a second check finds wrong types.
 */
export const syntaxOrTypeProblem = (language: RuleLanguage, expression: string): string | undefined =>
  syntaxOrTypeProblems[language](expression);

const syntaxOrTypeProblems: Readonly<Record<RuleLanguage, (expression: string) => string | undefined>> = {
  PromQL: memoize(
    'PromQL',
    (expression) => computeSyntaxOrTypeProblem('PromQL', expression),
    textItselfAsCacheKey,
  ),
  LogQL: memoize(
    'LogQL',
    (expression) => computeSyntaxOrTypeProblem('LogQL', expression),
    textItselfAsCacheKey,
  ),
};

function computeSyntaxOrTypeProblem(language: RuleLanguage, expression: string): string | undefined {
  if (!expression.trim()) return 'the expression is empty';
  const tree = tryParseExpression(language, expression);
  if (!tree)
    return describeProblemWithPosition(expression, {
      from: firstErrorPosition(loadParser(language).parse(expression)),
    });
  const misuse = MISUSE[language](expression, toSyntaxTree(tree));
  return misuse && describeProblemWithPosition(expression, misuse);
}

/** Parses an expression. Returns `undefined` if the expression does not match the grammar. */
function tryParseExpression(language: RuleLanguage, expression: string): Tree | undefined {
  try {
    return loadStrictParser(language).parse(expression);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Returns the syntax tree of a PromQL expression. Returns `undefined` if the expression does not match the grammar. */
export function tryParsePromql(expression: string): SyntaxPart | undefined {
  const tree = tryParseExpression('PromQL', expression);
  return tree && toSyntaxTree(tree);
}

/**
 * Returns the error in the syntax or result type of a rule's expression. Returns `undefined` if the expression is
 * valid.
 */
export function ruleExpressionProblem(language: RuleLanguage, expression: string): string | undefined {
  const problem = syntaxOrTypeProblem(language, expression);
  if (problem || language === 'PromQL') return problem;
  return logqlGivesLines(expression)
    ? 'the result is log lines, not samples: use an aggregation such as count_over_time'
    : undefined;
}

const logqlGivesLines = memoize(
  'LogQL that gives lines',
  (expression: string): boolean => hasLogLinesAsResult(toSyntaxTree(loadParser('LogQL').parse(expression))),
  textItselfAsCacheKey,
);

/** For each language, the function that finds errors which the grammar of the language does not cover. */
const MISUSE: Readonly<Record<RuleLanguage, typeof findPromqlMisuse>> = {
  PromQL: findPromqlMisuse,
  LogQL: findLogqlMisuse,
};

function firstErrorPosition(tree: Tree): number {
  let first: number | undefined;
  const recordFirstErrorPosition = ({ type, from }: SyntaxNodeRef): void => {
    if (type.isError) first ??= from;
  };
  tree.iterate({ enter: recordFirstErrorPosition });
  return first ?? 0;
}

/** Loads a parser on demand, because an app without rules does not need it. */
function loadParser(language: RuleLanguage): Parser {
  return language === 'PromQL'
    ? require('@prometheus-io/lezer-promql').parser
    : require('@grafana/lezer-logql').parser;
}

function loadStrictParser(language: RuleLanguage): Parser {
  strictParsers[language] ??= loadParser(language).configure({ strict: true });
  return strictParsers[language];
}

const strictParsers: Partial<Record<RuleLanguage, Parser>> = {};

function describeProblemWithPosition(
  expression: string,
  { from, reason }: Partial<Misuse> & { from: number },
): string {
  const line = expression.slice(0, from).split('\n').length;
  const rest = expression.slice(from).split('\n')[0]?.trim().slice(0, 40);
  const before = expression.slice(0, from).trimEnd().slice(-40).split('\n').pop();
  const place = `line ${line}, ${rest ? `at ${JSON.stringify(rest)}` : 'at the end'}, after ${JSON.stringify(before)}`;
  return reason ? `${reason} (${place})` : place;
}
