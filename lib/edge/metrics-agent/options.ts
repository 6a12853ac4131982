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
import { eachMember, falseOr } from '../../core/structure-rules';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import type { Rule } from '../../core/validation';
import type { EdgePodOptions } from '../daemon-set';
import { deviceOf, EDGE_POD_OPTIONS, targetsDirectoryOf } from '../daemon-set';
import { exporterTargets } from '../exporter';
import { type MetricsProfile, metricsProfile } from '../node-exporter';
import { METRICS_PUSHES, type MetricsPushes } from './pushes';
import type { EdgeService, KubeletScrape } from './scrape-jobs';

/** Options for batches and retries of samples. */
export interface MetricsSending {
  /**
   * How long samples are collected for a batch; vmagent adds up to 10 %, at most 10 seconds. A longer time
   * saves traffic, since names of series and request headers are sent once per batch. vmagent closes a
   * connection that is idle for a minute: from "55s" on, batches may each need a new connection. An agent
   * that is killed during an outage loses at most three batches and a scrape interval: with "15s" that is a
   * minute.
   * @default "54s" - the connection is kept from one batch to the next
   */
  readonly batchWait?: Duration;
  /**
   * Maximum send rate in bytes per second, so that a backlog does not saturate the uplink.
   * @default "64Ki"
   */
  readonly bytesPerSecond?: Quantity;
  /** Maximum backoff between retries, which increases with some randomness. @default "60s" */
  readonly maxBackoff?: Duration;
  /**
   * Number of significant figures to keep of each value. Fewer figures compress better, but change the
   * values.
   * @default - all
   */
  readonly significantFigures?: number;
}

/** Options for the queue on the device. */
export interface MetricsQueue {
  /**
   * Maximum size of the queue; beyond it the oldest samples are dropped. vmagent requires at least 512Mi.
   * @default "512Mi"
   */
  readonly size?: Quantity;
  /**
   * Age after which queued samples are dropped. Set it to at least the out-of-order window of the store.
   * @default "7d"
   */
  readonly maxAge?: Duration;
}

/** Properties for `EdgeMetricsAgent`. */
export interface EdgeMetricsAgentProps extends EdgePodOptions {
  /** Sink for samples: a MetricsGateway, or `fromRemoteWrite`. */
  readonly sink: RemoteWriteSink;
  /** Name of the objects, which differs for each node group. @default "edge-metrics-agent" */
  readonly name?: string;
  /**
   * Name that all groups share: for folders on nodes, labels of metrics, and objects that are the same for
   * all groups.
   * @default - `name`
   */
  readonly family?: string;
  /**
   * Node group: value of the label `group` of every sample and, if the sink has groups, the user to send as.
   * @default - none
   */
  readonly group?: string;
  /** Default scrape interval. @default "10s" */
  readonly interval?: Duration;
  /** Which metrics of the kubelet are kept. @default "standard" */
  readonly profile?: MetricsProfile;
  /**
   * Scrape of the kubelet's metrics of pods and containers; `false` disables it.
   * @default - every 30 seconds
   */
  readonly kubelet?: KubeletScrape | false;
  /** Ports of business services to scrape. @default - none */
  readonly services?: readonly EdgeService[];
  /**
   * Folder on each node with files of additional targets, in the format of Prometheus's `file_sd_configs`. It
   * is created if it does not exist; `false` mounts none.
   * @default - /etc/edge-observability/targets; on devices with read-only mounts, `targets` below the state
   * directory
   */
  readonly targetsDirectory?: string | false;
  /** Maximum number of series of a target; further series are dropped and counted. @default 2000 */
  readonly seriesPerTarget?: number;
  /** Batches and retries. @default - batches of 54 seconds, at most 64Ki per second */
  readonly sending?: MetricsSending;
  /** Size and age of the queue. @default - 512Mi, a week */
  readonly queue?: MetricsQueue;
  /**
   * Pushes of services to the agent of their node, in Pushgateway's protocol and as OTLP over HTTP; `connect`
   * configures a workload for them. `{}` accepts pushes with all defaults.
   * @default - no pushes are accepted
   */
  readonly pushes?: MetricsPushes;
  /** @default - requests: 20m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
}

/** Rule for the batch wait; vmagent closes a connection that is idle for a minute. */
const batchWait: Rule = {
  allowed: 'a duration from "1s" to "5m", preferably below a minute, such as "54s"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) <= 300,
};

/** Rule for the folder with target files. */
const targetsDirectory: Rule = {
  allowed: `false, or ${absolutePath.allowed}`,
  accepts: (value) => value === false || absolutePath.accepts(value),
};

const queueSize: Rule = {
  allowed: `${SMALLEST_QUEUE} or more, the minimum of vmagent`,
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= bytes(SMALLEST_QUEUE),
};

/** The options for batches and retries of samples. */
export const METRICS_SENDING = {
  batchWait: { rule: batchWait, default: DEFAULT_BATCH_WAIT },
  bytesPerSecond: { rule: quantity, default: '64Ki' },
  maxBackoff: { rule: interval, default: '60s' },
  significantFigures: { rule: wholeNumber(3, 17), default: undefined },
} satisfies OptionTable<MetricsSending>;

/** The options for the queue on the device. */
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

/** The options of the kubelet's scrape. */
export const KUBELET_SCRAPE = {
  interval: { rule: interval, default: '30s' },
  port: { rule: port, default: 10_350 },
} satisfies OptionTable<KubeletScrape>;

/** The options of `EdgeMetricsAgent`. */
export const METRICS_AGENT_OPTIONS = {
  ...EDGE_POD_OPTIONS,
  sink: {
    rule: {
      allowed: 'a remote-write sink: a MetricsGateway of this stack, or fromRemoteWrite({ ... })',
      accepts: (value) => Reflect.get(Object(value), 'protocol') === 'remote-write',
    },
  },
  name: { rule: dnsLabel, default: 'edge-metrics-agent' },
  family: { rule: dnsLabel, derive: ({ name = '' }) => name },
  group: { rule: labelValue, default: undefined },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  profile: { rule: metricsProfile, default: 'standard' },
  kubelet: { rule: falseOr(optionsRule<KubeletScrape>(KUBELET_SCRAPE)), default: {} },
  services: { rule: eachMember(optionsRule<EdgeService>(EDGE_SERVICE)), default: [] },
  targetsDirectory: {
    rule: targetsDirectory,
    derive: ({ device }, scope): string => targetsDirectoryOf(deviceOf(scope, device)),
  },
  seriesPerTarget: { rule: wholeNumber(1, 1_000_000), default: 2_000 },
  sending: { rule: optionsRule<MetricsSending>(METRICS_SENDING), default: {} },
  queue: { rule: optionsRule<MetricsQueue>(METRICS_QUEUE), default: {} },
  pushes: { rule: optionsRule<MetricsPushes>(METRICS_PUSHES), default: undefined },
  resources: { rule: resources, default: { cpu: '20m', memory: '32Mi', memoryLimit: '64Mi' } },
} satisfies OptionTable<EdgeMetricsAgentProps>;

/** The options of an `EdgeMetricsAgent` with defaults. */
export type MetricsAgentOptions = Options<EdgeMetricsAgentProps, typeof METRICS_AGENT_OPTIONS>;

/** The options of a target on the node. */
export const NODE_TARGET = {
  job: { rule: jobLabel },
  port: { rule: port },
  metricsPath: { rule: metricsPath },
  instance: { rule: oneOf('node', 'address') },
  interval: { rule: interval, default: undefined },
  timeout: { rule: interval, default: undefined },
  targets: { rule: exporterTargets, default: undefined },
  metricRelabeling: { rule: eachMember(relabeling), default: undefined },
  slowMetrics: { rule: slowMetrics, default: undefined },
  seriesLimit: { rule: wholeNumber(0, Number.MAX_SAFE_INTEGER), default: undefined },
  onSomeNodes: { rule: yesOrNo, default: false },
} satisfies OptionTable<NodeTarget>;
