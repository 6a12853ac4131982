import { seconds } from '../../core/units';
import type { LogMatch, LogTask, MultilineRule } from '../log-agent';

type Section = Readonly<Record<string, unknown>>;

/** Record field that decides whether a record is kept. */
export const MARK = 'chosen';

/** Record field that states whether a line starts or continues an event. */
const PLACE = 'event';

/** Returns the filters that label, join and select lines, in this order. */
export function fluentBitFilters(task: LogTask, naming: Section, joining: Section): Section[] {
  const { keep, drop = [], multiline = [] } = task;
  return [
    naming,
    ...multiline.map((rule) => markLines(rule, `${PLACE} more:${waitOf(rule)}`)),
    // A line that starts an event by one rule starts it for all rules.
    ...multiline.map((rule) =>
      markLines({ ...rule, line: rule.firstLine }, `${PLACE} first:${waitOf(rule)}`),
    ),
    ...(multiline.length ? [joining] : []),
    ...(keep ?? []).map((match) => markLines(match, `${MARK} yes`)),
    ...drop.map((match) => markLines(match, `${MARK} no`)),
    ...(keep || drop.length
      ? [
          {
            name: 'grep',
            match: 'pods.*',
            ...(keep ? { regex: `${MARK} ^yes$` } : { exclude: `${MARK} ^no$` }),
          },
        ]
      : []),
  ];
}

function waitOf({ maxWait = '3s' }: MultilineRule): number {
  return Math.ceil(seconds(maxWait));
}

/** Returns the filter that marks the records which a rule matches. */
function markLines({ namespace, container, line }: LogMatch, set: string): Section {
  const wholePattern = (expression?: string) => expression && `^(?:${expression})$`;
  // In parentheses, since an expression that starts with a slash would be parsed as one with flags.
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
 * Returns an expression as a single word, since filters split their parameters at spaces and interpret
 * quotes.
 */
function escapeSpaces(expression: string): string {
  return expression.replaceAll(/[ "']/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
}

/** Converts named groups from RE2 (`(?P<name>...)`) to Onigmo (`(?<name>...)`). */
function toOnigmo(expression: string): string {
  return expression.replaceAll('(?P<', '(?<');
}
