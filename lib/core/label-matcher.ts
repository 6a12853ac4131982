import { goString } from './go-string';
import { matchesEmpty, regularExpression } from './regular-expressions';

/** A condition on a label, as PromQL and LogQL write it. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  /** The value as it is written: a string of Go. */
  readonly literal: string;
}

/** What a string has to follow. */
export const STRING_RULE =
  'is not closed, or has an unknown escape: a backslash of a regular expression is written as two';

/** What is wrong with one condition. */
export function matcherProblem({ label, operator, literal }: LabelMatcher): string | undefined {
  const value = goString(literal);
  if (value === undefined) return `the value of ${label} ${STRING_RULE}`;
  return !operator.includes('~') || value === '' || regularExpression.accepts(value)
    ? undefined
    : `the value of ${label} is no regular expression in RE2 syntax`;
}

/** Whether a condition leaves out what has no such label. */
export function excludesEmpty({ operator, literal }: LabelMatcher): boolean {
  const value = goString(literal) ?? '';
  const acceptsEmpty = operator.includes('~') && value !== '' ? matchesEmpty(value) : value === '';
  return acceptsEmpty === operator.startsWith('!');
}
