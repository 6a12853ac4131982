import { logAgent } from '../agents/log-options';
import type { RuleGroup, RuleSource } from '../contracts/rules';
import { dnsLabel, jobLabel, oneOfRule, yesOrNo } from '../core/option-rules';
import { type OptionTable, optionsRule, validateAndApplyDefaults } from '../core/option-table';
import type { RuleOptions } from '../core/rule-set';
import { scrapeable } from '../core/scrape-rules';
import { listRule } from '../core/structure-rules';
import { ruledNodes } from '../edge/ruled-nodes';
import { components, THRESHOLDS, type Thresholds } from './components';
import type { RulesContext } from './rules-context';

/** Properties for `environmentRules()`: the environment and the thresholds of its alerts. */
export interface EnvironmentRulesProps extends RulesContext {
  /** Thresholds of alerts. @default - the defaults in docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** Validation rules of the options of `environmentRules()`. */
export const ENVIRONMENT_RULES_OPTIONS = {
  targets: { rule: listRule(scrapeable), default: undefined },
  thresholds: { rule: optionsRule<Partial<Thresholds>>(THRESHOLDS), default: {} },
  exporters: { rule: listRule(jobLabel), default: [] },
  gateway: { rule: jobLabel, default: undefined },
  services: { rule: listRule(jobLabel), default: [] },
  nodes: { rule: listRule(ruledNodes), default: [] },
  membership: { rule: oneOfRule('api-server', 'pushes'), default: 'api-server' },
  edgeNamespace: { rule: dnsLabel },
  certificates: { rule: yesOrNo, default: false },
  logAgents: { rule: listRule(logAgent), default: [] },
  ingressNamespaces: { rule: listRule(dnsLabel) },
} satisfies OptionTable<EnvironmentRulesProps>;

/** Rules of an environment, by the server that evaluates them. */
export interface EnvironmentRules {
  /** PromQL rules. Pass them to `addRules` of the metrics store. */
  readonly prometheus: readonly RuleSource[];
  /** LogQL rules. Pass them to `addRules` of Loki. */
  readonly loki: readonly RuleSource[];
}

/**
 * Returns all rules of an environment, except for the rules about the metrics store. The construct of the metrics
 * store adds the rules about the store itself.
 * @throws InvalidOptionError when a threshold or a property of nodes is invalid, or when `silentAfter` is too short
 * for the push interval of some nodes.
 */
export function environmentRules(given: EnvironmentRulesProps): EnvironmentRules {
  const { thresholds, ...environment } = validateAndApplyDefaults('rules', given, ENVIRONMENT_RULES_OPTIONS);
  return {
    prometheus: mergeRuleGroupsByName(
      components.flatMap((component) => component.rules?.(environment, thresholds) ?? []),
    ),
    loki: mergeRuleGroupsByName(
      components.flatMap((component) => component.logRules?.(environment, thresholds) ?? []),
    ),
  };
}

/**
 * Merges rule groups that have the same name. Returns one rule source for each name, in the order in which the names
 * first occur.
 */
function mergeRuleGroupsByName(sources: readonly RuleSource[]): RuleSource[] {
  const groups = new Map<string, RuleGroup>();
  for (const group of sources.flatMap(({ ruleGroups }) => ruleGroups)) {
    const known = groups.get(group.name);
    groups.set(group.name, known ? { ...known, rules: [...known.rules, ...group.rules] } : group);
  }
  return [...groups.values()].map((group) => ({ ruleGroups: [group] }));
}

/**
 * Splits the alert overrides between Loki and Prometheus. Loki gets the overrides of alerts that Loki evaluates.
 * Prometheus gets all other overrides. The rule set of Prometheus reports overrides of alerts that do not exist.
 * Loki and Prometheus both get the base URL of runbooks.
 */
export function splitAlertOptionsForPrometheusAndLoki({ overrides = {}, runbooks }: RuleOptions = {}): {
  readonly prometheus: RuleOptions;
  readonly loki: RuleOptions;
} {
  const groups = components
    .flatMap((component) => component.logRules?.({}, {}) ?? [])
    .flatMap(({ ruleGroups }) => ruleGroups);
  const names = groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
  const alertOptionsForLokiOrPrometheus = (isLokis: boolean): RuleOptions => ({
    runbooks,
    overrides: Object.fromEntries(
      Object.entries(overrides).filter(([name]) => names.includes(name) === isLokis),
    ),
  });
  return { prometheus: alertOptionsForLokiOrPrometheus(false), loki: alertOptionsForLokiOrPrometheus(true) };
}
