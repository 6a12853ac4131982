import type { DashboardSource } from '../contracts/dashboards';
import type { RuleSource } from '../contracts/rules';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { ThresholdTable } from './thresholds';
import type { Rule } from './validation';

/**
 * What a component adds to an environment beside its construct. Its folder exports one of these, and one list has all of
 * them: thresholds, rules and dashboards of an environment are made from that list.
 *
 * @typeParam T thresholds of its rules
 * @typeParam E what its rules and dashboards have to know of the environment
 */
export interface Component<T extends object = object, E = object> {
  /** Settings that it adds to those of an environment, and what each may hold. @default - none */
  readonly settings?: AddedSettings;
  /** Every threshold of its rules. @default - none */
  readonly thresholds?: ThresholdTable<T>;
  /**
   * Rules about it in PromQL, from the thresholds of the environment. They are pure: nothing is built for them.
   *
   * @throws InvalidOptionError when a threshold is not allowed.
   */
  rules?(environment: E, thresholds: Partial<T>): readonly RuleSource[];
  /** The same in LogQL, about what it logs. */
  logRules?(environment: E, thresholds: Partial<T>): readonly RuleSource[];
  /** Dashboards that show it. */
  dashboards?(environment: E): readonly DashboardSource[];
}

/** Tables of settings that a component adds, by the part of the settings that they are in. */
export interface AddedSettings {
  /** Of the component alone, such as `prometheus`. */
  readonly own?: SettingsTable;
  readonly hosts?: SettingsTable;
  readonly retention?: SettingsTable;
  readonly storage?: SettingsTable;
  readonly secrets?: SettingsTable;
  /** Of all nodes of the edge, and of each group of them. */
  readonly nodes?: SettingsTable;
}

/** Each setting, and what it may be; `satisfies OptionTable<...>` holds it to the interface that it is of. */
type SettingsTable = Readonly<Record<string, { readonly rule: Rule; readonly default?: unknown }>>;

/** What an environment runs, as rules about a component need it. */
export interface RuledTargets {
  /** What Prometheus reads: rules about a component read the job of that name. @default - components have their default names */
  readonly targets?: readonly ScrapeTarget[];
}

/** The job of a component, which is its name; components that are not among the targets have their default name. */
export function jobOf(component: string, { targets = [] }: RuledTargets): string {
  const [config] = targets.find((target) => target.component === component)?.scrapeConfigs ?? [];
  return config?.job_name ?? component;
}
