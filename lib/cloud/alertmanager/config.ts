import type { Construct } from 'constructs';
import type { Muting, RuleSource } from '../../contracts/rules';
import { ruleGroupAndMutingAlertProblems, ruleSource } from '../../core/rule-rules';
import { listRule, mapRule, nonEmptyListRule } from '../../core/structure-rules';
import { type Checks, optionError, type Rule, validateOptions } from '../../core/validation';
import { receivers } from './receiver-rules';
import type { Receiver } from './receivers';
import { replaceRobotsWithWebhooks } from './robot-relay';
import { type DefinedNames, oneOfDefinedNamesRule, type Route, routeListValidationRule } from './route-rules';
import { type TimeInterval, timeInterval } from './time-interval-rules';

/** Receivers of notifications, and the routes that select a receiver for each alert. */
export interface Routing {
  /**
   * Receivers of notifications. The first receiver gets all alerts that no route matches, except for alerts of
   * severity `info` or `none`.
   * @default - no notifications are sent; alerts are only displayed
   */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
  /**
   * Routes that select a receiver for each alert.
   * @default - the first receiver gets all alerts except for alerts of severity `info` or `none`
   */
  readonly routes?: readonly Route[];
  /**
   * Name of the receiver that gets the alert Watchdog every minute. This receiver is a dead man's switch
   * outside the cluster: the receiver raises an alarm when the notifications of Watchdog stop.
   * @default - Watchdog is only displayed
   */
  readonly heartbeat?: string;
  /**
   * Time intervals by name. Routes refer to a time interval by its name. Example:
   * `{ "office-hours": [{ weekdays: ["monday:friday"] }] }`.
   * @default - no time intervals
   */
  readonly timeIntervals?: Readonly<Record<string, readonly TimeInterval[]>>;
}

/** Name of the receiver for alerts that are displayed, but cause no notification. The receiver has no integrations. */
const DISPLAY_ONLY_RECEIVER = 'nobody';

/** Validates the name of a time interval. */
const intervalName: Rule = {
  allowed: 'a name in one line, such as "office-hours"',
  accepts: (value) => typeof value === 'string' && /^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u.test(value),
};

const timeIntervals = mapRule(intervalName, nonEmptyListRule(listRule(timeInterval)));

/**
 * Returns the values and validation rules of receivers, routes, time intervals and the heartbeat, by option name.
 * The function `validateOptions` applies each rule to its value.
 * @param at prefix of the option names `heartbeat`, `timeIntervals` and `routes` in error messages, such as
 * `settings.alerts.`
 * @param receiversAt name of the option with the receivers in error messages, such as `settings.receivers`
 */
export function valuesAndChecksOfRoutingOptions(
  routing: Routing,
  at = '',
  receiversAt = 'receivers',
): Checks {
  const { receivers: given } = routing;
  const names = Array.isArray(given) ? given.map((receiver) => Reflect.get(Object(receiver), 'name')) : [];
  const known: DefinedNames = {
    receiversOption: receiversAt,
    receivers: names,
    timesOption: `${at}timeIntervals`,
    times: Object.keys(routing.timeIntervals ?? {}),
  };
  return {
    [receiversAt]: [given, receivers],
    [`${at}heartbeat`]: [routing.heartbeat, oneOfDefinedNamesRule(receiversAt, names)],
    [`${at}timeIntervals`]: [routing.timeIntervals, timeIntervals],
    [`${at}routes`]: [routing.routes, routeListValidationRule(known)],
  };
}

/**
 * Returns the content of Alertmanager's configuration file.
 * @param inhibitions inhibition rules in Alertmanager's format
 * @param templates glob of the template files
 */
export function alertmanagerConfig(
  routing: Routing,
  inhibitions: readonly object[],
  templates: string,
): object {
  const { receivers = [], routes: customRoutes = [], heartbeat, timeIntervals: times } = routing;
  return {
    route: {
      receiver: receivers[0]?.name ?? DISPLAY_ONLY_RECEIVER,
      group_by: ['alertname', 'cluster', 'group'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        watchdogRoute(heartbeat),
        ...customRoutes,
        // Alerts of severity info or none are only displayed, unless an earlier route matches them.
        { receiver: DISPLAY_ONLY_RECEIVER, matchers: ['severity=~"info|none"'] },
      ],
    },
    ...(inhibitions.length > 0 && { inhibit_rules: inhibitions }),
    receivers: [...receivers.map(replaceRobotsWithWebhooks), { name: DISPLAY_ONLY_RECEIVER }],
    ...(times && {
      time_intervals: Object.entries(times).map(([name, time_intervals]) => ({
        name,
        time_intervals,
      })),
    }),
    templates: [templates],
  };
}

/**
 * Returns the route of the alert Watchdog. The receiver `heartbeat` gets one notification per minute. If `heartbeat` is
 * not set, no notification of Watchdog is sent.
 */
function watchdogRoute(heartbeat = DISPLAY_ONLY_RECEIVER): Route {
  return {
    receiver: heartbeat,
    matchers: ['alertname="Watchdog"'],
    ...(heartbeat !== DISPLAY_ONLY_RECEIVER && {
      group_wait: '0s',
      group_interval: '1m',
      repeat_interval: '1m',
    }),
  };
}

/** Returns the inhibition rules of a rule source in Alertmanager's format, without validating the source. */
const convertInhibitionRules = ({ ruleGroups }: RuleSource): object[] =>
  ruleGroups.flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      'alert' in rule ? (rule.mutes ?? []).map((muting) => convertInhibitionRule(rule.alert, muting)) : [],
    ),
  );

/**
 * Validates a rule source, and returns its inhibition rules in Alertmanager's format: one for each entry in the field
 * `mutes` of an alert.
 * @throws InvalidOptionError when the source, a rule, a matcher or a label is invalid.
 */
export function validateAndConvertInhibitionRules(scope: Construct, source: RuleSource): object[] {
  validateOptions(scope, { source: [source ?? null, ruleSource] });
  const [problem] = source.ruleGroups.flatMap(ruleGroupAndMutingAlertProblems);
  if (problem) throw optionError(scope, problem);
  return convertInhibitionRules(source);
}

/**
 * Returns an inhibition rule in Alertmanager's format. While `alert` fires with labels that match `when`, the rule
 * mutes the alerts that match `matchers` and that have the same values of the labels in `equal`.
 */
const convertInhibitionRule = (alert: string, { when = [], matchers, equal }: Muting): object => ({
  source_matchers: [`alertname="${alert}"`, ...when],
  target_matchers: matchers,
  equal,
});
