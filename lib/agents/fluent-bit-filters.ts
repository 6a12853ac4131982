import { seconds } from '../core/units';
import { InvalidOptionError } from '../core/validation';
import type { LogMatch, LogTask, MultilineRule } from './log-agent';

type Section = Readonly<Record<string, unknown>>;

/** The field by which a record is kept or dropped. */
export const MARK = 'chosen';

/**
 * The tag of a file's lines. One tag for all containers makes one request of their lines; only those with events of
 * several lines have a tag of their own, since the multiline filter joins what has the same tag.
 */
export function taggedApart({ multiline = [] }: LogTask): Section {
  if (!multiline.length) return { tag: 'pods.all' };
  const rules = multiline.map(
    ({ namespace = '.+', container = '.+' }) =>
      `(?=/var/log/pods/(?:${namespace})_[^_/]+_[^/]+/(?:${container})/[^/]+$)`,
  );
  return {
    // What the expression does not find is an underscore.
    tag: 'pods.<own>',
    tag_regex: onigmo(`^(?:(?:${rules.join('|')})/var/log/pods/(?<own>[^/]+/[^/]+)/|/)`),
  };
}

/** Joins, names and chooses lines, in this order. */
export function fluentBitFilters(task: LogTask, naming: Section): Section[] {
  const { keep, drop = [], multiline = [] } = task;
  return [
    // First: what it joins passes all filters anew.
    ...multiline.map(joined),
    naming,
    ...(keep ?? []).map((match) => marked(match, 'yes')),
    ...drop.map((match) => marked(match, 'no')),
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

/** What tells the lines of an event apart, for each rule. */
export function multilineParsers({ multiline = [] }: LogTask): Section[] {
  return multiline.map(({ firstLine }, index) => ({
    name: `event-${index}`,
    type: 'regex',
    flush_timeout: 3_000,
    rules: [
      { state: 'start_state', regex: `/${slashed(firstLine)}/`, next_state: 'more' },
      { state: 'more', regex: `/^(?!.*(?:${slashed(firstLine)}))/`, next_state: 'more' },
    ],
  }));
}

/**
 * Options were checked as RE2's expressions; Onigmo's mean other things by some of its signs.
 *
 * @throws InvalidOptionError that shows the expression.
 */
export function refuseOtherSyntax({ keep = [], drop = [], multiline = [] }: LogTask): void {
  const expressions = [
    ...[...keep, ...drop].flatMap(({ namespace, container, line }) => [namespace, container, line]),
    ...multiline.flatMap(({ namespace, container, firstLine }) => [namespace, container, firstLine]),
  ];
  const other = expressions.find((one) => one !== undefined && /\(\?[a-zA-Z-]*[msU]|\\[QC]/.test(one));
  if (other === undefined) return;
  throw new InvalidOptionError(
    `an expression is ${JSON.stringify(other)}; Fluent Bit's have no flags but i, no \\Q and no \\C: write it ` +
      'without them, or set agent to alloy() or promtail()',
  );
}

function joined(rule: MultilineRule, index: number): Section {
  const { namespace = '.+', container = '.+' } = rule;
  return {
    name: 'multiline',
    match_regex: onigmo(`^pods\\.(?:${namespace})_[^_/]+_[^_/]+/(?:${container})$`),
    'multiline.key_content': 'log',
    'multiline.parser': `event-${index}`,
    flush_ms: seconds(rule.maxWait ?? '3s') * 1_000,
    'emitter_storage.type': 'filesystem',
  };
}

/** A record that a rule is about gets the mark. */
function marked({ namespace, container, line }: LogMatch, mark: 'yes' | 'no'): Section {
  const whole = (expression?: string) => expression && `^(?:${expression})$`;
  // In brackets, since a slash at the beginning would be taken for the delimiter of an expression with flags.
  const fields = { namespace: whole(namespace), container: whole(container), log: line && `(?:${line})` };
  return {
    name: 'modify',
    match: 'pods.*',
    condition: Object.entries(fields).flatMap(([field, expression]) =>
      expression === undefined ? [] : [`Key_value_matches ${field} ${word(onigmo(expression))}`],
    ),
    set: `${MARK} ${mark}`,
  };
}

/** An expression as one word, as filters split what they are told at spaces, and look at quotes. */
function word(expression: string): string {
  return expression.replaceAll(/[ "']/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
}

/** RE2 names groups `(?P<name>...)`, Onigmo `(?<name>...)`. */
function onigmo(expression: string): string {
  return expression.replaceAll('(?P<', '(?<');
}

function slashed(expression: string): string {
  return expression.replaceAll('/', '\\/');
}
