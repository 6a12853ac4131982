import type { DashboardSource } from '../contracts/dashboards';
import type { RuleSource } from '../contracts/rules';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { ThresholdTable } from './thresholds';
import type { Rule } from './validation';

/**
 * The settings, thresholds, rules and dashboards of a component, in addition to its construct. The folder of a
 * component exports one object of this type, which `lib/charts/components.ts` lists.
 * @typeParam T thresholds of the component's rules
 * @typeParam E properties of the environment that the component's rules and dashboards depend on
 */
export interface Component<T extends object = object, E = object> {
  /** Settings of an environment that configure the component, with validation rules. @default - no settings */
  readonly settings?: AddedSettings;
  /** Thresholds of the component's alerts. @default - no thresholds */
  readonly thresholds?: ThresholdTable<T>;
  /**
   * Returns PromQL rules about the component. The function must not create constructs.
   * @throws InvalidOptionError when a threshold is invalid.
   */
  rules?(environment: E, thresholds: Partial<T>): readonly RuleSource[];
  /** Returns LogQL rules about the component's logs. */
  logRules?(environment: E, thresholds: Partial<T>): readonly RuleSource[];
  /** Returns the component's dashboards. */
  dashboards?(environment: E): readonly DashboardSource[];
}

/**
 * Validation rules of the settings that a component adds. Each field contains the rules for one part of the
 * settings.
 */
export interface AddedSettings {
  /** Settings at the top level, such as `prometheus`. */
  readonly own?: SettingsTable;
  /** Settings below `hosts`. */
  readonly hosts?: SettingsTable;
  /** Settings below `retention`. */
  readonly retention?: SettingsTable;
  /** Settings below `storage`. */
  readonly storage?: SettingsTable;
  /** Settings below `secrets`. */
  readonly secrets?: SettingsTable;
  /** Settings below `edge`. Each node group also has these settings. */
  readonly nodes?: SettingsTable;
}

/**
 * Validation rules and defaults of settings, by the name of the setting. With `satisfies OptionTable<...>`, the
 * compiler checks that every setting has a rule.
 */
type SettingsTable = Readonly<Record<string, { readonly rule: Rule; readonly default?: unknown }>>;

/** The scrape targets of an environment, for rules that select the scrape job of a component. */
export interface RuledTargets {
  /**
   * Scrape targets of the environment.
   * @default - the environment has all components, with their default names
   */
  readonly targets?: readonly ScrapeTarget[];
}

/**
 * Returns whether an environment has a component. If `targets` is not set, the environment has all components.
 * @param name name of the component
 */
export const environmentHasComponent = (name: string, { targets }: RuledTargets): boolean =>
  targets === undefined || targets.some(({ component }) => component === name);

/** Returns the name of a component's first scrape job, or the name of the component if it has no scrape target. */
export function firstScrapeJobNameOfComponent(component: string, { targets = [] }: RuledTargets): string {
  const [config] = targets.find((target) => target.component === component)?.scrapeConfigs ?? [];
  return config?.job_name ?? component;
}
