import { MIN_QUEUE_SIZE } from '../../agents/vmagent';
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
  oneOfRule,
  port,
  quantity,
  wholeNumberRule,
  yesOrNo,
} from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { edgeJob } from '../../core/reserved-names';
import { relabeling, slowMetrics } from '../../core/scrape-rules';
import { falseOrObjectRule, listRule } from '../../core/structure-rules';
import { type Duration, type Quantity, toBytes, toSeconds } from '../../core/units';
import type { Rule } from '../../core/validation';
import type { EdgePodOptions } from '../daemon-set';
import { defaultScrapeTargetsDirectory, EDGE_POD_OPTIONS, resolveDeviceProperties } from '../daemon-set';
import { exporterTargets } from '../exporter';
import { type MetricsProfile, metricsProfile } from '../node-exporter';
import type { KubeletScrape } from './kubelet-jobs';
import { METRICS_PUSHES, type MetricsPushes } from './pushes';
import type { EdgeService } from './scrape-jobs';

/** Options for the batches in which a metrics agent sends samples, and for retries. */
export interface MetricsSending {
  /**
   * Time for which the agent collects samples before it sends a batch, at most `5m`. vmagent adds up to 10 %, but at
   * most 10 seconds. A longer time saves traffic, because names of series and request headers are sent once per batch.
   * vmagent closes a connection that is idle for a minute, so from `55s` on, each batch can need a new connection. An
   * agent that is killed during an outage loses at most the samples of three batches and one scrape interval. With a
   * `batchWait` of `15s`, this is about a minute.
   * @default "54s" - the connection stays open between batches
   */
  readonly batchWait?: Duration;
  /**
   * Maximum send rate in bytes per second, so that a backlog does not saturate the uplink.
   * @default "64Ki"
   */
  readonly bytesPerSecond?: Quantity;
  /** Maximum backoff between retries. The backoff grows exponentially and is partly random. @default "60s" */
  readonly maxBackoff?: Duration;
  /**
   * Number of significant digits to which values are rounded, from 3 to 17. Fewer digits compress better, but change the
   * values.
   * @default - values are not rounded
   */
  readonly significantFigures?: number;
}

/** Options for the queue in which a metrics agent stores samples on the device's disk during an outage. */
export interface MetricsQueue {
  /**
   * Maximum size of the queue. If the queue is full, the oldest samples are dropped. vmagent requires at least 512Mi.
   * @default "512Mi"
   */
  readonly size?: Quantity;
  /**
   * Maximum time since the last write to a queue. When the agent starts and a server confirms the node's time,
   * the agent drops each queue whose last write is longer ago than `maxAge`, because the store no longer accepts the
   * samples in this queue. Set `maxAge` to at least the out-of-order window of the store.
   * @default "7d"
   */
  readonly maxAge?: Duration;
}

/** Properties for `EdgeMetricsAgent`. */
export interface EdgeMetricsAgentProps extends EdgePodOptions {
  /** Sink for samples: a `MetricsGateway` of this stack, or `fromRemoteWrite(...)` for another remote-write endpoint. */
  readonly sink: RemoteWriteSink;
  /** Name of the objects, which differs for each node group. @default "edge-metrics-agent" */
  readonly name?: string;
  /**
   * Name of the agent without its group. Folders on nodes, labels of metrics, and the objects that all groups share,
   * contain this name.
   * @default - `name`
   */
  readonly family?: string;
  /**
   * Node group: the value of the label `group` of every sample. If the sink has credentials for each group, the agent
   * authenticates with the credentials of this group.
   * @default - no group
   */
  readonly group?: string;
  /** Scrape interval of targets that do not set an interval. @default "10s" */
  readonly interval?: Duration;
  /** Profile that determines which container metrics of the kubelet the agent sends. @default "standard" */
  readonly profile?: MetricsProfile;
  /**
   * Interval and port for scraping the kubelet's metrics of pods and containers. With `false`, the agent does not
   * scrape the kubelet.
   * @default - the kubelet is scraped every 30 seconds
   */
  readonly kubelet?: KubeletScrape | false;
  /** Services on the node that the agent scrapes. @default - no services */
  readonly services?: readonly EdgeService[];
  /**
   * Folder on each node with files that list additional targets, in the format of Prometheus's `file_sd_configs`. The
   * folder is created if it does not exist. With `false`, there are no additional targets.
   * @default - `/etc/edge-observability/targets`; on devices with `readOnlyMounts`, the folder `targets` in
   * `stateDirectory`
   */
  readonly targetsDirectory?: string | false;
  /** Maximum number of series of a target. Further series are dropped and counted. @default 2000 */
  readonly seriesPerTarget?: number;
  /** Options for batches and retries. @default - a batch every 54 seconds, at most 64Ki per second */
  readonly sending?: MetricsSending;
  /** Maximum size and age of the queue. @default - 512Mi and 7 days */
  readonly queue?: MetricsQueue;
  /**
   * Lets services push metrics to the agent of their node, by the Pushgateway protocol or OTLP over HTTP. Call `connect`
   * to configure a workload. `{}` accepts pushes with all defaults.
   * @default - no pushes are accepted
   */
  readonly pushes?: MetricsPushes;
  /** Resources of the agent's container. @default - requests: 20m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
}

/**
 * Validation rule for the option `batchWait`. The error message recommends less than a minute, because vmagent closes a
 * connection that is idle for a minute.
 */
const batchWait: Rule = {
  allowed: 'a duration from "1s" to "5m", preferably less than a minute, such as "54s"',
  accepts: (value) => duration.accepts(value) && toSeconds(value as Duration) <= 300,
};

/** Validation rule for the option `targetsDirectory`. */
const targetsDirectory: Rule = {
  allowed: `false, or ${absolutePath.allowed}`,
  accepts: (value) => value === false || absolutePath.accepts(value),
};

const queueSize: Rule = {
  allowed: `${MIN_QUEUE_SIZE} or more, the minimum of vmagent`,
  accepts: (value) => quantity.accepts(value) && toBytes(value as Quantity) >= toBytes(MIN_QUEUE_SIZE),
};

/** Validation rules and defaults of `MetricsSending`. */
export const METRICS_SENDING = {
  batchWait: { rule: batchWait, default: DEFAULT_BATCH_WAIT },
  bytesPerSecond: { rule: quantity, default: '64Ki' },
  maxBackoff: { rule: interval, default: '60s' },
  significantFigures: { rule: wholeNumberRule(3, 17), default: undefined },
} satisfies OptionTable<MetricsSending>;

/** Validation rules and defaults of `MetricsQueue`. */
export const METRICS_QUEUE = {
  size: { rule: queueSize, default: '512Mi' },
  maxAge: { rule: duration, default: '7d' },
} satisfies OptionTable<MetricsQueue>;

/** Validation rules and defaults of `EdgeService`. */
export const EDGE_SERVICE = {
  job: { rule: edgeJob },
  port: { rule: port },
  metricsPath: { rule: metricsPath, default: '/metrics' },
  interval: { rule: interval, default: undefined },
} satisfies OptionTable<EdgeService>;

/** Validation rules and defaults of `KubeletScrape`. */
export const KUBELET_SCRAPE = {
  interval: { rule: interval, default: '30s' },
  port: { rule: port, default: 10_350 },
} satisfies OptionTable<KubeletScrape>;

/** Validation rules and defaults of `EdgeMetricsAgentProps`. */
export const METRICS_AGENT_OPTIONS = {
  ...EDGE_POD_OPTIONS,
  sink: {
    rule: {
      allowed: 'a remote-write sink: a MetricsGateway construct, or fromRemoteWrite({ ... })',
      accepts: (value) => Reflect.get(Object(value), 'protocol') === 'remote-write',
    },
  },
  name: { rule: dnsLabel, default: 'edge-metrics-agent' },
  family: { rule: dnsLabel, derive: ({ name = '' }) => name },
  group: { rule: labelValue, default: undefined },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  profile: { rule: metricsProfile, default: 'standard' },
  kubelet: { rule: falseOrObjectRule(optionsRule<KubeletScrape>(KUBELET_SCRAPE)), default: {} },
  services: { rule: listRule(optionsRule<EdgeService>(EDGE_SERVICE)), default: [] },
  targetsDirectory: {
    rule: targetsDirectory,
    derive: ({ device }, scope): string =>
      defaultScrapeTargetsDirectory(resolveDeviceProperties(scope, device)),
  },
  seriesPerTarget: { rule: wholeNumberRule(1, 1_000_000), default: 2_000 },
  sending: { rule: optionsRule<MetricsSending>(METRICS_SENDING), default: {} },
  queue: { rule: optionsRule<MetricsQueue>(METRICS_QUEUE), default: {} },
  pushes: { rule: optionsRule<MetricsPushes>(METRICS_PUSHES), default: undefined },
  resources: { rule: resources, default: { cpu: '20m', memory: '32Mi', memoryLimit: '64Mi' } },
} satisfies OptionTable<EdgeMetricsAgentProps>;

/** Options of an `EdgeMetricsAgent` after all defaults have been applied. */
export type MetricsAgentOptions = Options<EdgeMetricsAgentProps, typeof METRICS_AGENT_OPTIONS>;

/** Validation rules and defaults of `NodeTarget`. */
export const NODE_TARGET = {
  job: { rule: jobLabel },
  port: { rule: port },
  metricsPath: { rule: metricsPath },
  instance: { rule: oneOfRule('node', 'address') },
  interval: { rule: interval, default: undefined },
  timeout: { rule: interval, default: undefined },
  targets: { rule: exporterTargets, default: undefined },
  metricRelabeling: { rule: listRule(relabeling), default: undefined },
  slowMetrics: { rule: slowMetrics, default: undefined },
  seriesLimit: { rule: wholeNumberRule(0, Number.MAX_SAFE_INTEGER), default: undefined },
  onSomeNodes: { rule: yesOrNo, default: false },
} satisfies OptionTable<NodeTarget>;
