import { parseGoString } from './go-string';
import {
  excludesSeriesWithoutLabel,
  INVALID_STRING,
  type LabelMatcher,
  labelMatcherProblem,
} from './label-matcher';
import type { Misuse } from './promql-types';
import { regularExpression } from './regular-expressions';
import type { SyntaxPart } from './syntax-part';

/** Range aggregations of LogQL that only support log lines. All other range aggregations support unwrapped values. */
const LINE_AGGREGATIONS = /^(count_over_time|bytes_over_time|bytes_rate)$/;
/** Range aggregations that support log lines and unwrapped values. */
const LINE_OR_VALUE_AGGREGATIONS = /^(rate|absent_over_time)$/;

/** Range aggregations that support a `by` or `without` clause. */
const GROUPING_AGGREGATIONS = /^(avg|max|min|stddev|stdvar|quantile|first|last)_over_time$/;

/**
 * Returns the first error in an expression that matches the editor's grammar, but that Loki rejects. Returns
 * `undefined` if there is no error.
 */
export function findLogqlMisuse(expression: string, root: SyntaxPart): Misuse | undefined {
  const sourceTextOfPart = ({ from, to }: SyntaxPart): string => expression.slice(from, to);
  for (const node of root.findSelfAndDescendants()) {
    const reason = CHECKS[node.name]?.(node, sourceTextOfPart);
    if (reason) return { from: node.from, reason };
  }
  return undefined;
}

/** Returns whether the result of a LogQL expression is log lines instead of samples. A rule needs samples. */
export const hasLogLinesAsResult = (root: SyntaxPart): boolean =>
  (root.findChild('Expr')?.findChildren('LogExpr') ?? []).length > 0;

type TextOf = (node: SyntaxPart) => string;
type SyntaxCheck = (node: SyntaxPart, textOf: TextOf) => string | undefined;

const CHECKS: Readonly<Record<string, SyntaxCheck>> = {
  String: (node, textOf) =>
    parseGoString(textOf(node)) === undefined ? `the string ${INVALID_STRING}` : undefined,
  Matcher: (node, textOf) => labelMatcherProblem(readLabelMatcher(node, textOf)),
  Selector: (node, textOf) => {
    const matchers = findSelfAndDescendantsByName(node, 'Matcher').map((matcher) =>
      readLabelMatcher(matcher, textOf),
    );
    const problem = matchers.map(labelMatcherProblem).find(Boolean);
    if (problem || matchers.some(excludesSeriesWithoutLabel)) return problem;
    return 'a selector needs at least one matcher that does not match an empty value';
  },
  LineFilter: (node, textOf) => {
    const operator = node.findChild('Filter');
    const isExpression = operator !== undefined && textOf(operator).includes('~');
    return isExpression ? regularExpressionProblem(node.findChild('String'), textOf) : undefined;
  },
  LabelParser: (node, textOf) => labelParserProblem(node, textOf),
  RangeAggregationExpr: (node, textOf) => rangeAggregationProblem(node, textOf),
  VectorAggregationExpr: (node, textOf) => vectorAggregationProblem(node, textOf),
  LabelReplaceExpr: (node, textOf) => regularExpressionProblem(node.findChildren('String').at(-1), textOf),
  BinOpExpr: (node) => operandTypeProblem(node),
};

function readLabelMatcher(node: SyntaxPart, textOf: TextOf): LabelMatcher {
  const [label = '', operator = '', literal = ''] = [node.parts[0], node.parts[1], node.parts.at(-1)].map(
    (part) => (part ? textOf(part) : ''),
  );
  return { label, operator, literal };
}

const findSelfAndDescendantsByName = (node: SyntaxPart, name: string): SyntaxPart[] =>
  [...node.findSelfAndDescendants()].filter((one) => one.name === name);

function regularExpressionProblem(literal: SyntaxPart | undefined, textOf: TextOf): string | undefined {
  const expression = literal && parseGoString(textOf(literal));
  return !expression || regularExpression.accepts(expression)
    ? undefined
    : 'the regular expression is not in RE2 syntax';
}

function labelParserProblem(node: SyntaxPart, textOf: TextOf): string | undefined {
  const literal = node.findChild('String');
  const text = (literal && parseGoString(textOf(literal))) ?? '';
  if (node.findChild('Regexp')) {
    return /\(\?P?<\w+>/.test(text)
      ? regularExpressionProblem(literal, textOf)
      : 'the regular expression of the parser "regexp" needs a named group, such as (?P<name>.*)';
  }
  if (!node.findChild('Pattern')) return undefined;
  if (!/<[A-Za-z_]\w*>/.test(text))
    return 'the text of the parser "pattern" needs a name in angle brackets, such as <name>';
  return /<\w+><\w+>/.test(text)
    ? 'the text of the parser "pattern" needs at least one character between two names'
    : undefined;
}

function rangeAggregationProblem(node: SyntaxPart, textOf: TextOf): string | undefined {
  const operator = node.findChild('RangeOp');
  const name = operator ? textOf(operator) : '';
  const isUnwrapped = findSelfAndDescendantsByName(node, 'UnwrapExpr').length > 0;
  if (isUnwrapped && LINE_AGGREGATIONS.test(name))
    return `the function ${name} counts lines and does not support "| unwrap"`;
  if (!isUnwrapped && !LINE_AGGREGATIONS.test(name) && !LINE_OR_VALUE_AGGREGATIONS.test(name)) {
    return `the function ${name} needs values: add "| unwrap" with the name of a label`;
  }
  if (node.findChild('Grouping') && !GROUPING_AGGREGATIONS.test(name))
    return `the function ${name} does not support the modifiers "by" and "without"`;
  const hasParameter = node.findChild('Number') !== undefined;
  return hasParameter === (name === 'quantile_over_time')
    ? undefined
    : `the function ${name} ${hasParameter ? 'does not support a parameter' : 'needs a parameter, such as 0.95'}`;
}

function vectorAggregationProblem(node: SyntaxPart, textOf: TextOf): string | undefined {
  const operator = node.findChild('VectorOp');
  const name = operator ? textOf(operator) : '';
  const parameter = node.findChild('Number');
  if (isNumberLiteral(node.findChild('MetricExpr')))
    return `the operator ${name} needs samples, not a number`;
  if (/^sort/.test(name) && node.findChild('Grouping'))
    return `the operator ${name} does not support the modifiers "by" and "without"`;
  if (!/^(topk|bottomk)$/.test(name))
    return parameter ? `the operator ${name} does not support a parameter` : undefined;
  return parameter && /^[1-9]\d*$/.test(textOf(parameter))
    ? undefined
    : `the parameter of the operator ${name} must be a whole number of at least 1`;
}

const isNumberLiteral = (metric: SyntaxPart | undefined): boolean =>
  Boolean(metric?.findChild('LiteralExpr'));

function operandTypeProblem(node: SyntaxPart): string | undefined {
  const sides = node.findChildren('Expr');
  if (sides.some((side) => side.findChild('LogExpr')))
    return 'an operator such as "+" or "and" needs samples, not log lines: use an aggregation such as count_over_time';
  const isSet = ['And', 'Or', 'Unless'].some((operator) => node.findChild(operator));
  const hasNumber = sides.some((side) => isNumberLiteral(side.findChild('MetricExpr')));
  return isSet && hasNumber ? 'the operators "and", "or" and "unless" do not support numbers' : undefined;
}
