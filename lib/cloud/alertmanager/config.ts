import type { Muting, RuleSource } from '../../contracts/rules';
import { each, entries, some } from '../../core/structure-rules';
import type { Checks, Rule } from '../../core/validation';
import { receivers } from './receiver-rules';
import type { Receiver } from './receivers';
import { throughRelay } from './robot-relay';
import { type Known, oneOfThese, type Route, routes } from './route-rules';
import { type TimeInterval, timeInterval } from './time-interval-rules';

/** How alerts find people. */
export interface Routing {
  /** Who is told; the first one hears of what no route takes. @default - nobody: alerts are only shown */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
  /** Which receiver is notified of which alerts. @default - the first receiver, of all but severity `info` */
  readonly routes?: readonly Route[];
  /**
   * Name of the receiver that hears of Watchdog every minute, and raises the alarm when it does not: a dead man's
   * switch outside of this cluster.
   * @default - nobody does
   */
  readonly heartbeat?: string;
  /** Times of day and week, by name. @default - none */
  readonly timeIntervals?: Readonly<Record<string, readonly TimeInterval[]>>;
}

/** The receiver of what is only shown. */
const NOBODY = 'nobody';

/** A name of time intervals. */
const intervalName: Rule = {
  allowed: 'a name of one line, such as "office-hours"',
  accepts: (value) => typeof value === 'string' && /^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u.test(value),
};

const timeIntervals = entries(intervalName, some(each(timeInterval)));

/** The checks of routing and receivers; `at` stands before the options of routes, and `receiversAt` is that of receivers. */
export function routingChecks(routing: Routing, at = '', receiversAt = 'receivers'): Checks {
  const { receivers: given } = routing;
  const names = Array.isArray(given) ? given.map((receiver) => Reflect.get(Object(receiver), 'name')) : [];
  const known: Known = {
    option: receiversAt,
    receivers: names,
    times: Object.keys(routing.timeIntervals ?? {}),
  };
  return {
    [receiversAt]: [given, receivers],
    [`${at}heartbeat`]: [routing.heartbeat, oneOfThese(receiversAt, names)],
    [`${at}timeIntervals`]: [routing.timeIntervals, timeIntervals],
    [`${at}routes`]: [routing.routes, routes(known)],
  };
}

/** Alertmanager's configuration. */
export function alertmanagerConfig(
  routing: Routing,
  inhibitions: readonly object[],
  templates: string,
): object {
  const { receivers = [], routes: chosen = [], heartbeat, timeIntervals: times } = routing;
  return {
    route: {
      receiver: receivers[0]?.name ?? NOBODY,
      group_by: ['alertname', 'cluster', 'group'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        watchdogRoute(heartbeat),
        ...chosen,
        // What is only shown, unless a route wants it.
        { receiver: NOBODY, matchers: ['severity=~"info|none"'] },
      ],
    },
    ...(inhibitions.length > 0 && { inhibit_rules: inhibitions }),
    receivers: [...receivers.map(throughRelay), { name: NOBODY }],
    ...(times && {
      time_intervals: Object.entries(times).map(([name, time_intervals]) => ({
        name,
        time_intervals,
      })),
    }),
    templates: [templates],
  };
}

function watchdogRoute(heartbeat = NOBODY): Route {
  return {
    receiver: heartbeat,
    matchers: ['alertname="Watchdog"'],
    ...(heartbeat !== NOBODY && { group_wait: '0s', group_interval: '1m', repeat_interval: '1m' }),
  };
}

/** What is muted while an alert fires, in Alertmanager's own format. */
export const inhibitionsOf = ({ ruleGroups }: RuleSource): object[] =>
  ruleGroups.flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      'alert' in rule ? (rule.mutes ?? []).map((muting) => inhibition(rule.alert, muting)) : [],
    ),
  );

const inhibition = (alert: string, { when = [], matchers, equal }: Muting): object => ({
  source_matchers: [`alertname="${alert}"`, ...when],
  target_matchers: matchers,
  equal,
});
