import { parseGoString } from './go-string';
import {
  excludesSeriesWithoutLabel,
  INVALID_STRING,
  type LabelMatcher,
  labelMatcherProblem,
} from './label-matcher';
import {
  describeArgumentCount,
  PROMQL_AGGREGATIONS,
  PROMQL_FUNCTIONS,
  type PromqlFunction,
  type PromqlType,
  UNKNOWN_FUNCTION,
} from './promql-functions';
import { isPromqlNumberOrDuration, isPromqlOffset, isPromqlRange } from './promql-numbers';
import { type Term, toPromqlTerm } from './promql-terms';
import type { SyntaxPart } from './syntax-part';

/** Position and reason of an error in an expression that the editor's grammar accepts and the server rejects. */
export interface Misuse {
  readonly from: number;
  readonly reason: string;
}

/**
 * Returns the first error in an expression that matches the editor's grammar, but that Prometheus rejects: wrong types,
 * numbers of arguments, modifiers or selectors. Returns `undefined` if there is no error.
 */
export function findPromqlMisuse(expression: string, root: SyntaxPart): Misuse | undefined {
  const node = root.findChild('Expr');
  if (!node) return undefined;
  const check = new PromqlCheck(expression);
  const type = check.checkTerm(toPromqlTerm(node));
  if (check.misuse || isValidOperandType(type)) return check.misuse;
  return { from: node.from, reason: `the result is ${withArticle(type)}, not a scalar or an instant vector` };
}

const SELECTORS = ['VectorSelector', 'MatrixSelector', 'SubqueryExpr'];
const MODIFIERS = ['OffsetExpr', 'StepInvariantExpr'];
const COMPARISONS = ['Eql', 'Neq', 'Gte', 'Gtr', 'Lte', 'Lss'];
const SETS = ['And', 'Or', 'Unless'];
const FILLS = ['FillClause', 'FillLeftClause', 'FillRightClause', 'FillModifier'];

const isValidOperandType = (type: PromqlType): boolean => type === 'scalar' || type === 'instant vector';

class PromqlCheck {
  misuse: Misuse | undefined;

  constructor(private readonly expression: string) {}

  /** Checks a term and its parts. Records the first error in `misuse`, and returns the type of the term. */
  checkTerm(term: Term): PromqlType {
    const type = this.kinds[term.node.name]?.(term);
    if (!type) this.reportMisuse(term.node, 'this syntax is experimental and not enabled');
    return type ?? 'instant vector';
  }

  private readonly kinds: Readonly<Record<string, (term: Term) => PromqlType>> = {
    NumberDurationLiteral: ({ node }) => this.checkNumberLiteral(node),
    StringLiteral: ({ node }) => this.checkStringLiteral(node),
    VectorSelector: ({ node }) => this.checkVectorSelector(node),
    MatrixSelector: (term) => this.checkRangeSelector(term),
    SubqueryExpr: (term) => this.checkSubquery(term),
    OffsetExpr: (term) => this.checkOffsetOrAtModifier(term, 'offset'),
    StepInvariantExpr: (term) => this.checkOffsetOrAtModifier(term, '@'),
    ParenExpr: ({ parts: [inner], node }) => (inner ? this.checkTerm(inner) : this.checkStringLiteral(node)),
    UnaryExpr: ({ parts: [operand] }) => (operand ? this.checkOperand(operand) : 'scalar'),
    BinaryExpr: (term) => this.checkBinaryOperation(term),
    AggregateExpr: (term) => this.checkFunctionOrAggregation(term, 'AggregateOp', PROMQL_AGGREGATIONS),
    FunctionCall: (term) => this.checkFunctionOrAggregation(term, 'FunctionIdentifier', PROMQL_FUNCTIONS),
  };

  private reportMisuse(node: SyntaxPart, reason: string): void {
    this.misuse ??= { from: node.from, reason };
  }

  private sourceTextOf({ from, to }: SyntaxPart): string {
    return this.expression.slice(from, to);
  }

  private checkNumberLiteral(node: SyntaxPart): PromqlType {
    if (!isPromqlNumberOrDuration(this.sourceTextOf(node)))
      this.reportMisuse(node, 'the number is too large');
    return 'scalar';
  }

  private checkStringLiteral(node: SyntaxPart): PromqlType {
    if (parseGoString(this.sourceTextOf(node)) === undefined)
      this.reportMisuse(node, `the string ${INVALID_STRING}`);
    return 'string';
  }

  private checkFunctionOrAggregation(
    { node, parts }: Term,
    kind: string,
    known: ReadonlyMap<string, PromqlFunction>,
  ): PromqlType {
    const name = this.sourceTextOf(node.findChild(kind) ?? node);
    const signature = known.get(name.toLowerCase());
    if (!signature) this.reportMisuse(node, `${name} is experimental and not enabled`);
    const { argumentTypes, minArguments, maxArguments, resultType } = signature ?? UNKNOWN_FUNCTION;
    if (parts.length < minArguments || parts.length > maxArguments) {
      const expected = describeArgumentCount(minArguments, maxArguments);
      this.reportMisuse(node, `${name} needs ${expected}, not ${parts.length}`);
    }
    for (const [index, part] of parts.entries()) {
      const wanted = argumentTypes[Math.min(index, argumentTypes.length - 1)];
      const type = this.checkTerm(part);
      if (wanted && type !== wanted) {
        this.reportMisuse(
          part.node,
          `argument ${index + 1} of ${name} is ${withArticle(type)}; expected: ${withArticle(wanted)}`,
        );
      }
    }
    return resultType;
  }

  private checkVectorSelector(node: SyntaxPart): PromqlType {
    const list = node.findChild('LabelMatchers');
    const names = list?.findChildren('QuotedLabelName') ?? [];
    const matchers = this.readLabelMatchers(list);
    const problem = matchers.map(labelMatcherProblem).find(Boolean);
    if (problem) this.reportMisuse(node, problem);
    for (const name of names) this.checkStringLiteral(name);
    const isNamed = node.findChild('Identifier') !== undefined;
    if (isNamed && (names.length || matchers.some(({ label }) => label === '__name__'))) {
      this.reportMisuse(node, 'the metric name is set twice');
    }
    if (!isNamed && !names.length && !matchers.some(excludesSeriesWithoutLabel)) {
      this.reportMisuse(node, 'a selector needs at least one matcher that does not match an empty value');
    }
    return 'instant vector';
  }

  private readLabelMatchers(list: SyntaxPart | undefined): LabelMatcher[] {
    return ['UnquotedLabelMatcher', 'QuotedLabelMatcher']
      .flatMap((kind) => list?.findChildren(kind) ?? [])
      .map((matcher) => {
        const [name = '', operator = '', literal = ''] = [
          matcher.parts[0],
          matcher.findChild('MatchOp'),
          matcher.parts.at(-1),
        ].map((part) => (part ? this.sourceTextOf(part) : ''));
        return { label: parseGoString(name) ?? name, operator, literal };
      });
  }

  private checkRangeSelector({ node, parts: [selected] }: Term): PromqlType {
    const isSelector = selected?.node.name === 'VectorSelector';
    // Prometheus only accepts `@ start()` and `@ end()` before a range.
    if (!isSelector && !selected?.node.findChild('AtModifierPreprocessors')) {
      this.reportMisuse(
        node,
        'a range such as [5m] must follow a selector: use a subquery such as [5m:1m] for other expressions',
      );
    }
    if (selected) this.checkTerm(selected);
    return this.checkRangeDurations(node);
  }

  private checkSubquery({ node, parts: [inner] }: Term): PromqlType {
    const type = inner ? this.checkTerm(inner) : 'instant vector';
    if (type !== 'instant vector')
      this.reportMisuse(node, `a subquery needs an instant vector, not ${withArticle(type)}`);
    return this.checkRangeDurations(node);
  }

  private checkRangeDurations(node: SyntaxPart): PromqlType {
    if (!node.findChildren('DurationExpr').every((duration) => isPromqlRange(this.sourceTextOf(duration)))) {
      this.reportMisuse(node, 'a range must be a duration above 0, such as 5m, not a calculation');
    }
    return 'range vector';
  }

  private checkOffsetOrAtModifier({ node, parts: [inner] }: Term, word: string): PromqlType {
    const duration = node.findChild('OffsetDurationExpr');
    if (duration && !isPromqlOffset(this.sourceTextOf(duration))) {
      this.reportMisuse(duration, 'an offset must be a duration, such as 5m, not a calculation');
    }
    const time = node.findChild('NumberDurationLiteral');
    if (time && /inf|nan/i.test(this.sourceTextOf(time)))
      this.reportMisuse(time, 'the modifier "@" must be followed by a timestamp in seconds');
    let selected = inner;
    while (selected && MODIFIERS.includes(selected.node.name)) {
      if (selected.node.name === node.name) this.reportMisuse(node, `the modifier "${word}" is set twice`);
      selected = selected.parts[0];
    }
    if (!selected || !SELECTORS.includes(selected.node.name)) {
      this.reportMisuse(node, `the modifier "${word}" must follow a selector or a subquery`);
    }
    return inner ? this.checkTerm(inner) : 'instant vector';
  }

  private checkOperand(term: Term): PromqlType {
    const type = this.checkTerm(term);
    if (isValidOperandType(type)) return type;
    this.reportMisuse(term.node, `an operator needs a scalar or an instant vector, not ${withArticle(type)}`);
    return 'instant vector';
  }

  private checkBinaryOperation({ node, parts }: Term): PromqlType {
    const types = parts.map((part) => this.checkOperand(part));
    const [areScalars, hasScalar] = [types.every((type) => type === 'scalar'), types.includes('scalar')];
    const found = childNodeTypes(node);
    const hasChildOfType = (...kinds: readonly string[]) => kinds.some((kind) => found.has(kind));
    const isComparison = hasChildOfType(...COMPARISONS);
    if (hasChildOfType('BoolModifier') && !isComparison)
      this.reportMisuse(node, 'the modifier "bool" is only allowed for comparisons');
    if (areScalars && isComparison && !hasChildOfType('BoolModifier')) {
      this.reportMisuse(node, 'a comparison of two scalars needs the modifier "bool"');
    }
    if (hasChildOfType(...FILLS)) this.reportMisuse(node, 'the experimental modifier "fill" is not enabled');
    if (hasScalar && hasChildOfType(...SETS))
      this.reportMisuse(node, 'the operators "and", "or" and "unless" only support instant vectors');
    this.checkVectorMatching(node.findChild('MatchingModifierClause'), hasScalar, hasChildOfType(...SETS));
    return areScalars ? 'scalar' : 'instant vector';
  }

  private checkVectorMatching(clause: SyntaxPart | undefined, hasScalar: boolean, isSet: boolean): void {
    if (!clause) return;
    const isGrouped = clause.findChild('GroupLeft') ?? clause.findChild('GroupRight');
    const [labels = [], included = []] = clause
      .findChildren('GroupingLabels')
      .map((list) => this.readLabelNames(list));
    if (hasScalar && labels.length)
      this.reportMisuse(clause, 'the modifiers "on" and "ignoring" need two instant vectors');
    if (isSet && isGrouped)
      this.reportMisuse(clause, 'the set operators do not support group_left and group_right');
    if (clause.findChild('On') && included.some((label) => labels.includes(label))) {
      this.reportMisuse(clause, 'a label cannot be in "on" and also in "group_left" or "group_right"');
    }
  }

  private readLabelNames(list: SyntaxPart): string[] {
    return ['LabelName', 'QuotedLabelName']
      .flatMap((kind) => list.findChildren(kind))
      .map((label) => parseGoString(this.sourceTextOf(label)) ?? this.sourceTextOf(label));
  }
}

/** Returns the types of the syntax nodes directly below a node. */
const childNodeTypes = (node: SyntaxPart): ReadonlySet<string> => new Set(node.parts.map(({ name }) => name));

const withArticle = (type: PromqlType): string => `${type.startsWith('i') ? 'an' : 'a'} ${type}`;
