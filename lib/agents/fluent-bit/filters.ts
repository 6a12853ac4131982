import { seconds } from '../../core/units';
import type { LogMatch, LogTask, MultilineRule } from '../log-agent';

type Section = Readonly<Record<string, unknown>>;

/** Record field that is `yes` for lines to keep and `no` for lines to drop. */
export const KEEP_FIELD = 'chosen';

/** Record field that states whether a line starts an event or continues one. */
const EVENT_FIELD = 'event';

/**
 * Returns the filters that label, join and select lines, in this order.
 * @param naming filter that sets the labels
 * @param joining filter that joins the lines of an event
 */
export function fluentBitFilters(task: LogTask, naming: Section, joining: Section): Section[] {
  const { keep, drop = [], multiline = [] } = task;
  return [
    naming,
    ...multiline.map((rule) => markMatchingLinesFilter(rule, `${EVENT_FIELD} more:${maxWaitSeconds(rule)}`)),
    // These filters come last: if a line starts an event by one rule, no other rule continues an event with it.
    ...multiline.map((rule) =>
      markMatchingLinesFilter(
        { ...rule, line: rule.firstLine },
        `${EVENT_FIELD} first:${maxWaitSeconds(rule)}`,
      ),
    ),
    ...(multiline.length ? [joining] : []),
    ...(keep ?? []).map((match) => markMatchingLinesFilter(match, `${KEEP_FIELD} yes`)),
    ...drop.map((match) => markMatchingLinesFilter(match, `${KEEP_FIELD} no`)),
    ...(keep || drop.length
      ? [
          {
            name: 'grep',
            match: 'pods.*',
            ...(keep ? { regex: `${KEEP_FIELD} ^yes$` } : { exclude: `${KEEP_FIELD} ^no$` }),
          },
        ]
      : []),
  ];
}

function maxWaitSeconds({ maxWait = '3s' }: MultilineRule): number {
  return Math.ceil(seconds(maxWait));
}

/**
 * Returns a filter that sets a field of the records that match.
 * @param set name and value of the field, such as `chosen yes`
 */
function markMatchingLinesFilter({ namespace, container, line }: LogMatch, set: string): Section {
  const wholePattern = (expression?: string) => expression && `^(?:${expression})$`;
  // The parentheses are needed because Fluent Bit parses an expression that starts with a slash as /expression/flags.
  const fields = {
    namespace: wholePattern(namespace),
    container: wholePattern(container),
    log: line && `(?:${line})`,
  };
  const condition = Object.entries(fields).flatMap(([field, expression]) =>
    expression === undefined ? [] : [`Key_value_matches ${field} ${escapeSpaces(toOnigmo(expression))}`],
  );
  return { name: 'modify', match: 'pods.*', ...(condition.length && { condition }), set };
}

/**
 * Replaces spaces and quotes in an expression by escapes, such as `\x20`. Filters would otherwise split their parameters
 * at spaces and interpret quotes.
 */
function escapeSpaces(expression: string): string {
  return expression.replaceAll(/[ "']/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
}

/** Converts named groups from RE2 (`(?P<name>...)`) to Onigmo (`(?<name>...)`). */
function toOnigmo(expression: string): string {
  return expression.replaceAll('(?P<', '(?<');
}
