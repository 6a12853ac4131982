import type { DashboardSource } from '../contracts/dashboards';
import type { RuleSource } from '../contracts/rules';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { ThresholdTable } from './thresholds';
import type { Rule } from './validation';

/**
 * A component of an environment, with what it adds in addition to its construct: thresholds, rules and dashboards. The
 * component's folder exports one of these, and `lib/charts/components.ts` lists them all.
 * @typeParam T the thresholds of its rules
 * @typeParam E the properties of the environment that its rules and dashboards depend on
 */
export interface Component<T extends object = object, E = object> {
  /** Settings that it adds to those of an environment, with their rules. @default - none */
  readonly settings?: AddedSettings;
  /** The thresholds of its rules. @default - none */
  readonly thresholds?: ThresholdTable<T>;
  /**
   * Returns rules in PromQL about the component. Creates no constructs.
   * @throws InvalidOptionError when a threshold is invalid.
   */
  rules?(environment: E, thresholds: Partial<T>): readonly RuleSource[];
  /** Returns rules in LogQL about the component's logs. */
  logRules?(environment: E, thresholds: Partial<T>): readonly RuleSource[];
  /** Returns the component's dashboards. */
  dashboards?(environment: E): readonly DashboardSource[];
}

/** Option tables of settings that a component adds, by part of the settings. */
export interface AddedSettings {
  /** Settings of the component alone, such as `prometheus`. */
  readonly own?: SettingsTable;
  readonly hosts?: SettingsTable;
  readonly retention?: SettingsTable;
  readonly storage?: SettingsTable;
  readonly secrets?: SettingsTable;
  /** Settings of all edge nodes and of each group. */
  readonly nodes?: SettingsTable;
}

/** An option table; `satisfies OptionTable<...>` checks it against the interface of the settings. */
type SettingsTable = Readonly<Record<string, { readonly rule: Rule; readonly default?: unknown }>>;

/** The scrape targets of an environment, for rules that need a component's job. */
export interface RuledTargets {
  /**
   * Scrape targets; rules about a component select the job of its target.
   * @default - all components are present, with their default names
   */
  readonly targets?: readonly ScrapeTarget[];
}

/** Whether an environment has an optional component; without `targets`, it has all of them. */
export const hasComponent = (name: string, { targets }: RuledTargets): boolean =>
  targets === undefined || targets.some(({ component }) => component === name);

/**
 * Returns the scrape job of a component: its name. Components that are not among the targets have their
 * default name.
 */
export function scrapeJobOf(component: string, { targets = [] }: RuledTargets): string {
  const [config] = targets.find((target) => target.component === component)?.scrapeConfigs ?? [];
  return config?.job_name ?? component;
}
