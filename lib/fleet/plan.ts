import { seconds } from '../core/units';
import {
  DAY,
  GATEWAY,
  HEADROOM,
  KUBE_STATE_METRICS,
  LOGS,
  LOKI,
  PROMETHEUS,
  PUSHGATEWAY,
} from './coefficients';
import { type Fleet, type FleetGroup, logBytesOf, rate, seriesOf, sum, verifyFleet } from './fleet';
import { type LogLoad, logLoad } from './log-limits';
import {
  mostSeries,
  type SeriesLimits,
  type ShardLimits,
  seriesLimitsOf,
  shardLimitsOf,
} from './series-limits';
import { type NodeNeeds, nodeNeedsOf, refuseOverBudget } from './uplink';

/** What a fleet needs. Sizes are in bytes, processors in cores. */
export interface FleetPlan {
  /** How many nodes there are in all groups. */
  readonly nodes: number;
  /** Series of all nodes together. */
  readonly series: number;
  /** Samples that all nodes together send in a second. */
  readonly samplesPerSecond: number;
  /** What Prometheus needs; `storage` is its volume, for retention and for samples that come late. */
  readonly prometheus: {
    readonly cores: number;
    /** While there is always a node that returns. */
    readonly memory: number;
    /** When all nodes return from the longest outage, until what they kept is in blocks, for two hours at most. */
    readonly memoryAfterOutage: number;
    /** When clients push and write as many series as limits let through, others to each gateway. */
    readonly memoryAtLimits: number;
    readonly storage: number;
  };
  /** What each of `shards` Pushgateways needs; all are 0 where no group pushes. */
  readonly pushgateway: {
    readonly shards: number;
    readonly cores: number;
    readonly memory: number;
    /** When clients push as many series as limits let through. */
    readonly memoryAtLimits: number;
    /** Of all nodes that push, and of those of each group. */
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
  };
  /** What each of `replicas` gateways needs, one of which may be away; `storage` queues while Prometheus is. All are 0 where no group writes remotely. */
  readonly gateway: {
    readonly replicas: number;
    readonly cores: number;
    readonly storage: number;
    /** Of all nodes that write, and of those of each group. */
    readonly limits: Required<SeriesLimits>;
    readonly groupLimits: Readonly<Record<string, Required<SeriesLimits>>>;
  };
  /** What all nodes together write in a day, and the room for it until it is forgotten. */
  readonly loki: {
    readonly bytesPerDay: number;
    readonly memory: number;
    readonly storage: number;
    /** What all nodes together may take of it while many of them return. */
    readonly load: LogLoad;
    /** The same of each group, by its name. */
    readonly loads: Readonly<Record<string, LogLoad>>;
  };
  /** What kube-state-metrics needs, which knows all nodes and their pods. */
  readonly kubeStateMetrics: { readonly memory: number };
  /** What a node takes of its uplink and disk, group by group. */
  readonly eachNode: readonly NodeNeeds[];
}

/**
 * From what a fleet is to what it needs.
 *
 * @throws InvalidOptionError when the fleet is out of range or contradicts itself, or when a group's nodes would
 * send more than their budget.
 */
export function planFleet(where: string, fleet: Fleet): FleetPlan {
  verifyFleet(where, fleet);
  const plan = neededBy(fleet);
  refuseOverBudget(where, fleet.groups);
  return plan;
}

/** What a fleet needs that was verified. */
export function neededBy(fleet: Fleet): FleetPlan {
  const pushed = fleet.groups.filter(({ transport }) => transport === 'pushgateway');
  const written = fleet.groups.filter(({ transport }) => transport === 'remote-write');
  const writing = gateway(fleet, written);
  const pushing = pushgateway(pushed);
  return {
    nodes: sum(fleet.groups, ({ nodes }) => nodes),
    series: seriesOfAll(fleet.groups),
    samplesPerSecond: rate(fleet.groups),
    prometheus: prometheus(fleet, pushing, writing),
    pushgateway: pushing,
    gateway: writing,
    loki: loki(fleet),
    kubeStateMetrics: kubeStateMetrics(fleet),
    eachNode: fleet.groups.map((group) => nodeNeedsOf(group, fleet.longestOutage)),
  };
}

const seriesOfAll = (groups: readonly FleetGroup[]): number =>
  sum(groups, (group) => group.nodes * seriesOf(group));

/** What nodes have kept while they had no link comes late: their agents send fresh samples first. */
function prometheus(
  { groups, retention, longestOutage }: Fleet,
  pushing: FleetPlan['pushgateway'],
  { replicas, groupLimits }: FleetPlan['gateway'],
): FleetPlan['prometheus'] {
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = rate(groups);
  const nodes = sum(groups, (group) => group.nodes);
  const late = rate(written) * seconds(longestOutage);
  const memory =
    PROMETHEUS.baseBytes +
    seriesOfAll(groups) * PROMETHEUS.bytesPerSeries +
    seriesOfAll(written) * PROMETHEUS.bytesPerLateSeries;
  const unplanned =
    (sum(Object.values(groupLimits), mostSeries) - seriesOfAll(written)) * replicas +
    (pushing.limits.series * pushing.shards - seriesOfAll(pushed));
  const inBlocks = samples * seconds(retention.metrics) * PROMETHEUS.diskBytesPerSample;
  const newest =
    samples *
    PROMETHEUS.secondsLogged *
    (PROMETHEUS.diskBytesPerSample + PROMETHEUS.diskBytesPerLoggedSample);
  return {
    cores: samples * PROMETHEUS.secondsPerSample + nodes * PROMETHEUS.ruleCoresPerNode,
    memory,
    memoryAfterOutage: memory + late * PROMETHEUS.bytesPerLateSample,
    memoryAtLimits: memory + unplanned * PROMETHEUS.bytesPerLargeSeries,
    storage: (inBlocks + newest + late * PROMETHEUS.diskBytesPerLateSample) * HEADROOM,
  };
}

/** Of each shard. */
function pushgateway(groups: readonly FleetGroup[]): FleetPlan['pushgateway'] {
  const samples = rate(groups);
  const shards = Math.ceil(samples / PUSHGATEWAY.samplesPerSecond);
  const limits = groups.map((group) => [group.name, shardLimitsOf(group, shards)] as const);
  const series = sum(limits, ([, ofGroup]) => ofGroup.series);
  const memoryOf = (held: number) => shards && PUSHGATEWAY.baseBytes + held * PUSHGATEWAY.bytesPerSample;
  return {
    shards,
    cores: shards && (samples * PUSHGATEWAY.secondsPerSample) / shards,
    memory: memoryOf(seriesOfAll(groups) / shards),
    memoryAtLimits: memoryOf(series),
    limits: { nodes: sum(limits, ([, ofGroup]) => ofGroup.nodes), series },
    groupLimits: Object.fromEntries(limits),
  };
}

/** Of each replica: when one is away, the others take its part. */
function gateway({ longestOutage }: Fleet, written: readonly FleetGroup[]): FleetPlan['gateway'] {
  const samples = rate(written);
  const { limiter, vmagent, filter } = GATEWAY.secondsPerSample;
  const cores = samples * (limiter + vmagent + filter);
  const replicas = samples && Math.max(2, Math.ceil(cores) + 1);
  return {
    replicas,
    cores: replicas && cores / (replicas - 1),
    storage:
      replicas &&
      (samples * seconds(longestOutage) * GATEWAY.bytesPerQueuedSample * HEADROOM) / (replicas - 1),
    limits: seriesLimitsOf(written),
    groupLimits: Object.fromEntries(written.map((group) => [group.name, seriesLimitsOf([group])])),
  };
}

function loki({ groups, retention }: Fleet): FleetPlan['loki'] {
  const bytesPerDay = sum(groups, (group) => group.nodes * logBytesOf(group));
  const days = seconds(retention.logs) / DAY;
  const held = (bytesPerDay / DAY) * LOKI.secondsHeld * LOGS.sent;
  const load = logLoad(groups);
  return {
    bytesPerDay,
    memory: LOKI.baseBytes + held + load.streams * LOKI.bytesPerStream,
    storage: bytesPerDay * days * LOGS.stored * HEADROOM,
    load,
    loads: Object.fromEntries(groups.map((group) => [group.name, logLoad([group])])),
  };
}

function kubeStateMetrics({ groups }: Fleet): FleetPlan['kubeStateMetrics'] {
  const { baseBytes, bytesPerNode } = KUBE_STATE_METRICS;
  return { memory: baseBytes + sum(groups, ({ nodes }) => nodes) * bytesPerNode };
}
