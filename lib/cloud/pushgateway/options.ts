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
import { type Options, type OptionTable, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { runningShardIndexes, shardCount } from '../../core/shards';
import { falseOr, mapOf } from '../../core/structure-rules';
import type { Duration, Quantity } from '../../core/units';

/** Options of the reaper, which deletes stale groups. Without it, Pushgateway keeps every group forever. */
export interface ReaperOptions {
  /**
   * How long after its last push a group is deleted. At least `5m`. Time only counts while Pushgateway runs,
   * its clock is not adjusted, and other groups are pushed. Choose a time longer than the delay of the alert
   * EdgeNodeSilent, and longer than the interval of the rarest pushes.
   * @default - no group is deleted because of its age; only copies that a node left in another shard are
   * deleted
   */
  readonly after?: Duration;
  /**
   * How long the reaper waits after an outage before it deletes anything. An outage means that no group was
   * pushed for half of `after`. The wait starts with the first push after the outage. It is needed because
   * nodes that have not pushed again yet look stale. A fleet needs about a minute to return.
   * @default "10m"
   */
  readonly settling?: Duration;
  /**
   * Interval of the reaper's checks. Each check costs as much as a scrape.
   * @default - "5m"; "1m" with several shards
   */
  readonly interval?: Duration;
}

/** Limits on the number of nodes and series in each shard of a Pushgateway. */
export interface PushLimitOptions {
  /**
   * Maximum number of series of a node, that is, with the same label `hostname`. For groups without
   * `hostname`, the series of the same `job` count together.
   * @default 10000
   */
  readonly seriesPerNode?: number;
  /**
   * Maximum number of series in total. If only exporters push, 80 % of them are reserved for the nodes in
   * equal shares, and any node may use the rest.
   * @default - the number that fits into 80 % of the memory limit, at 2,400 bytes per series
   */
  readonly series?: number;
  /**
   * Maximum number of nodes, by their label `hostname`. The limit only applies if only exporters push. Pushes
   * of further nodes are answered with status 429.
   * @default 500 - or 25 % more than in `edge.fleet`
   */
  readonly nodes?: number;
}

/** Properties for `Pushgateway`. */
export interface PushgatewayProps {
  /**
   * Name of the Kubernetes objects and of the scrape job. Further shards have the suffix `-shard-1` and so
   * on.
   * @default "pushgateway"
   */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Ingress that exposes Pushgateway to edge nodes.
   * @default - Pushgateway is only reachable inside the cluster
   */
  readonly ingress?: BasicAuthIngress;
  /** Path prefix, such as `/services`, so that several Pushgateways can share a host. @default - no prefix */
  readonly routePrefix?: string;
  /**
   * Whether Pushgateway checks that each push is consistent with all stored groups. The check is expensive:
   * 364 % of a core at 200 nodes, 10 % without the check (measured). Without the check, only pushes with the
   * grouping key of exporters are accepted, because this key makes all series unique: `job`, `instance`,
   * `hostname` and optionally `group`. Business services use other keys and need the check.
   * @default true
   */
  readonly consistencyCheck?: boolean;
  /**
   * Limits on the number of nodes and series. A series counts while it is in Pushgateway, and for three to
   * six hours after its last push, because Prometheus holds it in memory for so long. Pushes that exceed a
   * limit are rejected; pushes of known series are still accepted.
   * @default - 500 nodes if only exporters push; 10000 series per node; in total, the number of series that
   * fits into the memory limit
   */
  readonly limits?: PushLimitOptions;
  /**
   * Limits of each group of nodes, by its name, if users belong to groups.
   * @default - all groups share `limits`, and each group may use at most 80 % of them
   */
  readonly groupLimits?: Readonly<Record<string, PushLimitOptions>>;
  /**
   * Number of Pushgateway shards. The name of a node determines the shard to which the node pushes. The first
   * shard has the same path as a Pushgateway without shards; further shards have the path `/shard-1` and so
   * on. A shard holds about 500 nodes (`npm run bench:pushgateway`).
   * If you reduce the number, also set `formerShards` until all nodes have pods with the new number.
   * @default 1
   */
  readonly shards?: number;
  /**
   * Previous number of shards, after you reduced `shards`. The surplus shards keep running for nodes that
   * still push to them. Remove this option when the pods on all nodes are updated.
   * @default - the value of `shards`
   */
  readonly formerShards?: number;
  /**
   * Options for deleting stale groups; `false` disables the deletion.
   * @default - with one shard, no group is deleted; with several shards, only copies of a group in a shard to
   * which the node no longer pushes are deleted. In an environment, the Pushgateway for exporters also deletes
   * each group a day after its last push.
   */
  readonly reaper?: ReaperOptions | false;
  /** Interval at which Prometheus scrapes Pushgateway. @default "10s" - the push interval of edge nodes */
  readonly scrapeInterval?: Duration;
  /** Size of each shard's volume, on which the pushed metrics are stored. @default "2Gi" */
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
  seriesPerNode: { rule: wholeNumber(100, 1_000_000), default: 10_000 },
  series: { rule: wholeNumber(1_000, 100_000_000), default: undefined },
  nodes: { rule: wholeNumber(1, 1_000_000), default: 500 },
} satisfies OptionTable<PushLimitOptions>;

const pushLimitOptions = optionsRule<PushLimitOptions>(PUSH_LIMITS);

/** Validation rule and default of each field of `ReaperOptions`. */
export const REAPER_OPTIONS = {
  after: { rule: durationBetween('5m', '10y', '1d'), default: undefined },
  settling: { rule: durationBetween('1s', '1d', '10m'), default: '10m' },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<ReaperOptions>;

/** Validation rule and default of each option of `Pushgateway`. */
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

/** The options of a `Pushgateway`, with all defaults filled in. */
export type PushgatewayOptions = Options<PushgatewayProps, typeof PUSHGATEWAY_OPTIONS>;
