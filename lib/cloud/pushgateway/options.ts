import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { DEFAULT_INTERVAL } from '../../contracts/metrics-sink';
import { ingressOption, storageOptionTable } from '../../core/cloud-rules';
import {
  dnsLabel,
  durationBetween,
  interval,
  routedPrefix,
  wholeNumber,
  yesOrNo,
} from '../../core/option-rules';
import {
  mergeLayers,
  type Options,
  type OptionTable,
  optionsRule,
  withDefaults,
} from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { runningShardIndexes, shardCount } from '../../core/shards';
import { falseOr, mapOf } from '../../core/structure-rules';
import { bytes, type Duration, type Quantity } from '../../core/units';
import { type Pools, type SeriesLimits, shareAmongGroups } from '../../fleet/series-limits';
import type { PushLimits } from './push-filter';
import { PUSHGATEWAY } from './sizing';

/**
 * Maximum number of series of one grouping key, which bounds the memory that the filter needs for a request
 * body.
 */
const LARGEST_GROUP = 10_000;

/** Share of all series that is divided equally among the nodes. */
const OF_NODES = 0.8;

/** Options for deleting stale groups, which Pushgateway itself keeps forever. */
export interface ReaperOptions {
  /**
   * Age of a group's last push after which it is deleted, at least `5m`. Only the time counts in which
   * Pushgateway is running, its clock is not adjusted and other groups are pushed. Choose it longer than the
   * delay of the alert about silent nodes, and than the interval of rare pushes.
   * @default - no group is deleted because of its age, only copies that a node left in another shard
   */
  readonly after?: Duration;
  /**
   * How long pushes must arrive again before anything is deleted, after nothing was pushed for half of
   * `after`. After an outage of the cloud, nodes that have not pushed yet look stale; a fleet needs a minute
   * to return.
   * @default "10m"
   */
  readonly settling?: Duration;
  /**
   * Interval of the checks, each of which costs as much as a scrape.
   * @default - "5m"; "1m" with several shards
   */
  readonly interval?: Duration;
}

/** Limits on the nodes and series of each shard of a Pushgateway. */
export interface PushLimitOptions {
  /**
   * Maximum number of series with the same `hostname`, or, for groups without `hostname`, with the same
   * `job`.
   * @default 10000
   */
  readonly seriesPerNode?: number;
  /**
   * Maximum number of series in total. Where only exporters push, 80 % of them are reserved for the nodes in
   * equal shares, and the rest is shared.
   * @default - what fits into 80 % of the memory limit, 2,400 bytes each
   */
  readonly series?: number;
  /**
   * Maximum number of nodes, by `hostname`, where only exporters push; pushes of further nodes are answered
   * with 429.
   * @default 500 - or 25 % more than in `edge.fleet`
   */
  readonly nodes?: number;
}

/** Properties for `Pushgateway`. */
export interface PushgatewayProps {
  /**
   * Name of the objects and of the scrape job; further shards have the suffix `-shard-1` and so on.
   * @default "pushgateway"
   */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Ingress that exposes Pushgateway to edge nodes. @default - only reachable inside the cluster */
  readonly ingress?: BasicAuthIngress;
  /** Path prefix, so that several Pushgateways can share a host. @default - none */
  readonly routePrefix?: string;
  /**
   * Whether Pushgateway checks each push for consistency with all stored groups, which is expensive
   * (measured: 364 % of a core at 200 nodes, 10 % without). Without the check, it only accepts groups whose
   * key makes their series unique: `job`, `instance` and `hostname`, and optionally `group`, as exporters
   * use. Business services with other keys need the check.
   * @default true
   */
  readonly consistencyCheck?: boolean;
  /**
   * Limits on nodes and series. Series count while they are in Pushgateway, and for three to six hours after
   * their last push, while Prometheus holds them in memory. Pushes that exceed a limit are refused; known
   * series are still accepted.
   * @default - 500 nodes where only exporters push; as many series as fit into the memory limit, and 10000
   * per node
   */
  readonly limits?: PushLimitOptions;
  /**
   * Limits of each node group, where users belong to groups.
   * @default - all groups share `limits`, of which a single group gets at most 80 %
   */
  readonly groupLimits?: Readonly<Record<string, PushLimitOptions>>;
  /**
   * Number of Pushgateway shards. Each node pushes to one, which its name determines; the first has the path
   * of a single Pushgateway, the others `/shard-1` and so on. A shard holds about 500 nodes
   * (bench:pushgateway). Nodes get a changed number with their next pod: set `formerShards` until all are
   * updated.
   * @default 1
   */
  readonly shards?: number;
  /**
   * Previous number of shards, if `shards` was reduced. The shards in between keep running for nodes that
   * still push to them. Remove it when all nodes are updated.
   * @default - `shards`
   */
  readonly formerShards?: number;
  /**
   * Deletion of stale groups; `false` disables it.
   * @default - nothing is deleted; with several shards, copies that a node left in another shard
   */
  readonly reaper?: ReaperOptions | false;
  /** Scrape interval of Prometheus. @default "10s" - the push interval of edge nodes */
  readonly scrapeInterval?: Duration;
  /** Size of each shard's volume, which persists the pushed metrics. @default "2Gi" */
  readonly storage?: Quantity;
  /**
   * Resources of each shard.
   * @default - requests: 100m CPU, 128Mi memory; limit: 1Gi memory (500 nodes need 400Mi and 250m CPU:
   * bench:pushgateway)
   */
  readonly resources?: Resources;
}

/** The options for limits on nodes and series. */
export const PUSH_LIMITS = {
  seriesPerNode: { rule: wholeNumber(100, 1_000_000), default: 10_000 },
  series: { rule: wholeNumber(1_000, 100_000_000), default: undefined },
  nodes: { rule: wholeNumber(1, 1_000_000), default: 500 },
} satisfies OptionTable<PushLimitOptions>;

const pushLimitOptions = optionsRule<PushLimitOptions>(PUSH_LIMITS);

/** The options for deleting stale groups. */
export const REAPER_OPTIONS = {
  after: { rule: durationBetween('5m', '10y', '1d'), default: undefined },
  settling: { rule: durationBetween('1s', '1d', '10m'), default: '10m' },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<ReaperOptions>;

/** The options of `Pushgateway`. */
export const PUSHGATEWAY_OPTIONS = {
  ...storageOptionTable('pushgateway', '2Gi', { cpu: '100m', memory: '128Mi', memoryLimit: '1Gi' }),
  ingress: { rule: ingressOption, default: undefined },
  routePrefix: { rule: routedPrefix, default: undefined },
  consistencyCheck: { rule: yesOrNo, default: true },
  limits: { rule: pushLimitOptions, default: {} },
  groupLimits: { rule: mapOf(dnsLabel, pushLimitOptions), default: {} },
  shards: { rule: shardCount, default: 1 },
  formerShards: { rule: shardCount, default: undefined },
  reaper: {
    rule: falseOr(optionsRule<ReaperOptions>(REAPER_OPTIONS)),
    derive: (props): ReaperOptions | false => (runningShardIndexes(props).length > 1 ? {} : false),
  },
  scrapeInterval: { rule: interval, default: DEFAULT_INTERVAL },
} satisfies OptionTable<PushgatewayProps>;

/** The options of a `Pushgateway` with defaults. */
export type PushgatewayOptions = Options<PushgatewayProps, typeof PUSHGATEWAY_OPTIONS>;

/** Returns the limits of each shard. */
export function resolvePushLimits(props: PushgatewayProps): PushLimits {
  const all = withDefaults(PUSHGATEWAY_OPTIONS, props);
  const { memory, memoryLimit = memory } = all.resources;
  const resolveLimits = (...layers: readonly PushLimitOptions[]): GivenLimits =>
    withDefaults(PUSH_LIMITS, {
      series: seriesThatFit(memoryLimit),
      ...mergeLayers<PushLimitOptions>(...layers),
    });
  const given = Object.entries(all.groupLimits).map(
    ([group, ofGroup]) => [group, resolveLimits(ofGroup, all.limits)] as const,
  );
  if (given.length === 0) return sharedLimits(all, resolveLimits(all.limits));
  const ofPools = [...given, ['', OF_NO_GROUP] as const];
  const pools = Object.fromEntries(ofPools.map(([group, one]) => [group, seriesPool(all, one)]));
  const sumOf = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  return limitsOfPools(
    { pools },
    sumOf(Object.values(pools).map(({ nodes }) => nodes)),
    sumOf(ofPools.map(([, { series }]) => series)),
  );
}

function sharedLimits(options: LimitedOptions, all: GivenLimits): PushLimits {
  const pool = seriesPool(options, all);
  const { pools, total } = shareAmongGroups(pool, options.ingress?.groups);
  return limitsOfPools(
    { pools: { '': seriesPool(options, OF_NO_GROUP), ...pools }, total },
    pool.nodes,
    all.series,
  );
}

function limitsOfPools(pools: Pools, nodes: number, series: number): PushLimits {
  const largest = Math.max(...Object.values(pools.pools).map(({ mostSeriesPerNode }) => mostSeriesPerNode));
  return { seriesOfGroup: Math.min(largest, LARGEST_GROUP), series, nodes, ...pools };
}

/** Where users belong to groups, pushes without a group are a mistake. */
const OF_NO_GROUP: GivenLimits = {
  series: 1_000,
  nodes: 2,
  seriesPerNode: PUSH_LIMITS.seriesPerNode.default,
};

type GivenLimits = Required<PushLimitOptions>;

type LimitedOptions = Pick<PushgatewayOptions, 'consistencyCheck' | 'ingress'>;

/**
 * Returns the limits of a pool. Services may have a name per pod, so the number of names is not limited and
 * none has a reserved share.
 */
function seriesPool(
  { consistencyCheck }: LimitedOptions,
  { series, nodes, seriesPerNode }: GivenLimits,
): Required<SeriesLimits> {
  const mostSeriesPerNode = Math.min(seriesPerNode, series);
  if (consistencyCheck) return { nodes: series, seriesPerNode: 0, mostSeriesPerNode, sharedSeries: series };
  const ofEach = Math.min(Math.floor((series * OF_NODES) / nodes), mostSeriesPerNode);
  return { nodes, seriesPerNode: ofEach, mostSeriesPerNode, sharedSeries: series - nodes * ofEach };
}

const seriesThatFit = (memoryLimit: Quantity): number => {
  const fitting = (0.8 * bytes(memoryLimit) - PUSHGATEWAY.baseBytes) / PUSHGATEWAY.bytesPerSample;
  return Math.max(Math.floor(fitting / 1_000) * 1_000, 1_000);
};
