import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { DEFAULT_INTERVAL } from '../../contracts/metrics-sink';
import { ingressOption, storedOptions } from '../../core/cloud-rules';
import { dnsLabel, interval, lasting, routedPrefix, wholeNumber, yesOrNo } from '../../core/option-rules';
import { layered, type Options, type OptionTable, optionsRule, withDefaults } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { runningShards, shardCount } from '../../core/shards';
import { entries, falseOr } from '../../core/structure-rules';
import { bytes, type Duration, type Quantity } from '../../core/units';
import { type Pools, type SeriesLimits, sharedByGroups } from '../../fleet/series-limits';
import type { PushLimits } from './push-filter';
import { PUSHGATEWAY } from './sizing';

/** Most series of one grouping key: what the filter holds of one body follows from it. */
const LARGEST_GROUP = 10_000;

/** Part of all series that nodes have for themselves, in equal parts. */
const OF_NODES = 0.8;

/** What is deleted from a Pushgateway, which by itself keeps everything for ever. */
export interface ReaperOptions {
  /**
   * Age of a group's last push from which on it is deleted, from `5m` on: it counts while the Pushgateway runs and
   * its clock is not set, and never while nobody pushes. After what the alert about silent nodes takes, and longer
   * than the pauses of those who push seldom.
   * @default - none is deleted for its age, only copies that a node left behind in another shard
   */
  readonly after?: Duration;
  /**
   * How long pushes have to arrive again, after nobody pushed for half that age, before anything is deleted: a
   * fleet needs a minute to return from an outage of the cloud, and what it did not push yet looks old.
   * @default "10m"
   */
  readonly settling?: Duration;
  /** How often it looks, which costs as much as a scrape. @default - "5m", and "1m" where there are several shards */
  readonly interval?: Duration;
}

/** How many nodes and series each shard of a Pushgateway takes. */
export interface PushLimitOptions {
  /** Most series of all groups with one `hostname`; of groups without, of all with one `job`. @default 10000 */
  readonly seriesPerNode?: number;
  /**
   * Most series in all. Where only exporters push, each node has the same part of four fifths of them for itself,
   * whatever others push; the rest is for the nodes that need it first.
   * @default - what fits into 80 % of the memory limit, 2,400 bytes each
   */
  readonly series?: number;
  /**
   * Most nodes, by `hostname`, where only exporters push; a push of one more is answered with 429.
   * @default 500 - or a quarter more than `edge.fleet` has
   */
  readonly nodes?: number;
}

/** Properties for `Pushgateway`. */
export interface PushgatewayProps {
  /** Name of its objects, and of the job that reads it; further shards have `-shard-1` and so on at its end. @default "pushgateway" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** Path before its own ones, so that several share a host. @default - none */
  readonly routePrefix?: string;
  /**
   * Whether Pushgateway compares each push with all that is stored, which gathers it all (measured: 364 % of a core at
   * 200 nodes, 10 % without). Without it, only groups are taken whose keys make every series theirs alone, as those of
   * exporters are: `job`, `instance` and `hostname`, and perhaps `group`. Business services with other keys need it.
   * @default true
   */
  readonly consistencyCheck?: boolean;
  /**
   * Most nodes and series. Series count while they are in the Pushgateway, and for three to six hours after their last
   * push, as long as Prometheus has them in memory. A push beyond is refused; what is known already goes on.
   * @default - 500 nodes where only exporters push; of series, what fits into the memory limit, and 10000 for each node
   */
  readonly limits?: PushLimitOptions;
  /** The same of each group of nodes, where users are those of groups. @default - all groups share `limits`, of which one takes four fifths at most */
  readonly groupLimits?: Readonly<Record<string, PushLimitOptions>>;
  /**
   * How many pods share what is pushed. Each node uses one, which its name decides: the first at the path of an
   * only one, the others below `/shard-1` and so on. One holds about 500 nodes (bench:pushgateway). Nodes take
   * another number with a new pod: keep `formerShards` until they all have.
   * @default 1
   */
  readonly shards?: number;
  /**
   * How many there were, where there are to be fewer: those beyond `shards` stay for nodes that still push to
   * them. Take it out when every node has rolled.
   * @default - no more than `shards`
   */
  readonly formerShards?: number;
  /**
   * What is deleted that nobody pushes any more.
   * @default - nothing; where there are several shards, copies that a node left behind in another one
   */
  readonly reaper?: ReaperOptions | false;
  /** How often Prometheus reads it. @default "10s" - as often as the edge pushes */
  readonly scrapeInterval?: Duration;
  /** Volume for what was pushed last, of each shard. @default "2Gi" */
  readonly storage?: Quantity;
  /** Of each shard. @default - 100m of a core, 128Mi of memory, at most 1Gi (500 nodes take 400Mi and a quarter of a core: bench:pushgateway) */
  readonly resources?: Resources;
}

/** How many nodes and series each shard takes. */
export const PUSH_LIMITS = {
  seriesPerNode: { rule: wholeNumber(100, 1_000_000), default: 10_000 },
  series: { rule: wholeNumber(1_000, 100_000_000), default: undefined },
  nodes: { rule: wholeNumber(1, 1_000_000), default: 500 },
} satisfies OptionTable<PushLimitOptions>;

const pushLimitOptions = optionsRule<PushLimitOptions>(PUSH_LIMITS);

/** What is deleted, and when. */
export const REAPER_OPTIONS = {
  after: { rule: lasting('5m', '10y', '1d'), default: undefined },
  settling: { rule: lasting('1s', '1d', '10m'), default: '10m' },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<ReaperOptions>;

/** The options of `Pushgateway`. */
export const PUSHGATEWAY_OPTIONS = {
  ...storedOptions('pushgateway', '2Gi', { cpu: '100m', memory: '128Mi', memoryLimit: '1Gi' }),
  ingress: { rule: ingressOption, default: undefined },
  routePrefix: { rule: routedPrefix, default: undefined },
  consistencyCheck: { rule: yesOrNo, default: true },
  limits: { rule: pushLimitOptions, default: {} },
  groupLimits: { rule: entries(dnsLabel, pushLimitOptions), default: {} },
  shards: { rule: shardCount, default: 1 },
  formerShards: { rule: shardCount, default: undefined },
  reaper: {
    rule: falseOr(optionsRule<ReaperOptions>(REAPER_OPTIONS)),
    derive: (props): ReaperOptions | false => (runningShards(props).length > 1 ? {} : false),
  },
  scrapeInterval: { rule: interval, default: DEFAULT_INTERVAL },
} satisfies OptionTable<PushgatewayProps>;

/** The options of a Pushgateway, with what counts of those that are left out. */
export type PushgatewayOptions = Options<PushgatewayProps, typeof PUSHGATEWAY_OPTIONS>;

/** What each shard takes. */
export function pushLimits(props: PushgatewayProps): PushLimits {
  const all = withDefaults(PUSHGATEWAY_OPTIONS, props);
  const { memory, memoryLimit = memory } = all.resources;
  const limitsFor = (...layers: readonly PushLimitOptions[]): GivenLimits =>
    withDefaults(PUSH_LIMITS, { series: fittingInto(memoryLimit), ...layered<PushLimitOptions>(...layers) });
  const given = Object.entries(all.groupLimits).map(
    ([group, ofGroup]) => [group, limitsFor(ofGroup, all.limits)] as const,
  );
  if (given.length === 0) return sharedLimits(all, limitsFor(all.limits));
  const ofPools = [...given, ['', OF_NO_GROUP] as const];
  const pools = Object.fromEntries(ofPools.map(([group, one]) => [group, poolOf(all, one)]));
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  return limitsOf(
    { pools },
    sum(Object.values(pools).map(({ nodes }) => nodes)),
    sum(ofPools.map(([, { series }]) => series)),
  );
}

function sharedLimits(options: LimitedOptions, all: GivenLimits): PushLimits {
  const pool = poolOf(options, all);
  const { pools, total } = sharedByGroups(pool, options.ingress?.groups);
  return limitsOf({ pools: { '': poolOf(options, OF_NO_GROUP), ...pools }, total }, pool.nodes, all.series);
}

function limitsOf(pools: Pools, nodes: number, series: number): PushLimits {
  const largest = Math.max(...Object.values(pools.pools).map(({ mostSeriesPerNode }) => mostSeriesPerNode));
  return { seriesOfGroup: Math.min(largest, LARGEST_GROUP), series, nodes, ...pools };
}

/** Where users are those of groups, nobody else pushes but by mistake. */
const OF_NO_GROUP: GivenLimits = {
  series: 1_000,
  nodes: 2,
  seriesPerNode: PUSH_LIMITS.seriesPerNode.default,
};

type GivenLimits = Required<PushLimitOptions>;

type LimitedOptions = Pick<PushgatewayOptions, 'consistencyCheck' | 'ingress'>;

/** Services may have a name for each pod: no number of names is right, and none has a part for itself. */
function poolOf(
  { consistencyCheck }: LimitedOptions,
  { series, nodes, seriesPerNode }: GivenLimits,
): Required<SeriesLimits> {
  const mostSeriesPerNode = Math.min(seriesPerNode, series);
  if (consistencyCheck) return { nodes: series, seriesPerNode: 0, mostSeriesPerNode, sharedSeries: series };
  const ofEach = Math.min(Math.floor((series * OF_NODES) / nodes), mostSeriesPerNode);
  return { nodes, seriesPerNode: ofEach, mostSeriesPerNode, sharedSeries: series - nodes * ofEach };
}

const fittingInto = (memoryLimit: Quantity): number => {
  const fitting = (0.8 * bytes(memoryLimit) - PUSHGATEWAY.baseBytes) / PUSHGATEWAY.bytesPerSample;
  return Math.max(Math.floor(fitting / 1_000) * 1_000, 1_000);
};
