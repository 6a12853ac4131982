import {
  duration,
  isObjectNotList,
  labelName,
  listRuleWithSingleError,
  yesOrNo,
} from '../../core/option-rules';
import { matcher } from '../../core/rule-rules';
import { listRule, objectRule, type RuleTable } from '../../core/structure-rules';
import { type Duration, toSeconds } from '../../core/units';
import { problemsOfValue, type Rule } from '../../core/validation';

/**
 * A route in Alertmanager's format, which selects the receiver of alerts. The first route that matches an alert
 * applies. The following routes are only evaluated if this route sets `continue`.
 */
export interface Route {
  /** Name of the receiver. @default - the receiver of the parent route; for top-level routes, the first receiver */
  readonly receiver?: string;
  /**
   * Label matchers, such as `severity="critical"` or `group=~"north|south"`. The route applies to alerts that
   * meet all matchers.
   * @default - the route applies to every alert
   */
  readonly matchers?: readonly string[];
  /**
   * Whether Alertmanager also evaluates the following routes for an alert that matches this route.
   * @default false
   */
  readonly continue?: boolean;
  /**
   * Names of the time intervals in which notifications are sent.
   * @default - notifications are sent at any time
   */
  readonly active_time_intervals?: readonly string[];
  /**
   * Names of the time intervals in which notifications are muted.
   * @default - notifications are never muted
   */
  readonly mute_time_intervals?: readonly string[];
  /**
   * Names of labels. Alerts with equal values of these labels are grouped into one notification. `["..."]` sends each
   * alert separately.
   * @default - as in the parent route; for top-level routes, `["alertname", "cluster", "group"]`
   */
  readonly group_by?: readonly string[];
  /**
   * How long Alertmanager waits for more alerts before it sends the first notification of a group of alerts. "0s" sends
   * immediately.
   * @default - as in the parent route; for top-level routes, "30s"
   */
  readonly group_wait?: Duration;
  /**
   * How long Alertmanager waits before it sends a notification about new alerts in a group.
   * @default - as in the parent route; for top-level routes, "5m"
   */
  readonly group_interval?: Duration;
  /**
   * How long Alertmanager waits before it repeats a notification about alerts that are still firing.
   * @default - as in the parent route; for top-level routes, "12h"
   */
  readonly repeat_interval?: Duration;
  /** Child routes, evaluated for alerts that match this route. @default - no child routes */
  readonly routes?: readonly Route[];
}

/** Names of the receivers and time intervals that exist, so that routes can refer to them. */
export interface DefinedNames {
  /** Name of the option that defines the receivers, for error messages. */
  readonly receiversOption: string;
  readonly receivers: readonly string[];
  /** Name of the option that defines the time intervals, for error messages. */
  readonly timesOption: string;
  readonly times: readonly string[];
}

const groupBy: Rule = {
  allowed: 'a list of distinct label names, such as ["alertname", "node"], or the list ["..."]',
  accepts: (value) =>
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    ((value.length === 1 && value[0] === '...') || listRuleWithSingleError(labelName).accepts(value)),
};

const wait: Rule = {
  allowed: `"0s", or ${duration.allowed}`,
  accepts: (value) =>
    duration.accepts(value) || (typeof value === 'string' && toSeconds(value as Duration) === 0),
};

/**
 * Returns a rule that accepts only the names of receivers or time intervals that an option defines.
 * @param option option that defines the names, such as `receivers`, for error messages
 */
export const oneOfDefinedNamesRule = (option: string, names: readonly string[]): Rule => ({
  allowed: names.length
    ? `one of ${option}: ${names.map((name) => JSON.stringify(name)).join(', ')}`
    : `none, because ${option} is not set: set ${option}, or remove this reference`,
  accepts: (value) => names.includes(value as string),
});

/** Returns the rule for a list of routes that refer only to receivers and time intervals in `known`. */
export function routeListValidationRule(known: DefinedNames): Rule {
  const receiver = oneOfDefinedNamesRule(known.receiversOption, known.receivers);
  const times = listRuleWithSingleError(oneOfDefinedNamesRule(known.timesOption, known.times));
  const below: Rule = {
    allowed: 'a list of routes',
    accepts: (value) => Array.isArray(value) && value.every((one) => isObjectNotList(one)),
    problems: (value, path) => problemsOfValue(path, value, listRule(route)),
  };
  const table: RuleTable<Route> = {
    receiver,
    matchers: listRule(matcher),
    continue: yesOrNo,
    active_time_intervals: times,
    mute_time_intervals: times,
    group_by: groupBy,
    group_wait: wait,
    group_interval: duration,
    repeat_interval: duration,
    routes: below,
  };
  const route = objectRule<Route>(table);
  return listRule(route);
}
