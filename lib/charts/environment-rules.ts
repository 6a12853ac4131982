import { logAgent } from '../agents/log-options';
import type { RuleGroup, RuleSource } from '../contracts/rules';
import { dnsLabel, jobLabel, oneOf, yesOrNo } from '../core/option-rules';
import { type OptionTable, optionsOf, optionsRule } from '../core/option-table';
import type { RuleOptions } from '../core/rule-set';
import { scrapeable } from '../core/scrape-rules';
import { eachMember } from '../core/structure-rules';
import { ruledNodes } from '../edge/ruled-nodes';
import { components, THRESHOLDS, type Thresholds } from './components';
import type { KnownEnvironment } from './known-environment';

/** Properties for `environmentRules`: the environment that the rules are about. */
export interface RuledEnvironment extends KnownEnvironment {
  /** Thresholds of alerts. @default - those of docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** The options of `environmentRules()`. */
export const RULED_ENVIRONMENT = {
  targets: { rule: eachMember(scrapeable), default: undefined },
  thresholds: { rule: optionsRule<Partial<Thresholds>>(THRESHOLDS), default: {} },
  exporters: { rule: eachMember(jobLabel), default: [] },
  gateway: { rule: jobLabel, default: undefined },
  services: { rule: eachMember(jobLabel), default: [] },
  nodes: { rule: eachMember(ruledNodes), default: [] },
  membership: { rule: oneOf('api-server', 'pushes'), default: 'api-server' },
  edgeNamespace: { rule: dnsLabel },
  certificates: { rule: yesOrNo, default: false },
  logAgents: { rule: eachMember(logAgent), default: [] },
  ingressNamespaces: { rule: eachMember(dnsLabel) },
} satisfies OptionTable<RuledEnvironment>;

/** Rules by the server that evaluates them. */
export interface EnvironmentRules {
  /** PromQL rules, for `prometheus.addRules`. */
  readonly prometheus: readonly RuleSource[];
  /** LogQL rules, for `loki.addRules`. */
  readonly loki: readonly RuleSource[];
}

/**
 * Returns all rules about an environment, except for those about Prometheus itself, which its construct adds.
 * @throws InvalidOptionError when a threshold or a property of nodes is invalid, or `silentAfter` is too
 * short for some nodes.
 */
export function environmentRules(given: RuledEnvironment): EnvironmentRules {
  const { thresholds, ...environment } = optionsOf('rules', given, RULED_ENVIRONMENT);
  return {
    prometheus: mergeRuleGroups(
      components.flatMap((component) => component.rules?.(environment, thresholds) ?? []),
    ),
    loki: mergeRuleGroups(
      components.flatMap((component) => component.logRules?.(environment, thresholds) ?? []),
    ),
  };
}

/** Merges groups of the same name, in the order of the components. */
function mergeRuleGroups(sources: readonly RuleSource[]): RuleSource[] {
  const groups = new Map<string, RuleGroup>();
  for (const group of sources.flatMap(({ ruleGroups }) => ruleGroups)) {
    const known = groups.get(group.name);
    groups.set(group.name, known ? { ...known, rules: [...known.rules, ...group.rules] } : group);
  }
  return [...groups.values()].map((group) => ({ ruleGroups: [group] }));
}

/**
 * Splits overrides of alerts by server: those of Loki's alerts, and all others, so that Prometheus reports
 * unknown ones.
 */
export function ruleOptionsByStore({ overrides = {}, runbooks }: RuleOptions = {}): {
  readonly prometheus: RuleOptions;
  readonly loki: RuleOptions;
} {
  const groups = components
    .flatMap((component) => component.logRules?.({}, {}) ?? [])
    .flatMap(({ ruleGroups }) => ruleGroups);
  const names = groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
  const withOverridesOf = (isLokis: boolean): RuleOptions => ({
    runbooks,
    overrides: Object.fromEntries(
      Object.entries(overrides).filter(([name]) => names.includes(name) === isLokis),
    ),
  });
  return { prometheus: withOverridesOf(false), loki: withOverridesOf(true) };
}
