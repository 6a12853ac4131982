import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { SMALLEST_QUEUE } from '../../agents/vmagent';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import { cloudOptions, ingressOption } from '../../core/cloud-rules';
import { dnsLabel, quantity, routedPrefix, wholeNumber } from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { entries } from '../../core/structure-rules';
import { bytes, type Quantity } from '../../core/units';
import type { Rule } from '../../core/validation';
import { type SeriesLimits, seriesLimits } from '../../fleet/series-limits';

/** Properties for `MetricsGateway`. */
export interface MetricsGatewayProps {
  /** Where samples go: a Prometheus of this stack, or `toRemoteWrite`. */
  readonly store: RemoteWriteStore;
  /** Name of its objects, and of the job that reads it. @default "metrics-gateway" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /**
   * Prefix of the path by which it takes pushes in Pushgateway's protocol, too: to `<prefix>/metrics/job/...`. Nothing of a push
   * is kept but its samples, so that nothing has to be deleted; a value is shown for five minutes after its push.
   * @default - remote write alone
   */
  readonly pushPrefix?: string;
  /** How many share the nodes. @default 2 - samples come in while a node is drained */
  readonly replicas?: number;
  /** Volume of each replica, for what waits while the store is away. @default "5Gi" */
  readonly storage?: Quantity;
  /** How many series nodes may write; what is beyond is refused, and counted. @default - for 500 nodes */
  readonly limits?: SeriesLimits;
  /** The same of each group, where users are those of groups. @default - all groups share `limits`, of which one takes four fifths at most */
  readonly groupLimits?: Readonly<Record<string, SeriesLimits>>;
  /** Most samples in a second, for each replica; clients that send more have to wait. @default - no limit */
  readonly samplesPerSecond?: number;
  /** @default - 100m of a core, 128Mi of memory, at most 512Mi */
  readonly resources?: Resources;
}

const store: Rule = {
  allowed: 'a Prometheus of this stack, or toRemoteWrite({ url: "https://mimir.example.com/api/v1/push" })',
  accepts: (value) => typeof (value as RemoteWriteStore)?.writeUrl === 'string',
};

const storage: Rule = {
  allowed: '1Gi or more: the queue of a vmagent is at least 512Mi',
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= 2 * bytes(SMALLEST_QUEUE),
};

/** The options of `MetricsGateway`. */
export const METRICS_GATEWAY_OPTIONS = {
  ...cloudOptions('metrics-gateway', { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }),
  store: { rule: store },
  storage: { rule: storage, default: '5Gi' },
  ingress: { rule: ingressOption, default: undefined },
  pushPrefix: { rule: routedPrefix, default: undefined },
  replicas: { rule: wholeNumber(1, 100), default: 2 },
  limits: { rule: seriesLimits, default: undefined },
  groupLimits: { rule: entries(dnsLabel, seriesLimits), default: {} },
  samplesPerSecond: { rule: wholeNumber(1, 100_000_000), default: undefined },
} satisfies OptionTable<MetricsGatewayProps>;

/** The options of a MetricsGateway, with what counts of those that are left out. */
export type MetricsGatewayOptions = Options<MetricsGatewayProps, typeof METRICS_GATEWAY_OPTIONS>;
