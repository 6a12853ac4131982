import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { DEFAULT_INTERVAL } from '../../contracts/metrics-sink';
import { ingressOption, optionTableWithStorage } from '../../core/cloud-rules';
import {
  dnsLabel,
  durationRule,
  interval,
  routedPrefix,
  wholeNumberRule,
  yesOrNo,
} from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { runningShardIndexes, shardCount } from '../../core/shards';
import { falseOrObjectRule, mapRule } from '../../core/structure-rules';
import type { Duration, Quantity } from '../../core/units';

/**
 * Options of the reaper, which deletes metric groups (the metrics of one grouping key) that are no longer pushed.
 * Without the reaper, Pushgateway keeps every metric group forever.
 */
export interface ReaperOptions {
  /**
   * The reaper deletes a metric group that was not pushed for this time, such as `1d`; at least `5m`. After a
   * restart of the push filter, or an adjustment of its clock, this time starts again for all metric groups.
   * While no metric group is pushed at all, none is deleted because of its age. Choose a time longer than the delay of
   * the alert EdgeNodeSilent, and longer than the interval of the rarest pushes.
   * @default - no metric group is deleted because of its age; the reaper only deletes copies of a metric group in
   * shards to which the node no longer pushes
   */
  readonly after?: Duration;
  /**
   * How long the reaper waits, after an outage and after its own start, before it deletes metric groups because
   * of their age. An outage begins when no metric group has been pushed for half of `after`, or when the reaper cannot
   * read the metric groups. The wait starts when the reaper finds a new push after the outage. Without the wait, the
   * reaper would delete the metric groups of nodes that have not pushed again yet. A fleet needs about a minute until
   * all nodes have pushed again.
   * @default "10m"
   */
  readonly settling?: Duration;
  /**
   * Interval between two checks of the reaper. A check costs as much as a scrape of the Pushgateway.
   * @default - "5m"; "1m" with several shards
   */
  readonly interval?: Duration;
}

/** Maximum numbers of nodes and series in each shard of a Pushgateway. */
export interface PushLimitOptions {
  /**
   * Maximum number of series of a node. The node is the value of the label `hostname` in the grouping key.
   * Groups without `hostname` have this limit for each value of the label `job`.
   * @default 10000
   */
  readonly seriesPerNode?: number;
  /**
   * Maximum number of series in total. If only exporters push to the Pushgateway, 80 % of this number is
   * reserved for nodes, in equal parts. Any node can use the remaining 20 %.
   * @default - the number that fits into 80 % of the memory limit, at 2,400 bytes per series
   */
  readonly series?: number;
  /**
   * Maximum number of nodes, counted by the label `hostname` of pushes. The Pushgateway for business services has no
   * such limit. If the limit is reached, a push of a new node is refused with
   * status 429.
   * @default 500 - or, if `edge.fleet` is set, at least 25 % more than the planned number of nodes
   */
  readonly nodes?: number;
}

/** Properties for `Pushgateway`. */
export interface PushgatewayProps {
  /**
   * Name of the Kubernetes objects and of the scrape job. If there are several shards, the names after the
   * first shard end with `-shard-1` and so on.
   * @default "pushgateway"
   */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Ingress at which edge nodes reach Pushgateway.
   * @default - Pushgateway can only be reached inside the cluster
   */
  readonly ingress?: BasicAuthIngress;
  /** Path prefix, such as `/services`, so that several Pushgateways can share a host. @default - no prefix */
  readonly routePrefix?: string;
  /**
   * Whether Pushgateway checks that each push is consistent with all stored metric groups. The check is expensive:
   * 364 % of a CPU core at 200 nodes, instead of 10 % without the check (measured). Without the check,
   * clients must use the grouping key of exporters: `job`, `instance`, `hostname` and optionally `group`.
   * This key ensures that no two metric groups contain the same series. Business services use other keys and need
   * the check.
   * @default true
   */
  readonly consistencyCheck?: boolean;
  /**
   * Maximum numbers of nodes and series. A series is counted while it is in Pushgateway, and for three to
   * six hours after its last push, because Prometheus keeps the series in memory for this time. A push with new
   * series above a limit is refused. Pushes of known series are still accepted.
   * @default - 500 nodes if only exporters push; 10000 series per node; in total, the number of series that
   * fits into the memory limit
   */
  readonly limits?: PushLimitOptions;
  /**
   * Limits for the nodes of each node group, by the name of the group. Set this option if users belong to groups.
   * @default - all node groups share `limits`, and each node group can use at most 80 % of `limits`
   */
  readonly groupLimits?: Readonly<Record<string, PushLimitOptions>>;
  /**
   * Number of Pushgateway shards. The name of a node determines to which shard the node pushes. The first
   * shard has the same path as a Pushgateway without shards. The other shards have the paths `/shard-1` and
   * so on. A shard is sufficient for about 500 nodes (`npm run bench:pushgateway`). If you reduce the number,
   * set `formerShards` to the old number until the pods of all nodes use the new number.
   * @default 1
   */
  readonly shards?: number;
  /**
   * Previous number of shards, if you reduced `shards`. The removed shards keep running for nodes that still
   * push to them. Remove this option when the pods of all nodes are updated.
   * @default - the value of `shards`
   */
  readonly formerShards?: number;
  /**
   * Options of the reaper, which deletes metric groups (the metrics of one grouping key) that are no longer pushed;
   * `false` disables the reaper.
   * @default - with one shard, no reaper; with several shards, the reaper deletes copies of a metric group in shards to
   * which the node no longer pushes. In the setting `pushgateways.exporters`, the default is a reaper that also
   * deletes each metric group a day after its last push
   */
  readonly reaper?: ReaperOptions | false;
  /** Interval at which Prometheus scrapes Pushgateway. @default "10s" - the push interval of edge nodes */
  readonly scrapeInterval?: Duration;
  /** Size of the volume of each shard. The volume contains the pushed metrics. @default "2Gi" */
  readonly storage?: Quantity;
  /**
   * Resources of each shard.
   * @default - requests: 100m CPU, 128Mi memory; limit: 1Gi memory (500 nodes need 400Mi and 250m CPU:
   * bench:pushgateway)
   */
  readonly resources?: Resources;
}

/** Validation rule and default of each field of `PushLimitOptions`. */
export const PUSH_LIMITS = {
  seriesPerNode: { rule: wholeNumberRule(100, 1_000_000), default: 10_000 },
  series: { rule: wholeNumberRule(1_000, 100_000_000), default: undefined },
  nodes: { rule: wholeNumberRule(1, 1_000_000), default: 500 },
} satisfies OptionTable<PushLimitOptions>;

const pushLimitOptions = optionsRule<PushLimitOptions>(PUSH_LIMITS);

/** Validation rule and default of each field of `ReaperOptions`. */
export const REAPER_OPTIONS = {
  after: { rule: durationRule('5m', '10y', '1d'), default: undefined },
  settling: { rule: durationRule('1s', '1d', '10m'), default: '10m' },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<ReaperOptions>;

/** Validation rule and default of each option of `Pushgateway`. */
export const PUSHGATEWAY_OPTIONS = {
  ...optionTableWithStorage('pushgateway', '2Gi', { cpu: '100m', memory: '128Mi', memoryLimit: '1Gi' }),
  ingress: { rule: ingressOption, default: undefined },
  routePrefix: { rule: routedPrefix, default: undefined },
  consistencyCheck: { rule: yesOrNo, default: true },
  limits: { rule: pushLimitOptions, default: {} },
  groupLimits: { rule: mapRule(dnsLabel, pushLimitOptions), default: {} },
  shards: { rule: shardCount, default: 1 },
  formerShards: { rule: shardCount, default: undefined },
  reaper: {
    rule: falseOrObjectRule(optionsRule<ReaperOptions>(REAPER_OPTIONS)),
    derive: (props): ReaperOptions | false => (runningShardIndexes(props).length > 1 ? {} : false),
  },
  scrapeInterval: { rule: interval, default: DEFAULT_INTERVAL },
} satisfies OptionTable<PushgatewayProps>;

/** The options of a `Pushgateway`, with all defaults filled in. */
export type PushgatewayOptions = Options<PushgatewayProps, typeof PUSHGATEWAY_OPTIONS>;
