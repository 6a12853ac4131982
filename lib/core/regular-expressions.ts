import { itself, remembered } from './remembered';
import type { Rule } from './validation';

/** A regular expression that RE2 can read: what Prometheus, Loki and their agents take. */
export const regularExpression: Rule = {
  allowed: 'a regular expression in RE2 syntax (no look-around, no back-references), such as "^level=debug"',
  accepts: (value) => typeof value === 'string' && value !== '' && isRe2(value),
};

/** Whether a regular expression in RE2 syntax matches an empty text, and so a label that is not there. */
export const matchesEmpty = remembered(
  'RE2 that matches an empty text',
  (expression: string): boolean => isRe2(expression) && re2().matches(expression, ''),
  itself,
);

const isRe2 = remembered('RE2', compiles, itself);

/** One character, or any of a kind, which may be repeated. */
const CHARACTER = String.raw`(?:[\w ;:=,/@%-]|\.|\\[.dsw])[*+?]?`;

/** Alternatives in two levels of groups, as most expressions are: RE2 reads all of these, and need not be asked. */
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

/** Loaded where it is needed: most environments have no expression. */
const re2 = () => (require('re2js') as typeof import('re2js')).RE2JS;
