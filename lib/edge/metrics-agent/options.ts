import { SMALLEST_QUEUE } from '../../agents/vmagent';
import {
  DEFAULT_BATCH_WAIT,
  DEFAULT_INTERVAL,
  type NodeTarget,
  type RemoteWriteSink,
} from '../../contracts/metrics-sink';
import { resources } from '../../core/kubernetes-rules';
import {
  absolutePath,
  dnsLabel,
  duration,
  interval,
  jobLabel,
  labelValue,
  metricsPath,
  oneOf,
  port,
  quantity,
  wholeNumber,
  yesOrNo,
} from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { edgeJob } from '../../core/reserved-names';
import { relabeling, slowMetrics } from '../../core/scrape-rules';
import { each, falseOr } from '../../core/structure-rules';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import type { Rule } from '../../core/validation';
import type { EdgePodOptions } from '../daemon-set';
import { deviceOf, EDGE_POD_OPTIONS, targetsDirectoryOf } from '../daemon-set';
import { exporterTargets } from '../exporter';
import { type MetricsProfile, metricsProfile } from '../node-exporter';
import type { EdgeService, KubeletScrape } from './scrape-jobs';

/** How samples travel. */
export interface MetricsSending {
  /**
   * How long samples wait for others; vmagent adds up to a tenth, at most 10 seconds. Names of series and a request's
   * headers are sent once in a batch. vmagent closes a connection that is idle for a minute: from "55s" on batches may need
   * a new connection each. An agent that is killed during an outage loses at most three batches and an interval: "15s"
   * bounds that to a minute.
   * @default "54s" - the connection lives from one batch to the next
   */
  readonly batchWait?: Duration;
  /** Most that is sent in a second: an uplink is for others, too, while a queue is worked off. @default "64Ki" */
  readonly bytesPerSecond?: Quantity;
  /** Longest pause between two tries; each is longer than the one before and a little random. @default "60s" */
  readonly maxBackoff?: Duration;
  /**
   * Digits that are left of each value. Fewer compress better, and what is measured changes.
   * @default - all
   */
  readonly significantFigures?: number;
}

/** What waits on the device while there is no link. */
export interface MetricsQueue {
  /** Most that it takes; then the oldest goes. vmagent takes no less than 512Mi. @default "512Mi" */
  readonly size?: Quantity;
  /**
   * Age from which on samples are given up: at least as long as the store takes late samples.
   * @default "7d"
   */
  readonly maxAge?: Duration;
}

/** Properties for `EdgeMetricsAgent`. */
export interface EdgeMetricsAgentProps extends EdgePodOptions {
  /** Where samples go: a MetricsGateway, or `fromRemoteWrite`. */
  readonly sink: RemoteWriteSink;
  /** Name of its objects: each group of nodes has another one. @default "edge-metrics-agent" */
  readonly name?: string;
  /**
   * Its name where the group of its nodes does not matter: on the nodes' disks, in labels of what is measured, of
   * objects that are the same for all groups.
   * @default - its name
   */
  readonly family?: string;
  /**
   * The group of these nodes: the label `group` of every sample and, where the sink knows groups, whose user they
   * send as.
   * @default - none
   */
  readonly group?: string;
  /** How often targets are read that do not say otherwise. @default "10s" */
  readonly interval?: Duration;
  /** How much of the kubelet's metrics is kept. @default "standard" */
  readonly profile?: MetricsProfile;
  /** The kubelet's metrics of pods and containers. @default - read every 30 seconds */
  readonly kubelet?: KubeletScrape | false;
  /** Ports of business services. @default - none */
  readonly services?: readonly EdgeService[];
  /**
   * A folder of each node in which files name further targets, in the format of Prometheus's `file_sd_configs`.
   * It is made when it does not exist; `false` mounts none.
   * @default - /etc/edge-observability/targets, and on devices with read-only mounts `targets` below the state directory
   */
  readonly targetsDirectory?: string | false;
  /** Most series of one target; what is beyond is left out, and counted. @default 2000 */
  readonly seriesPerTarget?: number;
  /** @default - batches of 54 seconds, at most 64Ki a second */
  readonly sending?: MetricsSending;
  /** @default - 512Mi, a week */
  readonly queue?: MetricsQueue;
  /** @default - requests: 20m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
}

/** How long samples may wait for others: vmagent closes a connection that is idle for a minute. */
const batchWait: Rule = {
  allowed: 'a duration from "1s" to "5m", best below a minute, such as "54s"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) <= 300,
};

/** A folder that an agent reads targets from. */
const targetsDirectory: Rule = {
  allowed: `false, or ${absolutePath.allowed}`,
  accepts: (value) => value === false || absolutePath.accepts(value),
};

const queueSize: Rule = {
  allowed: `${SMALLEST_QUEUE} or more: vmagent takes no less`,
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= bytes(SMALLEST_QUEUE),
};

/** How samples travel. */
export const METRICS_SENDING = {
  batchWait: { rule: batchWait, default: DEFAULT_BATCH_WAIT },
  bytesPerSecond: { rule: quantity, default: '64Ki' },
  maxBackoff: { rule: interval, default: '60s' },
  significantFigures: { rule: wholeNumber(3, 17), default: undefined },
} satisfies OptionTable<MetricsSending>;

/** What waits on the device. */
export const METRICS_QUEUE = {
  size: { rule: queueSize, default: '512Mi' },
  maxAge: { rule: duration, default: '7d' },
} satisfies OptionTable<MetricsQueue>;

/** The options of a business service. */
export const EDGE_SERVICE = {
  job: { rule: edgeJob },
  port: { rule: port },
  metricsPath: { rule: metricsPath, default: '/metrics' },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<EdgeService>;

/** How the kubelet is read. */
export const KUBELET_SCRAPE = {
  interval: { rule: interval, default: '30s' },
  port: { rule: port, default: 10_350 },
} satisfies OptionTable<KubeletScrape>;

/** The options of `EdgeMetricsAgent`. */
export const METRICS_AGENT_OPTIONS = {
  ...EDGE_POD_OPTIONS,
  sink: {
    rule: {
      allowed: 'what takes remote write: a MetricsGateway of this stack, or fromRemoteWrite({ ... })',
      accepts: (value) => Reflect.get(Object(value), 'protocol') === 'remote-write',
    },
  },
  name: { rule: dnsLabel, default: 'edge-metrics-agent' },
  family: { rule: dnsLabel, derive: ({ name = '' }) => name },
  group: { rule: labelValue, default: undefined },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  profile: { rule: metricsProfile, default: 'standard' },
  kubelet: { rule: falseOr(optionsRule<KubeletScrape>(KUBELET_SCRAPE)), default: {} },
  services: { rule: each(optionsRule<EdgeService>(EDGE_SERVICE)), default: [] },
  targetsDirectory: {
    rule: targetsDirectory,
    derive: ({ device }, scope): string => targetsDirectoryOf(deviceOf(scope, device)),
  },
  seriesPerTarget: { rule: wholeNumber(1, 1_000_000), default: 2_000 },
  sending: { rule: optionsRule<MetricsSending>(METRICS_SENDING), default: {} },
  queue: { rule: optionsRule<MetricsQueue>(METRICS_QUEUE), default: {} },
  resources: { rule: resources, default: { cpu: '20m', memory: '32Mi', memoryLimit: '64Mi' } },
} satisfies OptionTable<EdgeMetricsAgentProps>;

/** The options of an EdgeMetricsAgent, with what counts of those that are left out. */
export type MetricsAgentOptions = Options<EdgeMetricsAgentProps, typeof METRICS_AGENT_OPTIONS>;

/** The options of what an agent reads on its node. */
export const NODE_TARGET = {
  job: { rule: jobLabel },
  port: { rule: port },
  metricsPath: { rule: metricsPath },
  instance: { rule: oneOf('node', 'address') },
  interval: { rule: interval, default: undefined },
  timeout: { rule: interval, default: undefined },
  targets: { rule: exporterTargets, default: undefined },
  metricRelabeling: { rule: each(relabeling), default: undefined },
  slowMetrics: { rule: slowMetrics, default: undefined },
  seriesLimit: { rule: wholeNumber(0, Number.MAX_SAFE_INTEGER), default: undefined },
  onSomeNodes: { rule: yesOrNo, default: false },
} satisfies OptionTable<NodeTarget>;
