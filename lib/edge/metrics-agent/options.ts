import type { Construct } from 'constructs';
import { SMALLEST_QUEUE } from '../../agents/vmagent';
import type { RemoteWriteSink } from '../../contracts/metrics-sink';
import { resources } from '../../core/kubernetes-rules';
import {
  absolutePath,
  dnsLabel,
  duration,
  interval,
  labelValue,
  metricsPath,
  port,
  quantity,
  wholeNumber,
} from '../../core/option-rules';
import type { Resources } from '../../core/pods';
import { edgeJob } from '../../core/reserved-names';
import { each, falseOr, options, type RuleTable, required, verifyOptions } from '../../core/structure-rules';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import type { Rule } from '../../core/validation';
import type { EdgePodOptions } from '../daemon-set';
import { EDGE_POD_OPTIONS } from '../daemon-set';
import { type MetricsProfile, metricsProfile } from '../node-exporter';
import type { EdgeService, KubeletScrape } from './scrape-jobs';

/** How samples travel. */
export interface MetricsSending {
  /**
   * How long samples wait for others. Names of series and a request's headers are sent once in a batch; a
   * connection that is idle for a minute is closed by vmagent, and a new one costs four kilobytes. An agent that is
   * killed during an outage loses at most three batches, each up to a tenth longer, and an interval: "15s" bounds that to
   * a minute.
   * @default "55s"
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

/** What an EdgeMetricsAgent is made of. */
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
   * @default "/etc/edge-observability/targets" - on devices with read-only mounts, `targets` below the state directory
   */
  readonly targetsDirectory?: string | false;
  /** Most series of one target; what is beyond is left out, and counted. @default 2000 */
  readonly seriesPerTarget?: number;
  /** @default - batches of 55 seconds, at most 64Ki a second */
  readonly sending?: MetricsSending;
  /** @default - 512Mi, a week */
  readonly queue?: MetricsQueue;
  /** @default - 20m of a core, 32Mi of memory, at most 64Mi */
  readonly resources?: Resources;
}

/** How long samples wait for others where nobody says it. */
export const BATCH_WAIT: Duration = '55s';

/** The queue where nobody says how long an outage may last. */
export const QUEUE_DEFAULTS = { size: '512Mi', maxAge: '7d' } as const;

/** How long samples may wait for others: vmagent closes a connection that is idle for a minute. */
const batchWait: Rule = {
  allowed: 'a duration from "1s" to "5m", best below a minute, such as "55s"',
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

/** What the agent reads and how it sends, as settings and the construct say it. */
export const AGENT_OPTIONS = {
  kubelet: falseOr(options<KubeletScrape>({ interval, port })),
  services: each(
    options<EdgeService>({ job: required(edgeJob), port: required(port), metricsPath, interval }),
  ),
  targetsDirectory,
  seriesPerTarget: wholeNumber(1, 1_000_000),
  sending: options<MetricsSending>({
    batchWait,
    bytesPerSecond: quantity,
    maxBackoff: interval,
    significantFigures: wholeNumber(3, 17),
  }),
  queue: options<MetricsQueue>({ size: queueSize, maxAge: duration }),
};

const OPTIONS: RuleTable<EdgeMetricsAgentProps> = {
  ...EDGE_POD_OPTIONS,
  ...AGENT_OPTIONS,
  sink: required({
    allowed: 'what takes remote write: a MetricsGateway of this stack, or fromRemoteWrite({ ... })',
    accepts: (value) => Reflect.get(Object(value), 'protocol') === 'remote-write',
  }),
  name: dnsLabel,
  family: dnsLabel,
  group: labelValue,
  interval,
  profile: metricsProfile,
  resources,
};

/** @throws InvalidOptionError that names every option of an EdgeMetricsAgent which breaks its rule. */
export function verifyAgentProps(scope: Construct, props: EdgeMetricsAgentProps): void {
  verifyOptions(scope, props, OPTIONS);
}
