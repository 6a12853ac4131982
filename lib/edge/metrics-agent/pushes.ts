import { resources } from '../../core/kubernetes-rules';
import {
  cidr,
  listRuleWithSingleError,
  objectName,
  quantity,
  wholeNumberRule,
} from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import type { Quantity } from '../../core/units';
import { toBytes } from '../../core/units';
import type { Rule } from '../../core/validation';

/**
 * Options for pushes of services to the agent of their node, by the Pushgateway protocol or OTLP over HTTP. The limits
 * apply per node.
 */
export interface MetricsPushes {
  /**
   * IPv4 ranges of the pod network, from which services can push with a password. Pods on the host network can always
   * push, without a password. With an empty list, the agent listens only on the loopback address.
   * @default - the bridge networks of Docker and containerd: 172.17.0.0/16 and 10.88.0.0/16
   */
  readonly podCidrs?: readonly string[];
  /**
   * Name of the Secret with the users that can push from `podCidrs`, in the agent's namespace.
   * @default "edge-push-users"
   */
  readonly usersSecretName?: string;
  /**
   * Name of the Secret with user and password that `connect` mounts, in the namespace of the workload.
   * @default "edge-push-credentials"
   */
  readonly credentialsSecretName?: string;
  /** Maximum number of jobs that push to a node. Pushes of further jobs are rejected. @default 50 */
  readonly jobs?: number;
  /** Maximum number of different series of a job within two hours. Pushes with further series are rejected. @default 1000 */
  readonly seriesPerJob?: number;
  /** Maximum size of a push in bytes, from 1Ki to 1Mi. @default "256Ki" */
  readonly bytesPerPush?: Quantity;
  /** Maximum size of all pushes of a job within a minute, in bytes. @default "2Mi" */
  readonly bytesPerMinute?: Quantity;
  /**
   * Resources of the container that receives pushes.
   * @default - requests: 10m CPU, 16Mi memory; limit: 48Mi memory
   */
  readonly resources?: Resources;
}

const bodySize: Rule = {
  allowed: 'a quantity from 1Ki to 1Mi, such as "256Ki"',
  accepts: (value) =>
    quantity.accepts(value) && toBytes(value as Quantity) >= 2 ** 10 && toBytes(value as Quantity) <= 2 ** 20,
};

/** Validation rule for an IPv4 range. IPv6 is not allowed, because the listener has no IPv6 address. */
const ipv4Cidr: Rule = {
  allowed: 'an IPv4 range in CIDR notation, such as "10.42.0.0/16"',
  accepts: (value) => cidr.accepts(value) && !String(value).includes(':'),
};

/** Validation rules and defaults of `MetricsPushes`. */
export const METRICS_PUSHES = {
  podCidrs: { rule: listRuleWithSingleError(ipv4Cidr), default: ['172.17.0.0/16', '10.88.0.0/16'] },
  usersSecretName: { rule: objectName, default: 'edge-push-users' },
  credentialsSecretName: { rule: objectName, default: 'edge-push-credentials' },
  jobs: { rule: wholeNumberRule(1, 1_000), default: 50 },
  seriesPerJob: { rule: wholeNumberRule(1, 10_000), default: 1_000 },
  bytesPerPush: { rule: bodySize, default: '256Ki' },
  bytesPerMinute: { rule: quantity, default: '2Mi' },
  resources: { rule: resources, default: { cpu: '10m', memory: '16Mi', memoryLimit: '48Mi' } },
} satisfies OptionTable<MetricsPushes>;

/** Options of pushes after all defaults have been applied. */
export type ResolvedPushes = Options<MetricsPushes, typeof METRICS_PUSHES>;
