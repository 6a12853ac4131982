import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import { commonCloudOptionTable, ingressOption } from '../../core/cloud-rules';
import { dnsLabel, quantity, routedPrefix, wholeNumberRule } from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { mapRule } from '../../core/structure-rules';
import { type Quantity, toBytes } from '../../core/units';
import type { Rule } from '../../core/validation';
import { type SeriesLimits, seriesLimits } from '../../fleet/series-limits';

/** Properties for `MetricsGateway`. */
export interface MetricsGatewayProps {
  /**
   * Metrics store to which the gateway writes: a Prometheus of this stack, or an external store that `toRemoteWrite`
   * returned.
   */
  readonly store: RemoteWriteStore;
  /** Name of the Kubernetes objects and of the scrape job. @default "metrics-gateway" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Ingress that exposes the gateway to edge nodes.
   * @default - the gateway is only reachable inside the cluster
   */
  readonly ingress?: BasicAuthIngress;
  /**
   * Path prefix for pushes with Pushgateway's protocol, at `<prefix>/metrics/job/...`. The gateway forwards pushed
   * samples to the store. Unlike Pushgateway, the gateway does not keep the pushed groups, so clients cannot delete a
   * group. A pushed value is visible in queries for five minutes.
   * @default - only remote write is accepted
   */
  readonly pushPrefix?: string;
  /**
   * Number of replicas. The guard distributes edge nodes over the replicas.
   * @default 2 - so that samples are still received while a cloud node is drained
   */
  readonly replicas?: number;
  /**
   * Size of each replica's volume, on which samples are queued while the store is unavailable. The minimum is `1120Mi`
   * for each replica of the store, because vmagent has a queue for each of them.
   * @default "5Gi"
   */
  readonly storage?: Quantity;
  /**
   * Limits on the number of series that nodes can write. The gateway rejects and counts the samples of series above the
   * limits.
   * @default - the default of each limit
   */
  readonly limits?: SeriesLimits;
  /**
   * Limits of each group of nodes, by the group's name, for an ingress with separate users for each group. A limit that
   * is not set for a group comes from `limits`.
   * @default - all groups share `limits`, and each group can use at most 80 % of `limits`
   */
  readonly groupLimits?: Readonly<Record<string, SeriesLimits>>;
  /**
   * Maximum number of samples per second that each replica accepts. Above this rate, requests wait.
   * @default - no limit
   */
  readonly samplesPerSecond?: number;
  /**
   * Resources of vmagent in each replica.
   * @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory
   */
  readonly resources?: Resources;
}

const store: Rule = {
  allowed: 'a Prometheus construct, or toRemoteWrite({ url: "https://mimir.example.com/api/v1/push" })',
  accepts: (value) => Array.isArray((value as RemoteWriteStore)?.writeUrls),
};

/**
 * Minimum size of the volume for each queue of vmagent in mebibytes. vmagent's minimum for a queue is 512 MiB, the queue
 * can become larger than its limit by one file of 512 MiB, the file system needs 5 %, and the series limiter stores its
 * state on the volume.
 */
const MIN_STORAGE_PER_QUEUE = 1_120;
/** Space in mebibytes for one more file of a queue, and for the state of the series limiter. */
const SPACE_BESIDE_QUEUE = 544;

/** Returns a validation rule for the size of a volume with several queues of vmagent. */
export const queueVolumeSizeRule = (queues: number): Rule => ({
  allowed: `a size of at least ${queues * MIN_STORAGE_PER_QUEUE}Mi, because vmagent needs ${MIN_STORAGE_PER_QUEUE}Mi for ${queues === 1 ? 'its queue' : `each of its ${queues} queues, one for each replica of the store`}`,
  accepts: (value) =>
    quantity.accepts(value) && toBytes(value as Quantity) >= queues * MIN_STORAGE_PER_QUEUE * 2 ** 20,
});

/**
 * Returns the maximum size of each queue of vmagent: at most 80 % of the volume for all queues together. The file system
 * and one more file for each queue also fit into the volume.
 */
export function maxQueueSizeForVolume(storage: Quantity, queues: number): Quantity {
  const volume = toBytes(storage) / 2 ** 20 / queues;
  return `${Math.floor(Math.min(0.8 * volume, 0.95 * volume - SPACE_BESIDE_QUEUE))}Mi`;
}

/** Validation rule and default of each option of `MetricsGateway`. */
export const METRICS_GATEWAY_OPTIONS = {
  ...commonCloudOptionTable('metrics-gateway', { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }),
  store: { rule: store },
  storage: { rule: queueVolumeSizeRule(1), default: '5Gi' },
  ingress: { rule: ingressOption, default: undefined },
  pushPrefix: { rule: routedPrefix, default: undefined },
  replicas: { rule: wholeNumberRule(1, 100), default: 2 },
  limits: { rule: seriesLimits, default: undefined },
  groupLimits: { rule: mapRule(dnsLabel, seriesLimits), default: {} },
  samplesPerSecond: { rule: wholeNumberRule(1, 100_000_000), default: undefined },
} satisfies OptionTable<MetricsGatewayProps>;

/** The options of a `MetricsGateway`, with all defaults filled in. */
export type MetricsGatewayOptions = Options<MetricsGatewayProps, typeof METRICS_GATEWAY_OPTIONS>;
