import type { Construct } from 'constructs';
import type { AlertRule, RecordingRule, RuleGroup, RuleSource, Severity } from '../contracts/rules';
import type { Files } from './config-files';
import { omitUndefined } from './defined';
import { duration } from './option-rules';
import { type Options, type OptionTable, optionsRule, validateAndApplyDefaults } from './option-table';
import {
  alertingOrRecordingRuleProblems,
  alertName,
  ruleGroup,
  ruleName,
  ruleSource,
  runbooksAddress,
  severity,
} from './rule-rules';
import { type RuleLanguage, ruleExpressionProblem } from './rule-syntax';
import { falseOrObjectRule, mapRule } from './structure-rules';
import { optionError, problemsOfValue, validateOptions } from './validation';
import { yaml } from './yaml';

/** Override of an alert. `false` removes the alert. */
export type AlertOverride =
  | false
  | {
      /** Severity of the alert. @default - the severity in the rule */
      readonly severity?: Severity;
      /**
       * Time for which the condition must hold before the alert fires, such as `5m`.
       * @default - the value in the rule
       */
      readonly for?: string;
    };

/** Options for all alerting and recording rules of a server (Prometheus, or Loki's ruler). */
export interface RuleOptions {
  /**
   * Base URL of the runbooks. Alerts link to pages below it, such as `EdgeNodeSilent.md`.
   * @default - the folder docs/runbooks of this project on GitHub
   */
  readonly runbooks?: string;
  /** Overrides of alerts, by name. @default - no overrides */
  readonly overrides?: Readonly<Record<string, AlertOverride>>;
}

/** Default base URL of runbooks. */
export const RUNBOOKS =
  'https://github.com/cdk8s-edge-observability/cdk8s-edge-observability/blob/main/docs/runbooks';

/** Validation rules of the options of `AlertOverride`. */
export const ALERT_OVERRIDE = {
  severity: { rule: severity, default: undefined },
  for: { rule: duration, default: undefined },
} satisfies OptionTable<Exclude<AlertOverride, false>>;

/** Validation rule for an option of type `AlertOverride`. */
export const alertOverride = falseOrObjectRule(optionsRule<Exclude<AlertOverride, false>>(ALERT_OVERRIDE));

/** Validation rules of the options of `RuleOptions`. */
export const RULE_OPTIONS = {
  runbooks: { rule: runbooksAddress, derive: () => RUNBOOKS },
  overrides: { rule: mapRule(alertName, alertOverride), default: {} },
} satisfies OptionTable<RuleOptions>;

/** Validation rule for an option of type `RuleOptions`. */
export const ruleOptions = optionsRule<RuleOptions>(RULE_OPTIONS);

/**
 * The alerting and recording rules of one server (Prometheus, or Loki's ruler). Rules are validated when they are
 * added, and rendered as one file for each group.
 */
export class RuleSet {
  private readonly groups: RuleGroup[] = [];
  /** Name of the group that contains a rule, by the key of the rule (`ruleKey`). */
  private readonly groupNamesByRuleKey = new Map<string, string>();
  private readonly renderedFiles: Record<string, string> = {};

  private readonly options: Options<RuleOptions, typeof RULE_OPTIONS>;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(
    private readonly scope: Construct,
    private readonly language: RuleLanguage,
    options: RuleOptions = {},
  ) {
    this.options = validateAndApplyDefaults(scope, options, RULE_OPTIONS);
  }

  /**
   * Adds the rules of a component.
   * @returns the rule groups in the format of rule files and PrometheusRule objects.
   * @throws InvalidOptionError with the name of the rule and its group, for an invalid rule, or for a rule or
   * group with a duplicate name.
   */
  addRules(source: RuleSource): RenderedGroup[] {
    validateOptions(this.scope, { source: [source ?? null, ruleSource] });
    const { ruleGroups } = source;
    for (const [index, group] of ruleGroups.entries()) {
      this.validateGroup(`ruleGroups[${index}]`, group);
      this.groups.push(group);
    }
    return ruleGroups.map((group) => this.convertGroupToRuleFileFormat(group));
  }

  /** Returns a rule file for each group, by file name. */
  renderFiles(): Files {
    for (const group of this.groups) {
      this.renderedFiles[`${group.name}.yaml`] ??= yaml({
        groups: [this.convertGroupToRuleFileFormat(group)],
      });
    }
    return this.renderedFiles;
  }

  private convertGroupToRuleFileFormat({ name, interval, rules }: RuleGroup): RenderedGroup {
    return {
      name,
      ...(interval && { interval }),
      rules: rules.flatMap((rule) => this.convertRuleToRuleFileFormat(rule)),
    };
  }

  private validateGroup(path: string, group: RuleGroup): void {
    const [broken] = problemsOfValue(path, group, ruleGroup);
    if (broken) throw optionError(this.scope, broken);
    if (this.groups.some(({ name }) => name === group.name)) {
      throw optionError(
        this.scope,
        `the rule group ${group.name} already exists: rename one of the two groups`,
      );
    }
    for (const rule of group.rules) {
      const twin = this.groupNamesByRuleKey.get(ruleKey(rule));
      const problem = twin
        ? `a rule with this name already exists in the group ${twin}: rename one of the two rules`
        : this.ruleFieldOrExpressionProblem(rule);
      if (problem) {
        throw optionError(
          this.scope,
          `rule ${String(ruleName(rule))} of the group ${group.name}: ${problem}`,
        );
      }
      this.groupNamesByRuleKey.set(ruleKey(rule), group.name);
    }
  }

  private ruleFieldOrExpressionProblem(rule: AlertRule | RecordingRule): string | undefined {
    const [broken] = alertingOrRecordingRuleProblems(rule);
    if (broken) return broken;
    const mistake = ruleExpressionProblem(this.language, rule.expr);
    return mistake && `expr is not valid ${this.language}: ${mistake}`;
  }

  private convertRuleToRuleFileFormat(rule: AlertRule | RecordingRule): object[] {
    if (!('alert' in rule)) {
      const { record, expr, labels } = rule;
      return [{ record, expr, ...(labels && { labels }) }];
    }
    const change = this.options.overrides[rule.alert];
    return change === false
      ? []
      : [convertAlertToRuleFileFormat({ ...rule, ...omitUndefined(change) }, this.options.runbooks)];
  }

  /**
   * Returns an error for each override of an alert that does not exist. Call it at the end of the synthesis,
   * when all rules are known.
   */
  problemsOfOverridesOfUnknownAlerts(): string[] {
    const known = this.groups.flatMap(({ rules }) => rules.map(ruleName));
    return Object.keys(this.options.overrides)
      .filter((name) => !known.includes(name))
      .map((name) => `overrides.${name}: this alert does not exist; docs/alerts.md lists all alerts`);
  }
}

/** A rule group in the format of rule files. */
export interface RenderedGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly object[];
}

/**
 * Returns a key that is unique for each rule of a server. For a recording rule, the key also contains the labels,
 * because recording rules with the same name can differ in their labels.
 */
const ruleKey = (rule: AlertRule | RecordingRule): string =>
  'alert' in rule ? rule.alert : JSON.stringify([rule.record, rule.labels]);

function convertAlertToRuleFileFormat(rule: AlertRule, runbooks: string): object {
  const { alert, expr, summary, description } = rule;
  return {
    alert,
    expr,
    ...(rule.for && { for: rule.for }),
    ...(rule.keepFiringFor && { keep_firing_for: rule.keepFiringFor }),
    labels: { severity: rule.severity, ...rule.labels },
    annotations: {
      summary,
      description,
      runbook_url: rule.runbook.startsWith('https://')
        ? rule.runbook
        : `${runbooks.replace(/\/$/, '')}/${rule.runbook}`,
    },
  };
}
