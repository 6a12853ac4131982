import type { AlertRule, Muting, RecordingRule, RuleGroup } from '../contracts/rules';
import { duration, isRecord, labelName, matches, oneOf } from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { regularExpression } from './regular-expressions';
import { ruleText } from './rule-templates';
import { allOf, asOneValue, eachMember, mapOf, nonEmptyList, text } from './structure-rules';
import { problemsOf, type Rule } from './validation';

/** Rule for the base URL of runbooks. */
export const runbooksAddress = matches(
  /^https:\/\/[^\s/]+(\/\S*)?$/,
  'an https URL, such as "https://wiki.example.com/runbooks"',
  2_000,
);

export const alertName = matches(/^[A-Z][A-Za-z0-9]*$/, 'a name in the form "EdgeNodeSilent"');

export const severity = oneOf('critical', 'warning', 'info', 'none');

const MATCHER = /^[a-zA-Z_]\w*\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*")$/;

/** Rule for an Alertmanager matcher. */
export const matcher: Rule = {
  allowed:
    'a matcher, such as severity="critical" or group=~"north|south", whose regular expressions are in RE2 syntax',
  accepts: (value) => {
    const [, operator, quoted = '""'] = (typeof value === 'string' && MATCHER.exec(value)) || [];
    if (operator === undefined) return false;
    // Go's escapes include those of JSON; others are kept as they are.
    const text = quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
    return !operator.includes('~') || text === '' || regularExpression.accepts(text);
  },
};

const recordName = matches(
  /^[a-zA-Z_]\w*(:\w+)+$/,
  'the name of a metric in the form "level:metric:operation"',
);

const words = allOf(
  {
    allowed: 'a non-empty text',
    accepts: (value) => typeof value === 'string' && value.trim() !== '',
  },
  ruleText,
);

const runbook: Rule = {
  allowed: 'an https URL, or the name of a page in docs/runbooks, such as "EdgeNodeSilent.md"',
  accepts: (value) =>
    runbooksAddress.accepts(value) || (typeof value === 'string' && /^\w+\.md$/.test(value)),
};

/** The fields of an inhibition. */
export const MUTING = {
  when: { rule: eachMember(matcher), default: [] },
  matchers: { rule: nonEmptyList(eachMember(matcher)) },
  equal: { rule: eachMember(labelName) },
} satisfies OptionTable<Muting>;

/** The fields of an alerting rule. */
export const ALERT = {
  alert: { rule: alertName },
  expr: { rule: text },
  for: { rule: duration, default: undefined },
  keepFiringFor: { rule: duration, default: undefined },
  severity: { rule: severity },
  summary: { rule: words },
  description: { rule: words },
  runbook: { rule: runbook },
  labels: { rule: mapOf(labelName, ruleText), default: undefined },
  mutes: { rule: eachMember(optionsRule<Muting>(MUTING)), default: [] },
} satisfies OptionTable<AlertRule>;

/** The fields of a recording rule. */
export const RECORD = {
  record: { rule: recordName },
  expr: { rule: text },
  description: { rule: words },
  labels: { rule: mapOf(labelName, text), default: undefined },
} satisfies OptionTable<RecordingRule>;

/** Returns the errors in a rule. */
export const ruleProblems = (rule: unknown): readonly string[] =>
  problemsOf(
    '',
    rule,
    isRecord(rule) && 'record' in rule ? optionsRule<RecordingRule>(RECORD) : optionsRule<AlertRule>(ALERT),
  );

const rule = asOneValue({ allowed: 'an alert or a recording rule', accepts: isRecord });

/** The fields of a rule group, except for its rules, for which errors give the name. */
export const RULE_GROUP = {
  name: { rule: matches(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, 'a name in the form "edge-storage"', 100) },
  interval: { rule: duration, default: undefined },
  rules: { rule: eachMember(rule) },
} satisfies OptionTable<RuleGroup>;

/** Rule for a rule group. */
export const ruleGroup = optionsRule<RuleGroup>(RULE_GROUP);

/** Returns the errors in a rule group, and in each of its alerts that mutes others. */
export function ruleGroupProblems(group: RuleGroup, index: number): readonly string[] {
  const own = problemsOf(`ruleGroups[${index}]`, group, ruleGroup);
  return own.length
    ? own
    : group.rules
        .filter((one) => 'mutes' in one)
        .flatMap((one) =>
          ruleProblems(one).map(
            (problem) => `rule ${String(ruleNameOf(one))} of the group ${group.name}: ${problem}`,
          ),
        );
}

/** Returns the name of an alerting or recording rule. */
export const ruleNameOf = (rule: AlertRule | RecordingRule): string =>
  'alert' in rule ? rule.alert : rule.record;

/** Rule for a component that has rules, which may be a construct. */
export const ruleSource = asOneValue({
  allowed: 'an object with ruleGroups (a list)',
  accepts: (value) => Array.isArray(Object(value).ruleGroups),
});
