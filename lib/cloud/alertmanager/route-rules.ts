import { duration, isRecord, labelName, listOf, matching, yesOrNo } from '../../core/option-rules';
import { matcher } from '../../core/rule-rules';
import { each, options, type RuleTable } from '../../core/structure-rules';
import { type Duration, seconds } from '../../core/units';
import { problemsOf, type Rule } from '../../core/validation';

/** Which receiver is notified of which alerts, in Alertmanager's own format; the first route that matches counts. */
export interface Route {
  /** Name of a receiver. @default - that of the route above */
  readonly receiver?: string;
  /** All of which an alert meets, such as `severity="critical"` or `group=~"north|south"`. @default - every alert */
  readonly matchers?: readonly string[];
  /** Whether the routes after it are looked at, too. @default false */
  readonly continue?: boolean;
  /** Names of time intervals in which alerts are sent. @default - always */
  readonly active_time_intervals?: readonly string[];
  /** Names of time intervals in which they are not. @default - never */
  readonly mute_time_intervals?: readonly string[];
  /** Labels by which alerts share a message; `["..."]` sends each alone. @default - name, cluster and group */
  readonly group_by?: readonly string[];
  /** How long the first message waits for more alerts; "0s" does not wait. @default "30s" */
  readonly group_wait?: Duration;
  /** How long Alertmanager waits before it sends a notification of alerts that are new in a group. @default "5m" */
  readonly group_interval?: Duration;
  /** How long Alertmanager waits before it sends a notification again. @default "12h" */
  readonly repeat_interval?: Duration;
  /** More precise routes below it. @default - none */
  readonly routes?: readonly Route[];
}

/** Names that routes may use. */
export interface Known {
  /** The option that names receivers, for messages. */
  readonly option: string;
  readonly receivers: readonly string[];
  readonly times: readonly string[];
}

const groupBy: Rule = {
  allowed: 'a list of different names of labels, such as ["alertname", "node"], or ["..."] alone',
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

/** One of the names that are there. */
export const oneOfThese = (option: string, names: readonly string[]): Rule => ({
  allowed: names.length
    ? `one of ${option}: ${names.map((name) => JSON.stringify(name)).join(', ')}`
    : `none, since ${option} is not set`,
  accepts: (value) => names.includes(value as string),
});

/** A list of routes; without names, those of receivers and times are taken as they are. */
export function routes(known?: Known): Rule {
  const receiver = known
    ? oneOfThese(known.option, known.receivers)
    : matching(/^[^\n]+$/, 'the name of a receiver');
  const times = listOf(
    known
      ? oneOfThese('timeIntervals', known.times)
      : matching(/^[^\n]+$/, 'the name of one of timeIntervals'),
  );
  const below: Rule = {
    allowed: 'a list of routes',
    accepts: (value) => Array.isArray(value) && value.every((one) => isRecord(one)),
    problems: (value, path) => problemsOf(path, value, each(route)),
  };
  const table: RuleTable<Route> = {
    receiver,
    matchers: each(matcher),
    continue: yesOrNo,
    active_time_intervals: times,
    mute_time_intervals: times,
    group_by: groupBy,
    group_wait: wait,
    group_interval: duration,
    repeat_interval: duration,
    routes: below,
  };
  const route = options<Route>(table);
  return each(route);
}
