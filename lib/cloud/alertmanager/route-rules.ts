import { duration, isRecord, labelName, listOf, matches, yesOrNo } from '../../core/option-rules';
import { matcher } from '../../core/rule-rules';
import { eachMember, objectRule, type RuleTable } from '../../core/structure-rules';
import { type Duration, seconds } from '../../core/units';
import { problemsOf, type Rule } from '../../core/validation';

/** A route in Alertmanager's format: selects the receiver of alerts. The first route that matches applies. */
export interface Route {
  /** Name of a receiver. @default - that of the parent route */
  readonly receiver?: string;
  /**
   * Matchers that an alert must all meet, such as `severity="critical"` or `group=~"north|south"`.
   * @default - every alert
   */
  readonly matchers?: readonly string[];
  /** Whether the following routes are also evaluated. @default false */
  readonly continue?: boolean;
  /** Names of time intervals in which notifications are sent. @default - always */
  readonly active_time_intervals?: readonly string[];
  /** Names of time intervals in which notifications are muted. @default - never */
  readonly mute_time_intervals?: readonly string[];
  /**
   * Labels by which alerts are grouped into one notification; `["..."]` sends each alert separately.
   * @default - name, cluster and group
   */
  readonly group_by?: readonly string[];
  /**
   * How long Alertmanager waits for more alerts before the first notification of a group; "0s" sends
   * immediately.
   * @default "30s"
   */
  readonly group_wait?: Duration;
  /** How long Alertmanager waits before it sends a notification about new alerts in a group. @default "5m" */
  readonly group_interval?: Duration;
  /** How long Alertmanager waits before it repeats a notification. @default "12h" */
  readonly repeat_interval?: Duration;
  /** Child routes. @default - none */
  readonly routes?: readonly Route[];
}

/** Names that routes may refer to. */
export interface Known {
  /** The option that defines receivers, for error messages. */
  readonly option: string;
  readonly receivers: readonly string[];
  readonly times: readonly string[];
}

const groupBy: Rule = {
  allowed: 'a list of distinct label names, such as ["alertname", "node"], or ["..."] alone',
  accepts: (value) =>
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    ((value.length === 1 && value[0] === '...') || listOf(labelName).accepts(value)),
};

const wait: Rule = {
  allowed: `"0s", or ${duration.allowed}`,
  accepts: (value) =>
    duration.accepts(value) || (typeof value === 'string' && seconds(value as Duration) === 0),
};

/** Rule for one of the defined names. */
export const oneOfNames = (option: string, names: readonly string[]): Rule => ({
  allowed: names.length
    ? `one of ${option}: ${names.map((name) => JSON.stringify(name)).join(', ')}`
    : `none, since ${option} is not set`,
  accepts: (value) => names.includes(value as string),
});

/**
 * Rule for a list of routes; without known names, references to receivers and time intervals are not checked.
 */
export function routesRule(known?: Known): Rule {
  const receiver = known
    ? oneOfNames(known.option, known.receivers)
    : matches(/^[^\n]+$/, 'the name of a receiver');
  const times = listOf(
    known
      ? oneOfNames('timeIntervals', known.times)
      : matches(/^[^\n]+$/, 'the name of one of timeIntervals'),
  );
  const below: Rule = {
    allowed: 'a list of routes',
    accepts: (value) => Array.isArray(value) && value.every((one) => isRecord(one)),
    problems: (value, path) => problemsOf(path, value, eachMember(route)),
  };
  const table: RuleTable<Route> = {
    receiver,
    matchers: eachMember(matcher),
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
  return eachMember(route);
}
