import type { AlertRule, Muting, RecordingRule, RuleGroup } from '../contracts/rules';
import { duration, isObjectNotList, labelName, oneOfRule, patternRule } from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { regularExpression } from './regular-expressions';
import { ruleText } from './rule-templates';
import {
  combineRulesWithAnd,
  listRule,
  mapRule,
  nonEmptyListRule,
  ruleForValueAsWhole,
  text,
} from './structure-rules';
import { problemsOfValue, type Rule } from './validation';

/** Validation rule for the base URL of runbooks. */
export const runbooksAddress = patternRule(
  /^https:\/\/[^\s/]+(\/\S*)?$/,
  'an https URL, such as "https://wiki.example.com/runbooks"',
  2_000,
);

/** Validation rule for the name of an alert. */
export const alertName = patternRule(
  /^[A-Z][A-Za-z0-9]*$/,
  'a name of letters and digits that starts with a capital letter, such as "EdgeNodeSilent"',
);

/** Validation rule for the severity of an alert. */
export const severity = oneOfRule('critical', 'warning', 'info', 'none');

const MATCHER = /^[a-zA-Z_]\w*\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*")$/;

/** Validation rule for an Alertmanager matcher. */
export const matcher: Rule = {
  allowed:
    'an Alertmanager matcher, such as severity="critical" or group=~"north|south", with regular expressions in RE2 syntax',
  accepts: (value) => {
    const [, operator, quoted = '""'] = (typeof value === 'string' && MATCHER.exec(value)) || [];
    if (operator === undefined) return false;
    // Only escaped backslashes and quotes are replaced; other escapes do not change whether RE2 accepts the text.
    const text = quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
    return !operator.includes('~') || text === '' || regularExpression.accepts(text);
  },
};

const recordName = patternRule(
  /^[a-zA-Z_]\w*(:\w+)+$/,
  'a metric name with at least one colon, in the form "level:metric:operation"',
);

const nonEmptyTemplate = combineRulesWithAnd(
  {
    allowed: 'a non-empty text',
    accepts: (value) => typeof value === 'string' && value.trim() !== '',
  },
  ruleText,
);

const runbook: Rule = {
  allowed: 'the name of a page in docs/runbooks, such as "EdgeNodeSilent.md", or an https URL',
  accepts: (value) =>
    runbooksAddress.accepts(value) || (typeof value === 'string' && /^\w+\.md$/.test(value)),
};

/** Validation rules of the fields of `Muting`. */
export const MUTING = {
  when: { rule: listRule(matcher), default: [] },
  matchers: { rule: nonEmptyListRule(listRule(matcher)) },
  equal: { rule: listRule(labelName) },
} satisfies OptionTable<Muting>;

/** Validation rules of the fields of `AlertRule`. */
export const ALERT = {
  alert: { rule: alertName },
  expr: { rule: text },
  for: { rule: duration, default: undefined },
  keepFiringFor: { rule: duration, default: undefined },
  severity: { rule: severity },
  summary: { rule: nonEmptyTemplate },
  description: { rule: nonEmptyTemplate },
  runbook: { rule: runbook },
  labels: { rule: mapRule(labelName, ruleText), default: undefined },
  mutes: { rule: listRule(optionsRule<Muting>(MUTING)), default: [] },
} satisfies OptionTable<AlertRule>;

/** Validation rules of the fields of `RecordingRule`. */
export const RECORD = {
  record: { rule: recordName },
  expr: { rule: text },
  description: { rule: nonEmptyTemplate },
  labels: { rule: mapRule(labelName, text), default: undefined },
} satisfies OptionTable<RecordingRule>;

/** Returns the errors in an alerting or recording rule. */
export const alertingOrRecordingRuleProblems = (rule: unknown): readonly string[] =>
  problemsOfValue(
    '',
    rule,
    isObjectNotList(rule) && 'record' in rule
      ? optionsRule<RecordingRule>(RECORD)
      : optionsRule<AlertRule>(ALERT),
  );

const rule = ruleForValueAsWhole({ allowed: 'an alert or a recording rule', accepts: isObjectNotList });

/**
 * Validation rules of the fields of `RuleGroup`. The alerting and recording rules of a group are validated
 * separately, so that errors contain the name of the rule.
 */
export const RULE_GROUP = {
  name: {
    rule: patternRule(
      /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
      'a name of lower-case letters, digits and dashes that starts with a letter, such as "edge-storage"',
      100,
    ),
  },
  interval: { rule: duration, default: undefined },
  rules: { rule: listRule(rule) },
} satisfies OptionTable<RuleGroup>;

/** Validation rule for an option of type `RuleGroup`. */
export const ruleGroup = optionsRule<RuleGroup>(RULE_GROUP);

/**
 * Returns the errors in a rule group. If the group has no errors, also validates each alert that has the field `mutes`.
 * The other rules of the group are not validated here.
 * @param index index of the group, for the error messages
 */
export function ruleGroupAndMutingAlertProblems(group: RuleGroup, index: number): readonly string[] {
  const own = problemsOfValue(`ruleGroups[${index}]`, group, ruleGroup);
  return own.length
    ? own
    : group.rules
        .filter((one) => 'mutes' in one)
        .flatMap((one) =>
          alertingOrRecordingRuleProblems(one).map(
            (problem) => `rule ${String(ruleName(one))} of the group ${group.name}: ${problem}`,
          ),
        );
}

/** Returns the name of an alerting or recording rule. */
export const ruleName = (rule: AlertRule | RecordingRule): string =>
  'alert' in rule ? rule.alert : rule.record;

/** Validation rule for an option of type `RuleSource`. */
export const ruleSource = ruleForValueAsWhole({
  allowed: 'an object with the field ruleGroups (a list)',
  accepts: (value) => Array.isArray(Object(value).ruleGroups),
});
