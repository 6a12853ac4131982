import { parseGoString } from './go-string';
import { matchesEmpty, regularExpression } from './regular-expressions';

/** A label matcher of PromQL or LogQL. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  /** The value as it is written: a Go string literal. */
  readonly literal: string;
}

/** Error message for an invalid string. */
export const STRING_RULE =
  'is not closed, or has an unknown escape: a backslash of a regular expression is written as two';

/** Returns the error in a label matcher; undefined if it is valid. */
export function matcherProblem({ label, operator, literal }: LabelMatcher): string | undefined {
  const value = parseGoString(literal);
  if (value === undefined) return `the value of ${label} ${STRING_RULE}`;
  return !operator.includes('~') || value === '' || regularExpression.accepts(value)
    ? undefined
    : `the value of ${label} is not a regular expression in RE2 syntax`;
}

/** Whether a matcher excludes series without the label. */
export function excludesEmptyValue({ operator, literal }: LabelMatcher): boolean {
  const value = parseGoString(literal) ?? '';
  const acceptsEmpty = operator.includes('~') && value !== '' ? matchesEmpty(value) : value === '';
  return acceptsEmpty === operator.startsWith('!');
}
