import type { Construct } from 'constructs';
import type { Muting, RuleSource } from '../contracts/rules';
import { listOf, matching } from '../core/option-rules';
import { invalid, type Rule, verify } from '../core/validation';
import { RECEIVERS_DIR, type Receiver } from './receivers';
import { ROBOTS, type RobotConfig, throughRelay } from './robot-relay';

/** Who is told of what, in Alertmanager's own format; the first route that matches counts. */
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
  /** What is told of in one message. @default - alerts of one name, cluster and group */
  readonly group_by?: readonly string[];
  /** How long the first message waits for more alerts. @default "30s" */
  readonly group_wait?: string;
  /** How long until new alerts of a message are told of. @default "5m" */
  readonly group_interval?: string;
  /** How long until a message is told again. @default "12h" */
  readonly repeat_interval?: string;
  /** More precise routes below it. @default - none */
  readonly routes?: readonly Route[];
}

/** Times of day and week, in Alertmanager's own format. */
export type TimeInterval = Readonly<Record<string, unknown>>;

/** How alerts find people. */
export interface Routing {
  /** Who is told; the first one hears of what no route takes. @default - nobody: alerts are only shown */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
  /** Who is told of what. @default - the first receiver hears of everything but severity `info` */
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

/** Options of routes that this project looks into; others are Alertmanager's to check. */
const matcher = matching(
  /^[a-zA-Z_]\w*(=~|!~|!=|=)"([^"\\]|\\.)*"$/,
  'a matcher, such as severity="critical" or group=~"north|south"',
  2_000,
);

const someTimes: Rule = {
  allowed: 'a list of at least one time interval in the format of Alertmanager',
  accepts: (value) => Array.isArray(value) && value.length > 0,
};

/** Fields of receivers that hold a secret; each has a twin that ends in `_file`. */
const SECRET_FIELDS =
  /^(api_url|url|webhook_url|password|auth_password|auth_secret|smtp_auth_password|api_key|api_secret|routing_key|service_key|bot_token|app_token|token|user_key|credentials|client_secret)$/;

/**
 * Checks who is told.
 *
 * @throws InvalidOptionError that names the receiver, the route or the time that is not there, or a secret.
 */
export function verifyRouting(scope: Construct, routing: Routing): void {
  const receivers = routing.receivers ?? [];
  const names = receivers.map(({ name }) => name);
  const twice = names.find((name, index) => name === NOBODY || names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw invalid(scope, `receivers: the name ${JSON.stringify(twice)} is taken: give one another name`);
  }
  for (const receiver of receivers) {
    refuseSecrets(scope, receiver.name, receiver);
    verifyRobots(scope, receiver);
  }
  const known: Known = {
    receivers: oneOfThese('receivers', names),
    times: oneOfThese('timeIntervals', Object.keys(routing.timeIntervals ?? {})),
  };
  verify(scope, {
    heartbeat: [routing.heartbeat, known.receivers],
    ...Object.fromEntries(
      Object.entries(routing.timeIntervals ?? {}).map(([name, times]) => [
        `timeIntervals.${name}`,
        [times, someTimes],
      ]),
    ),
  });
  (routing.routes ?? []).forEach((route, index) => {
    verifyRoute(scope, `routes[${index}]`, route, known);
  });
}

interface Known {
  readonly receivers: Rule;
  readonly times: Rule;
}

const oneOfThese = (option: string, names: readonly string[]): Rule => ({
  allowed: names.length
    ? `one of ${option}: ${names.map((name) => JSON.stringify(name)).join(', ')}`
    : `none, since ${option} is not set`,
  accepts: (value) => names.includes(value as string),
});

function verifyRoute(scope: Construct, at: string, route: Route, known: Known): void {
  verify(scope, {
    [`${at}.receiver`]: [route.receiver, known.receivers],
    [`${at}.matchers`]: [route.matchers, listOf(matcher)],
    [`${at}.active_time_intervals`]: [route.active_time_intervals, listOf(known.times)],
    [`${at}.mute_time_intervals`]: [route.mute_time_intervals, listOf(known.times)],
  });
  (route.routes ?? []).forEach((below, index) => {
    verifyRoute(scope, `${at}.routes[${index}]`, below, known);
  });
}

function refuseSecrets(scope: Construct, path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, held] of Object.entries(value)) {
    const at = `${path}.${field}`;
    if (SECRET_FIELDS.test(field)) {
      throw invalid(
        scope,
        `receivers: ${at} would write a secret into the manifests: use ${field}_file with a path below ${RECEIVERS_DIR}, a key of the Secret \`receiversSecretName\``,
      );
    }
    refuseSecrets(scope, at, held);
  }
}

/** No program but the relay reads what a robot is told by: one option more would be left out in silence, or be its key. */
function verifyRobots(scope: Construct, receiver: Receiver): void {
  for (const kind of Object.keys(ROBOTS) as (keyof typeof ROBOTS)[]) {
    for (const config of receiver[kind] ?? []) {
      const unknown = Object.keys(config).find((field) => !Object.hasOwn(ROBOT_FIELDS, field));
      if (unknown !== undefined || typeof config.url_file !== 'string') {
        const problem = unknown === undefined ? 'url_file is missing' : `${unknown} is no option of a robot`;
        throw invalid(
          scope,
          `receivers: ${receiver.name}.${kind}: ${problem}; allowed: ${Object.keys(ROBOT_FIELDS).join(', ')}, of which files ` +
            `are keys of the Secret \`receiversSecretName\` below ${RECEIVERS_DIR}`,
        );
      }
    }
  }
}

const ROBOT_FIELDS: Readonly<Record<keyof RobotConfig, true>> = {
  url_file: true,
  secret_file: true,
  keyword: true,
};

/** Alertmanager's configuration. */
export function alertmanagerConfig(
  routing: Routing,
  inhibitions: readonly object[],
  templates: string,
): object {
  const { receivers = [], routes = [], heartbeat, timeIntervals } = routing;
  return {
    route: {
      receiver: receivers[0]?.name ?? NOBODY,
      group_by: ['alertname', 'cluster', 'group'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        watchdogRoute(heartbeat),
        ...routes,
        // What is only shown, unless a route wants it.
        { receiver: NOBODY, matchers: ['severity=~"info|none"'] },
      ],
    },
    ...(inhibitions.length > 0 && { inhibit_rules: inhibitions }),
    receivers: [...receivers.map(throughRelay), { name: NOBODY }],
    ...(timeIntervals && {
      time_intervals: Object.entries(timeIntervals).map(([name, time_intervals]) => ({
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
