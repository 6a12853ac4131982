import { memoize, textItselfAsCacheKey } from './memoize';
import type { Rule } from './validation';

/** Validation rule for a regular expression in RE2 syntax, which Prometheus, Loki and their agents use. */
export const regularExpression: Rule = {
  allowed: 'a regular expression in RE2 syntax (no look-around, no back-references), such as "^prefix.*"',
  accepts: (value) => typeof value === 'string' && value !== '' && isRe2(value),
};

/**
 * Returns whether an RE2 expression matches the empty text. A label matcher with such an expression also selects
 * series without the label. Returns false for an invalid expression.
 */
export const matchesEmpty = memoize(
  'a regular expression in RE2 syntax that matches an empty text',
  (expression: string): boolean => isRe2(expression) && loadRe2().matches(expression, ''),
  textItselfAsCacheKey,
);

const isRe2 = memoize('RE2', canCompileAsRe2, textItselfAsCacheKey);

/** A character or a character class, with an optional quantifier. */
const CHARACTER = String.raw`(?:[\w ;:=,/@%-]|\.|\\[.dsw])[*+?]?`;

/**
 * Pattern for a simple expression: alternatives in up to two levels of groups. Most expressions have this form. RE2
 * accepts every simple expression, so RE2 does not need to be loaded.
 */
const PLAIN = new RegExp(
  `^\\^?${simpleExpressionPattern(simpleExpressionPattern(simpleExpressionPattern()))}\\$?$`,
);

function simpleExpressionPattern(group?: string): string {
  return `(?:${CHARACTER}|\\|${group ? `|\\(${group}\\)[*+?]?` : ''})*`;
}

function canCompileAsRe2(expression: string): boolean {
  if (PLAIN.test(expression)) return true;
  try {
    loadRe2().compile(expression);
    return true;
  } catch {
    return false;
  }
}

/** Loads RE2 on demand, because most environments do not need it. */
const loadRe2 = () => (require('re2js') as typeof import('re2js')).RE2JS;
