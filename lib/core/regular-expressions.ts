import { itself, remembered } from './remembered';
import type { Rule } from './validation';

/** Rule for a regular expression in RE2 syntax, as Prometheus, Loki and their agents use it. */
export const regularExpression: Rule = {
  allowed: 'a regular expression in RE2 syntax (no look-around, no back-references), such as "^level=debug"',
  accepts: (value) => typeof value === 'string' && value !== '' && isRe2(value),
};

/** Whether an expression in RE2 syntax matches the empty text, and thereby series without the label. */
export const matchesEmpty = remembered(
  'RE2 that matches an empty text',
  (expression: string): boolean => isRe2(expression) && re2().matches(expression, ''),
  itself,
);

const isRe2 = remembered('RE2', compiles, itself);

/** A character or a character class, with an optional quantifier. */
const CHARACTER = String.raw`(?:[\w ;:=,/@%-]|\.|\\[.dsw])[*+?]?`;

/**
 * Alternatives in up to two levels of groups. Most expressions have this form; RE2 accepts all of them, so it
 * need not be loaded.
 */
const PLAIN = new RegExp(`^\\^?${alternatives(alternatives(alternatives()))}\\$?$`);

function alternatives(group?: string): string {
  return `(?:${CHARACTER}|\\|${group ? `|\\(${group}\\)[*+?]?` : ''})*`;
}

function compiles(expression: string): boolean {
  if (PLAIN.test(expression)) return true;
  try {
    re2().compile(expression);
    return true;
  } catch {
    return false;
  }
}

/** Loaded on demand, since most environments do not need it. */
const re2 = () => (require('re2js') as typeof import('re2js')).RE2JS;
