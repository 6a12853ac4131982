import { seconds } from '../../core/units';
import type { LogMatch, LogTask, MultilineRule } from '../log-agent';

type Section = Readonly<Record<string, unknown>>;

/** The field by which a record is kept or dropped. */
export const MARK = 'chosen';

/** The field that says whether a line begins an event or goes on with one. */
const PLACE = 'event';

/** Names, joins and chooses lines, in this order. */
export function fluentBitFilters(task: LogTask, naming: Section, joining: Section): Section[] {
  const { keep, drop = [], multiline = [] } = task;
  return [
    naming,
    ...multiline.map((rule) => marked(rule, `${PLACE} more:${waitOf(rule)}`)),
    // The first line of an event by one rule is the first by all.
    ...multiline.map((rule) => marked({ ...rule, line: rule.firstLine }, `${PLACE} first:${waitOf(rule)}`)),
    ...(multiline.length ? [joining] : []),
    ...(keep ?? []).map((match) => marked(match, `${MARK} yes`)),
    ...drop.map((match) => marked(match, `${MARK} no`)),
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

/** A record that a rule is about gets the mark. */
function marked({ namespace, container, line }: LogMatch, set: string): Section {
  const whole = (expression?: string) => expression && `^(?:${expression})$`;
  // In brackets, since a slash at the beginning would be taken for the delimiter of an expression with flags.
  const fields = { namespace: whole(namespace), container: whole(container), log: line && `(?:${line})` };
  const condition = Object.entries(fields).flatMap(([field, expression]) =>
    expression === undefined ? [] : [`Key_value_matches ${field} ${word(onigmo(expression))}`],
  );
  return { name: 'modify', match: 'pods.*', ...(condition.length && { condition }), set };
}

/** An expression as one word, as filters split what they are told at spaces, and look at quotes. */
function word(expression: string): string {
  return expression.replaceAll(/[ "']/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
}

/** RE2 names groups `(?P<name>...)`, Onigmo `(?<name>...)`. */
function onigmo(expression: string): string {
  return expression.replaceAll('(?P<', '(?<');
}
