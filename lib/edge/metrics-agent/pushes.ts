import { resources } from '../../core/kubernetes-rules';
import { cidr, listOf, objectName, quantity, wholeNumber } from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import type { Quantity } from '../../core/units';
import { bytes } from '../../core/units';
import type { Rule } from '../../core/validation';

/** Port on which services of the node push, as Pushgateway's own. */
export const PUSH_PORT = 9091;

/** Pushes of services to the agent of their own node, in Pushgateway's protocol and in OTLP over HTTP. */
export interface MetricsPushes {
  /**
   * Networks of the node's pods whose services may push, with a password. Pods on the host network may always push, and need no
   * password. With an empty list, the agent only listens on the loopback address.
   * @default - the bridges of Docker and containerd: 172.17.0.0/16 and 10.88.0.0/16
   */
  readonly podCidrs?: readonly string[];
  /** Secret with the users that may push from `podCidrs`, in the agent's namespace. @default "edge-push-users" */
  readonly usersSecretName?: string;
  /** Secret with user and password that `connect` mounts, in the namespace of the workload. @default "edge-push-credentials" */
  readonly credentialsSecretName?: string;
  /** Maximum number of jobs that push to a node. @default 50 */
  readonly jobs?: number;
  /** Maximum number of different series of a job within two hours; further series are refused. @default 1000 */
  readonly seriesPerJob?: number;
  /** Maximum size of a push. @default "256Ki" */
  readonly bytesPerPush?: Quantity;
  /** Maximum size of all pushes of a job within a minute. @default "2Mi" */
  readonly bytesPerMinute?: Quantity;
  /** Resources of the container that receives pushes. @default - requests: 10m CPU, 16Mi memory; limit: 48Mi memory */
  readonly resources?: Resources;
}

const bodySize: Rule = {
  allowed: 'a quantity from 1Ki to 1Mi, such as "256Ki"',
  accepts: (value) =>
    quantity.accepts(value) && bytes(value as Quantity) >= 2 ** 10 && bytes(value as Quantity) <= 2 ** 20,
};

/** The listener has an address of IPv4 alone. */
const ipv4Cidr: Rule = {
  allowed: 'an IPv4 range in CIDR notation, such as "10.42.0.0/16"',
  accepts: (value) => cidr.accepts(value) && !String(value).includes(':'),
};

/** The options of pushes. */
export const METRICS_PUSHES = {
  podCidrs: { rule: listOf(ipv4Cidr), default: ['172.17.0.0/16', '10.88.0.0/16'] },
  usersSecretName: { rule: objectName, default: 'edge-push-users' },
  credentialsSecretName: { rule: objectName, default: 'edge-push-credentials' },
  jobs: { rule: wholeNumber(1, 1_000), default: 50 },
  seriesPerJob: { rule: wholeNumber(1, 10_000), default: 1_000 },
  bytesPerPush: { rule: bodySize, default: '256Ki' },
  bytesPerMinute: { rule: quantity, default: '2Mi' },
  resources: { rule: resources, default: { cpu: '10m', memory: '16Mi', memoryLimit: '48Mi' } },
} satisfies OptionTable<MetricsPushes>;

/** Options of pushes, with their defaults. */
export type KnownPushes = Options<MetricsPushes, typeof METRICS_PUSHES>;
