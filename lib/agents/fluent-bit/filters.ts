import { toSeconds } from '../../core/units';
import type { LogMatch, LogTask, MultilineRule } from '../log-agent';

type Section = Readonly<Record<string, unknown>>;

/**
 * Name of the record field that is `yes` for lines to keep and `no` for lines to drop. The field is missing if neither
 * `keep` nor `drop` matches the line.
 */
export const KEEP_FIELD = 'chosen';

/**
 * Name of the record field that states whether a line starts an event or continues an event, such as `first:3` or
 * `more:3`. The number is the time in seconds for which the event waits for its next line.
 */
const EVENT_FIELD = 'event';

/**
 * Returns the filters that set the labels of lines, join the lines of events, and select lines, in this order.
 * @param naming the filter that sets the labels
 * @param joining the filter that joins the lines of an event
 */
export function fluentBitFilters(task: LogTask, naming: Section, joining: Section): Section[] {
  const { keep, drop = [], multiline = [] } = task;
  return [
    naming,
    ...multiline.map((rule) =>
      filterThatSetsRecordField(rule, `${EVENT_FIELD} more:${maxWaitSecondsOfMultilineRule(rule)}`),
    ),
    // The filters for first lines come after the filters above: a line that starts an event by one rule does not
    // continue an event by another rule.
    ...multiline.map((rule) =>
      filterThatSetsRecordField(
        { ...rule, line: rule.firstLine },
        `${EVENT_FIELD} first:${maxWaitSecondsOfMultilineRule(rule)}`,
      ),
    ),
    ...(multiline.length ? [joining] : []),
    ...(keep ?? []).map((match) => filterThatSetsRecordField(match, `${KEEP_FIELD} yes`)),
    ...drop.map((match) => filterThatSetsRecordField(match, `${KEEP_FIELD} no`)),
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

function maxWaitSecondsOfMultilineRule({ maxWait = '3s' }: MultilineRule): number {
  return Math.ceil(toSeconds(maxWait));
}

/**
 * Returns a filter that sets a field in each record that meets all conditions.
 * @param set name and value of the field, such as `chosen yes`
 */
function filterThatSetsRecordField({ namespace, container, line }: LogMatch, set: string): Section {
  const anchorRegularExpression = (expression?: string) => expression && `^(?:${expression})$`;
  // The parentheses are needed because Fluent Bit parses an expression that starts with a slash as /expression/flags.
  const fields = {
    namespace: anchorRegularExpression(namespace),
    container: anchorRegularExpression(container),
    log: line && `(?:${line})`,
  };
  const condition = Object.entries(fields).flatMap(([field, expression]) =>
    expression === undefined
      ? []
      : [`Key_value_matches ${field} ${escapeSpacesAndQuotes(convertNamedGroupsToOnigmo(expression))}`],
  );
  return { name: 'modify', match: 'pods.*', ...(condition.length && { condition }), set };
}

/**
 * Replaces spaces and quotes in an expression by escapes, such as `\x20`. Filters would otherwise split their parameters
 * at spaces and interpret quotes.
 */
function escapeSpacesAndQuotes(expression: string): string {
  return expression.replaceAll(/[ "']/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
}

/** Converts named groups from RE2 (`(?P<name>...)`) to Onigmo (`(?<name>...)`). */
function convertNamedGroupsToOnigmo(expression: string): string {
  return expression.replaceAll('(?P<', '(?<');
}
