import type { AlertRule, Muting, RecordingRule, RuleGroup } from '../contracts/rules';
import { duration, isRecord, labelName, matching, oneOf, regularExpression } from './option-rules';
import { ruleText } from './rule-templates';
import { also, each, entries, options, type RuleTable, required, some, text } from './structure-rules';
import { problemsOf, type Rule } from './validation';

/** Where runbooks may be. */
export const runbooksAddress = matching(
  /^https:\/\/[^\s/]+(\/\S*)?$/,
  'an https address, such as "https://wiki.example.com/runbooks"',
  2_000,
);

export const alertName = matching(/^[A-Z][A-Za-z0-9]*$/, 'a name in the form "EdgeNodeSilent"');

export const severity = oneOf('critical', 'warning', 'info', 'none');

const MATCHER = /^[a-zA-Z_]\w*\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*")$/;

/** A condition on a label of alerts. */
export const matcher: Rule = {
  allowed:
    'a matcher, such as severity="critical" or group=~"north|south", whose regular expressions are in RE2 syntax',
  accepts: (value) => {
    const [, operator, quoted = '""'] = (typeof value === 'string' && MATCHER.exec(value)) || [];
    if (operator === undefined) return false;
    // Go's escapes in a text are those of JSON, and more: others are left as they are written.
    const text = quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
    return !operator.includes('~') || text === '' || regularExpression.accepts(text);
  },
};

const recordName = matching(
  /^[a-zA-Z_]\w*(:\w+)+$/,
  'the name of a metric in the form "level:metric:operation"',
);

const words = also(
  {
    allowed: 'a text that says what happened',
    accepts: (value) => typeof value === 'string' && value.trim() !== '',
  },
  ruleText,
);

const runbook: Rule = {
  allowed: 'an https address, or the name of a page in docs/runbooks, such as "EdgeNodeSilent.md"',
  accepts: (value) =>
    runbooksAddress.accepts(value) || (typeof value === 'string' && /^\w+\.md$/.test(value)),
};

const ALERT: RuleTable<AlertRule> = {
  alert: required(alertName),
  expr: required(text),
  for: duration,
  keepFiringFor: duration,
  severity: required(severity),
  summary: required(words),
  description: required(words),
  runbook: required(runbook),
  labels: entries(labelName, ruleText),
  mutes: each(
    options<Muting>({
      when: each(matcher),
      matchers: required(some(each(matcher))),
      equal: required(each(labelName)),
    }),
  ),
};

const RECORD: RuleTable<RecordingRule> = {
  record: required(recordName),
  expr: required(text),
  description: required(words),
  labels: entries(labelName, text),
};

/** What is wrong with a rule. */
export const ruleProblems = (rule: unknown): readonly string[] =>
  problemsOf('', rule, isRecord(rule) && 'record' in rule ? options(RECORD) : options(ALERT));

const rule: Rule = { allowed: 'an alert or a recording rule', accepts: isRecord };

/** A group of rules, but for the rules themselves, which messages name. */
export const ruleGroup = options<RuleGroup>({
  name: required(matching(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, 'a name in the form "edge-storage"', 100)),
  interval: duration,
  rules: required(each(rule)),
});

/** What is wrong with a group of rules, and with each rule of it. */
export function groupProblems(group: RuleGroup, index: number): readonly string[] {
  const own = problemsOf(`ruleGroups[${index}]`, group, ruleGroup);
  return own.length
    ? own
    : group.rules.flatMap((one) =>
        ruleProblems(one).map(
          (problem) => `rule ${String(nameOf(one))} of the group ${group.name}: ${problem}`,
        ),
      );
}

/** The name of a rule. */
export const nameOf = (rule: AlertRule | RecordingRule): string =>
  'alert' in rule ? rule.alert : rule.record;

/** Something that rules watch: constructs are, too. */
export const ruleSource: Rule = {
  allowed: 'something with ruleGroups, a list',
  accepts: (value) => Array.isArray(Object(value).ruleGroups),
};
