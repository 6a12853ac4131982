import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import { SMALLEST_QUEUE } from '../agents/vmagent';
import type { RemoteWriteStore } from '../contracts/remote-write-store';
import { CLOUD_OPTIONS, ingressOption } from '../core/cloud-rules';
import { dnsLabel, quantity, wholeNumber } from '../core/option-rules';
import type { Resources } from '../core/pods';
import { entries, type OptionTable, required, verifyOptions } from '../core/structure-rules';
import { bytes, type Quantity } from '../core/units';
import type { Rule } from '../core/validation';
import { type SeriesLimits, seriesLimits } from '../fleet/series-limits';

/** What a MetricsGateway is made of. */
export interface MetricsGatewayProps {
  /** Where samples go: a Prometheus of this stack, or `toRemoteWrite`. */
  readonly store: RemoteWriteStore;
  /** Name of its objects, and of the job that reads it. @default "metrics-gateway" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** How many share the nodes. @default 2 - samples come in while a node is drained */
  readonly replicas?: number;
  /** Volume of each replica, for what waits while the store is away. @default "5Gi" */
  readonly storage?: Quantity;
  /** How many series nodes may write; what is beyond is refused, and counted. @default - for 500 nodes */
  readonly limits?: SeriesLimits;
  /** The same of each group, where users are those of groups. @default - all groups share `limits`, of which one takes four fifths at most */
  readonly groupLimits?: Readonly<Record<string, SeriesLimits>>;
  /** Most samples in a second, for each replica; beyond, whoever writes has to wait. @default - no limit */
  readonly samplesPerSecond?: number;
  /** @default - 100m of a core, 128Mi of memory, at most 512Mi */
  readonly resources?: Resources;
}

/** What a replica takes where nobody says how many nodes there are. */
export const GATEWAY_DEFAULTS = {
  resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' },
} as const;

const store: Rule = {
  allowed: 'a Prometheus of this stack, or toRemoteWrite({ url: "https://mimir.example.com/api/v1/push" })',
  accepts: (value) => typeof (value as RemoteWriteStore)?.writeUrl === 'string',
};

const storage: Rule = {
  allowed: '1Gi or more: the queue of a vmagent is at least 512Mi',
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= 2 * bytes(SMALLEST_QUEUE),
};

const OPTIONS: OptionTable<MetricsGatewayProps> = {
  ...CLOUD_OPTIONS,
  store: required(store),
  storage,
  ingress: ingressOption,
  replicas: wholeNumber(1, 100),
  limits: seriesLimits,
  groupLimits: entries(dnsLabel, seriesLimits),
  samplesPerSecond: wholeNumber(1, 100_000_000),
};

/** @throws InvalidOptionError that names the option, what was given and what is allowed. */
export function verifyGateway(scope: Construct, props: MetricsGatewayProps): void {
  verifyOptions(scope, props, OPTIONS);
}
