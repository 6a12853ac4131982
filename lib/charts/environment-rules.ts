import { logAgent } from '../agents/log-options';
import type { RuleGroup, RuleSource } from '../contracts/rules';
import { dnsLabel, jobLabel, oneOf, yesOrNo } from '../core/option-rules';
import { type OptionTable, optionsOf, optionsRule } from '../core/option-table';
import type { RuleOptions } from '../core/rule-set';
import { scrapeable } from '../core/scrape-rules';
import { each } from '../core/structure-rules';
import { ruledNodes } from '../edge/ruled-nodes';
import { components, THRESHOLDS, type Thresholds } from './components';
import type { KnownEnvironment } from './known-environment';

/** The parts of an environment that its rules refer to. */
export interface RuledEnvironment extends KnownEnvironment {
  /** From which figures on alerts fire. @default - those of docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** The options of `environmentRules()`. */
export const RULED_ENVIRONMENT = {
  targets: { rule: each(scrapeable), default: [] },
  thresholds: { rule: optionsRule<Partial<Thresholds>>(THRESHOLDS), default: {} },
  exporters: { rule: each(jobLabel), default: [] },
  gateway: { rule: jobLabel, default: undefined },
  services: { rule: each(jobLabel), default: [] },
  nodes: { rule: each(ruledNodes), default: [] },
  membership: { rule: oneOf('api-server', 'pushes'), default: 'api-server' },
  edgeNamespace: { rule: dnsLabel },
  certificates: { rule: yesOrNo, default: false },
  logAgents: { rule: each(logAgent), default: [] },
  ingressNamespaces: { rule: each(dnsLabel) },
} satisfies OptionTable<RuledEnvironment>;

/** Rules by who evaluates them. */
export interface EnvironmentRules {
  /** In PromQL, for `prometheus.addRules`. */
  readonly prometheus: readonly RuleSource[];
  /** In LogQL, for `loki.addRules`. */
  readonly loki: readonly RuleSource[];
}

/**
 * Every rule about an environment, but those that Prometheus has about itself.
 *
 * @throws InvalidOptionError when a threshold, or what is said of nodes, is not allowed, or when `silentAfter` is too
 * short for some of them.
 */
export function environmentRules(given: RuledEnvironment): EnvironmentRules {
  const { thresholds, ...environment } = optionsOf('rules', given, RULED_ENVIRONMENT);
  return {
    prometheus: merged(components.flatMap((component) => component.rules?.(environment, thresholds) ?? [])),
    loki: merged(components.flatMap((component) => component.logRules?.(environment, thresholds) ?? [])),
  };
}

/** The groups of all sources; components may share a group, whose rules are then in the order of the components. */
function merged(sources: readonly RuleSource[]): RuleSource[] {
  const groups = new Map<string, RuleGroup>();
  for (const group of sources.flatMap(({ ruleGroups }) => ruleGroups)) {
    const known = groups.get(group.name);
    groups.set(group.name, known ? { ...known, rules: [...known.rules, ...group.rules] } : group);
  }
  return [...groups.values()].map((group) => ({ ruleGroups: [group] }));
}

/**
 * Changes of alerts by who evaluates them: Loki's its own, and Prometheus all others, so that it tells of those
 * that are not there.
 */
export function optionsFor({ overrides = {}, runbooks }: RuleOptions = {}): {
  readonly prometheus: RuleOptions;
  readonly loki: RuleOptions;
} {
  const groups = components
    .flatMap((component) => component.logRules?.({}, {}) ?? [])
    .flatMap(({ ruleGroups }) => ruleGroups);
  const names = groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
  const only = (isLokis: boolean): RuleOptions => ({
    runbooks,
    overrides: Object.fromEntries(
      Object.entries(overrides).filter(([name]) => names.includes(name) === isLokis),
    ),
  });
  return { prometheus: only(false), loki: only(true) };
}
