import type { SyntaxNode } from '@lezer/common';
import { goString } from './go-string';
import { excludesEmpty, type LabelMatcher, matcherProblem, STRING_RULE } from './label-matcher';
import type { Misuse } from './promql-types';
import { regularExpression } from './regular-expressions';

/** Range aggregations of log lines; others need unwrapped values, or accept both. */
const OF_LINES = /^(count_over_time|bytes_over_time|bytes_rate)$/;
const OF_EITHER = /^(rate|absent_over_time)$/;

/** Range aggregations that accept a `by` or `without` clause. */
const GROUPED = /^(avg|max|min|stddev|stdvar|quantile|first|last)_over_time$/;

/** Returns the first part of an expression that Loki rejects although the editor's grammar accepts it. */
export function logqlMisuse(expression: string, root: SyntaxNode): Misuse | undefined {
  let misuse: Misuse | undefined;
  const textOf = ({ from, to }: SyntaxNode): string => expression.slice(from, to);
  root.cursor().iterate(({ name, node }) => {
    const reason = CHECKS[name]?.(node, textOf);
    if (reason) misuse ??= { from: node.from, reason };
  });
  return misuse;
}

/** Whether an expression returns log lines instead of the samples that a rule needs. */
export const givesLines = (root: SyntaxNode): boolean =>
  (root.getChild('Expr')?.getChildren('LogExpr') ?? []).length > 0;

type TextOf = (node: SyntaxNode) => string;
type Check = (node: SyntaxNode, textOf: TextOf) => string | undefined;

const CHECKS: Readonly<Record<string, Check>> = {
  String: (node, textOf) => (goString(textOf(node)) === undefined ? `the string ${STRING_RULE}` : undefined),
  Matcher: (node, textOf) => matcherProblem(readMatcher(node, textOf)),
  Selector: (node, textOf) => {
    const matchers = descendants(node, 'Matcher').map((matcher) => readMatcher(matcher, textOf));
    const problem = matchers.map(matcherProblem).find(Boolean);
    if (problem || matchers.some(excludesEmpty)) return problem;
    return 'one matcher of a selector must not match an empty value';
  },
  LineFilter: (node, textOf) => {
    const operator = node.getChild('Filter');
    const isExpression = operator !== null && textOf(operator).includes('~');
    return isExpression ? expressionProblem(node.getChild('String'), textOf) : undefined;
  },
  LabelParser: (node, textOf) => parserProblem(node, textOf),
  RangeAggregationExpr: (node, textOf) => rangeProblem(node, textOf),
  VectorAggregationExpr: (node, textOf) => aggregationProblem(node, textOf),
  LabelReplaceExpr: (node, textOf) => expressionProblem(node.getChildren('String').at(-1) ?? null, textOf),
  BinOpExpr: (node) => operandsProblem(node),
};

function readMatcher(node: SyntaxNode, textOf: TextOf): LabelMatcher {
  const [label = '', operator = '', literal = ''] = [
    node.firstChild,
    node.firstChild?.nextSibling,
    node.lastChild,
  ].map((part) => (part ? textOf(part) : ''));
  return { label, operator, literal };
}

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  node.cursor().iterate((one) => {
    if (one.name === name) found.push(one.node);
  });
  return found;
}

function expressionProblem(literal: SyntaxNode | null, textOf: TextOf): string | undefined {
  const expression = literal && goString(textOf(literal));
  return !expression || regularExpression.accepts(expression)
    ? undefined
    : 'the regular expression is not in RE2 syntax';
}

function parserProblem(node: SyntaxNode, textOf: TextOf): string | undefined {
  const literal = node.getChild('String');
  const text = (literal && goString(textOf(literal))) ?? '';
  if (node.getChild('Regexp')) {
    return /\(\?P?<\w+>/.test(text)
      ? expressionProblem(literal, textOf)
      : 'the parser regexp needs a named group, such as (?P<name>.*)';
  }
  if (!node.getChild('Pattern')) return undefined;
  if (!/<[A-Za-z_]\w*>/.test(text)) return 'the parser pattern needs a name, such as <name>';
  return /<\w+><\w+>/.test(text) ? 'the parser pattern needs a text between two names' : undefined;
}

function rangeProblem(node: SyntaxNode, textOf: TextOf): string | undefined {
  const operator = node.getChild('RangeOp');
  const name = operator ? textOf(operator) : '';
  const isUnwrapped = descendants(node, 'UnwrapExpr').length > 0;
  if (isUnwrapped && OF_LINES.test(name)) return `${name} counts lines, and takes no unwrap`;
  if (!isUnwrapped && !OF_LINES.test(name) && !OF_EITHER.test(name)) {
    return `${name} needs values: | unwrap with the name of a label`;
  }
  if (node.getChild('Grouping') && !GROUPED.test(name)) return `${name} takes no by and no without`;
  const hasParameter = node.getChild('Number') !== null;
  return hasParameter === (name === 'quantile_over_time')
    ? undefined
    : `${name} ${hasParameter ? 'takes no parameter' : 'needs a parameter, such as 0.95'}`;
}

function aggregationProblem(node: SyntaxNode, textOf: TextOf): string | undefined {
  const operator = node.getChild('VectorOp');
  const name = operator ? textOf(operator) : '';
  const parameter = node.getChild('Number');
  if (isNumber(node.getChild('MetricExpr'))) return `${name} takes samples, not a number`;
  if (/^sort/.test(name) && node.getChild('Grouping')) return `${name} takes no by and no without`;
  if (!/^(topk|bottomk)$/.test(name)) return parameter ? `${name} takes no parameter` : undefined;
  return parameter && /^[1-9]\d*$/.test(textOf(parameter))
    ? undefined
    : `${name} needs a whole number of at least 1`;
}

const isNumber = (metric: SyntaxNode | null): boolean => Boolean(metric?.getChild('LiteralExpr'));

function operandsProblem(node: SyntaxNode): string | undefined {
  const sides = node.getChildren('Expr');
  if (sides.some((side) => side.getChild('LogExpr'))) return 'an operator takes samples, not lines';
  const isSet = ['And', 'Or', 'Unless'].some((operator) => node.getChild(operator));
  const hasNumber = sides.some((side) => isNumber(side.getChild('MetricExpr')));
  return isSet && hasNumber ? 'and, or and unless take no number' : undefined;
}
