import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { SMALLEST_QUEUE } from '../../agents/vmagent';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import { cloudOptionTable, ingressOption } from '../../core/cloud-rules';
import { dnsLabel, quantity, routedPrefix, wholeNumber } from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { mapOf } from '../../core/structure-rules';
import { bytes, type Quantity } from '../../core/units';
import type { Rule } from '../../core/validation';
import { type SeriesLimits, seriesLimits } from '../../fleet/series-limits';

/** Properties for `MetricsGateway`. */
export interface MetricsGatewayProps {
  /** Destination of the samples: a Prometheus of this stack, or `toRemoteWrite`. */
  readonly store: RemoteWriteStore;
  /** Name of the objects and of the scrape job. @default "metrics-gateway" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Ingress that exposes the gateway to edge nodes. @default - only reachable inside the cluster */
  readonly ingress?: BasicAuthIngress;
  /**
   * Path prefix below which the gateway also accepts pushes in Pushgateway's protocol:
   * `<prefix>/metrics/job/...`. It only forwards the samples and stores no groups, so there is nothing to
   * delete; a pushed value is visible for five minutes.
   * @default - only remote write
   */
  readonly pushPrefix?: string;
  /**
   * Number of replicas, over which nodes are balanced.
   * @default 2 - samples are still received while a node is drained
   */
  readonly replicas?: number;
  /** Size of each replica's volume, which queues samples while the store is unavailable. @default "5Gi" */
  readonly storage?: Quantity;
  /**
   * Limits on the number of series that nodes may write; samples beyond are refused and counted.
   * @default - for 500 nodes
   */
  readonly limits?: SeriesLimits;
  /**
   * Limits of each group, where users belong to groups.
   * @default - all groups share `limits`, of which a single group gets at most 80 %
   */
  readonly groupLimits?: Readonly<Record<string, SeriesLimits>>;
  /** Maximum samples per second of each replica; clients beyond it are slowed down. @default - no limit */
  readonly samplesPerSecond?: number;
  /** @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory */
  readonly resources?: Resources;
}

const store: Rule = {
  allowed: 'a Prometheus of this stack, or toRemoteWrite({ url: "https://mimir.example.com/api/v1/push" })',
  accepts: (value) => Array.isArray((value as RemoteWriteStore)?.writeUrls),
};

const storage: Rule = {
  allowed: '1Gi or more, since the queue of vmagent has at least 512Mi',
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= 2 * bytes(SMALLEST_QUEUE),
};

/** The options of `MetricsGateway`. */
export const METRICS_GATEWAY_OPTIONS = {
  ...cloudOptionTable('metrics-gateway', { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }),
  store: { rule: store },
  storage: { rule: storage, default: '5Gi' },
  ingress: { rule: ingressOption, default: undefined },
  pushPrefix: { rule: routedPrefix, default: undefined },
  replicas: { rule: wholeNumber(1, 100), default: 2 },
  limits: { rule: seriesLimits, default: undefined },
  groupLimits: { rule: mapOf(dnsLabel, seriesLimits), default: {} },
  samplesPerSecond: { rule: wholeNumber(1, 100_000_000), default: undefined },
} satisfies OptionTable<MetricsGatewayProps>;

/** The options of a `MetricsGateway` with defaults. */
export type MetricsGatewayOptions = Options<MetricsGatewayProps, typeof METRICS_GATEWAY_OPTIONS>;
