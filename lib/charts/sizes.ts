import type { Construct } from 'constructs';
import { LOKI_LIMITS, LOKI_OPTIONS, type LogLoad, type LokiLimits } from '../cloud/loki';
import { GATEWAY, METRICS_GATEWAY_OPTIONS } from '../cloud/metrics-gateway';
import { PROMETHEUS, PROMETHEUS_OPTIONS } from '../cloud/prometheus';
import { pushLimits } from '../cloud/pushgateway';
import { defaultsOf } from '../core/option-table';
import type { Resources } from '../core/pods';
import { bytes, type Duration, type Quantity, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { type MetricsQueue, QUEUE_DEFAULTS } from '../edge/metrics-agent';
import { HEADROOM } from '../fleet/coefficients';
import { type Fleet, type FleetGroup, fleetGroup, outageProblem } from '../fleet/fleet';
import { type SeriesLimits, type ShardLimits, seriesLimitsOf } from '../fleet/series-limits';
import { queueOf } from '../fleet/uplink';
import { cpu, GIBI, gibibytes, MEBI, memory, resources } from './amounts';
import { type FleetPlan, planFleet } from './plan';
import { type ServedGroup, servedGroups } from './served-groups';
import type { Settings } from './settings';

/** Sizes of the cloud side; what is undefined is as large as its construct says. */
export interface Sizes {
  readonly prometheus?: { readonly storage: Quantity; readonly resources: Resources };
  readonly pushgateway?: {
    readonly shards: number;
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
    readonly resources: Resources;
  };
  readonly gateway?: {
    readonly replicas: number;
    readonly storage: Quantity;
    readonly limits: SeriesLimits;
    readonly groupLimits: Readonly<Record<string, SeriesLimits>>;
    readonly resources: Resources;
  };
  readonly loki?: {
    readonly storage: Quantity;
    readonly resources: Resources;
    readonly limits: LokiLimits;
    /** Limits of each group, by its name. */
    readonly limitsByGroup: Readonly<Record<string, LokiLimits>>;
  };
  readonly kubeStateMetrics?: { readonly resources: Resources };
}

/** The longest outage of which nothing is said. */
const LONGEST_OUTAGE = '1h';

/**
 * What the settings say of a fleet; undefined where they say nothing.
 *
 * @throws InvalidOptionError when some of its groups say how many nodes they have, and others do not.
 */
export function fleetOf(where: string, { edge, retention, longestOutage }: Settings): Fleet | undefined {
  const all = servedGroups(edge);
  const known = all.filter(({ fleet }) => fleet);
  if (known.length === 0) return undefined;
  const silent = all.slice(1).find(({ fleet }) => !fleet);
  if (silent) {
    throw invalid(
      where,
      `edge.groups has ${silent.name} without fleet, and others with it: say it of all groups`,
    );
  }
  return {
    groups: known.map(groupOf),
    ...outageOf({ retention, longestOutage }),
  };
}

/** What the settings say of the longest outage, and of what it is compared with. */
const outageOf = ({
  retention,
  longestOutage,
}: Pick<Settings, 'retention' | 'longestOutage'>): Omit<Fleet, 'groups'> => ({
  retention: {
    metrics: retention?.metrics ?? PROMETHEUS_OPTIONS.retention.default,
    logs: retention?.logs ?? LOKI_OPTIONS.retention.default,
  },
  longestOutage: longestOutage ?? LONGEST_OUTAGE,
  outOfOrderWindow: retention?.outOfOrderWindow ?? PROMETHEUS_OPTIONS.outOfOrderWindow.default,
});

/**
 * Checks that nothing of the longest outage is refused when it comes at last, nor gone by then; where nobody says how
 * long it lasts, there is nothing to check.
 *
 * @throws InvalidOptionError that says what to make longer.
 */
export function verifyOutage(where: string, settings: Settings, queues: boolean): void {
  const { longestOutage, loki: { maxLineAge } = {} } = settings;
  if (!longestOutage) return;
  const problem = outageProblem(outageOf(settings), queues);
  if (problem) throw invalid(where, problem);
  if (maxLineAge && seconds(longestOutage) > seconds(maxLineAge)) {
    throw invalid(
      where,
      `after an outage of ${longestOutage} lines come later than they are taken, ${maxLineAge}: make ` +
        'loki.maxLineAge as long as longestOutage',
    );
  }
}

/** How old a line may be when it comes, where the longest outage makes it older than Loki has it by itself. */
export const lineAgeFor = (longestOutage: Duration | undefined): Duration | undefined =>
  longestOutage && seconds(longestOutage) > seconds(LOKI_OPTIONS.maxLineAge.default)
    ? longestOutage
    : undefined;

/** What the settings say of the nodes of one group. */
const groupOf = ({ name, fleet, ...served }: ServedGroup): FleetGroup =>
  fleetGroup({ ...served, name, nodes: fleet?.nodes ?? 1, traffic: fleet });

/**
 * The queue on the nodes of a group: as large and as old as the longest outage makes it, where that is more than an
 * agent has by itself.
 *
 * @throws InvalidOptionError when the queue is told to give samples up before the outage ends.
 */
export function queueFor(
  where: string,
  settings: ServedGroup,
  longestOutage: Duration | undefined,
): MetricsQueue | undefined {
  const told = settings.agent?.queue;
  if (!longestOutage) return told;
  const { size, maxAge } = QUEUE_DEFAULTS;
  if (told?.maxAge && seconds(told.maxAge) < seconds(longestOutage)) {
    throw invalid(
      where,
      `edge.agent.queue.maxAge of ${settings.name} is ${told.maxAge}, which gives samples up before an outage of ` +
        `${longestOutage} ends: make it as long as longestOutage`,
    );
  }
  const needed = queueOf(groupOf(settings), longestOutage);
  return {
    ...(needed > bytes(size) && { size: memory(needed) }),
    ...(seconds(longestOutage) > seconds(maxAge) && { maxAge: longestOutage }),
    ...told,
  };
}

/**
 * The sizes that a fleet needs; none where nobody says anything of it.
 *
 * @throws InvalidOptionError when the fleet contradicts itself, or a node would send more than its budget.
 */
export function sizesOf(scope: Construct, fleet: Fleet | undefined, settings: Settings): Sizes {
  if (!fleet) return {};
  const { ingress, pushgateways } = settings;
  const ofServices = pushLimits(pushgateways?.services ?? {}).series;
  return sized(planFleet(scope.node.path, fleet), ingress?.groups !== undefined, ofServices);
}

/** `ofServices`: most series that business services push. */
function sized(plan: FleetPlan, usersByGroup: boolean, ofServices: number): Sizes {
  const { prometheus, pushgateway, gateway, loki, kubeStateMetrics } = plan;
  return {
    prometheus: {
      storage: gibibytes(Math.max(prometheus.storage, bytes(PROMETHEUS_OPTIONS.storage.default))),
      resources: resources(
        prometheus.cores,
        prometheus.memory,
        512 * MEBI,
        Math.max(
          prometheus.memoryAfterOutage,
          prometheus.memoryAtLimits + ofServices * PROMETHEUS.bytesPerLargeSeries,
        ),
      ),
    },
    ...(pushgateway.shards > 0 && {
      pushgateway: {
        shards: pushgateway.shards,
        limits: pushgateway.limits,
        groupLimits: usersByGroup ? pushgateway.groupLimits : {},
        resources: resources(pushgateway.cores, pushgateway.memory, 128 * MEBI, pushgateway.memoryAtLimits),
      },
    }),
    ...(gateway.replicas > 0 && {
      gateway: {
        replicas: gateway.replicas,
        storage: gibibytes(Math.max(gateway.storage, bytes(METRICS_GATEWAY_OPTIONS.storage.default))),
        // Of users in groups, those of whom the plan knows no node have next to nothing.
        limits: usersByGroup ? seriesLimitsOf([]) : gateway.limits,
        groupLimits: usersByGroup ? gateway.groupLimits : {},
        resources: {
          ...METRICS_GATEWAY_OPTIONS.resources.default,
          cpu: cpu(gateway.cores * OF_VMAGENT * HEADROOM),
        },
      },
    }),
    ...(loki.storage > 0 && {
      loki: {
        storage: gibibytes(Math.max(loki.storage, 10 * GIBI)),
        resources: resources(0, loki.memory, 512 * MEBI),
        limits: {
          ...limitsFor(loki.load, LIMITS),
          querySeries: Math.max(loki.load.querySeries, LIMITS.querySeries),
        },
        limitsByGroup: Object.fromEntries(
          Object.entries(loki.loads).map(([group, load]) => [group, limitsFor(load, LEAST_OF_GROUP)]),
        ),
      },
    }),
    kubeStateMetrics: { resources: resources(0, kubeStateMetrics.memory, 128 * MEBI) },
  };
}

const { limiter, vmagent, filter } = GATEWAY.secondsPerSample;
/** Of what a gateway takes of a processor. */
const OF_VMAGENT = vmagent / (limiter + vmagent + filter);

/** What all may take of Loki, however few they are. */
const LIMITS = defaultsOf<LokiLimits, typeof LOKI_LIMITS>(LOKI_LIMITS);

/** What a group may take of Loki, however few nodes it has. */
const LEAST_OF_GROUP = { streams: 10_000, ingestionRate: '4Mi' } as const;

/** Limits that let everything through that nodes send, in whole mebibytes, and at least so much. */
const limitsFor = (
  { streams, bytesPerSecond }: LogLoad,
  least: Required<Pick<LokiLimits, 'streams' | 'ingestionRate'>>,
): LokiLimits => ({
  streams: Math.max(streams, least.streams),
  ingestionRate: `${Math.ceil(Math.max(bytesPerSecond, bytes(least.ingestionRate)) / MEBI)}Mi`,
});
