import { parseGoString } from './go-string';
import { matchesEmpty, regularExpression } from './regular-expressions';

/** A label matcher of PromQL or LogQL. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  /** Value as written in the expression: a Go string literal. */
  readonly literal: string;
}

/**
 * Error message for an invalid Go string literal. The message follows the name of the string, such as `the value of
 * job`.
 */
export const INVALID_STRING =
  'is not terminated, or contains an unknown escape: write two backslashes for a backslash in a regular expression';

/** Returns the error in a label matcher. Returns `undefined` if the matcher is valid. */
export function labelMatcherProblem({ label, operator, literal }: LabelMatcher): string | undefined {
  const value = parseGoString(literal);
  if (value === undefined) return `the value of ${label} ${INVALID_STRING}`;
  return !operator.includes('~') || value === '' || regularExpression.accepts(value)
    ? undefined
    : `the value of ${label} is not a regular expression in RE2 syntax`;
}

/** Returns whether a matcher excludes series that do not have the label. */
export function excludesSeriesWithoutLabel({ operator, literal }: LabelMatcher): boolean {
  const value = parseGoString(literal) ?? '';
  const acceptsEmpty = operator.includes('~') && value !== '' ? matchesEmpty(value) : value === '';
  return acceptsEmpty === operator.startsWith('!');
}
