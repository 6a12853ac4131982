import type { Construct } from 'constructs';
import type { PublicEndpoint, UnsupportedBody } from './endpoint';
import type { RelabelConfig } from './scrape-target';

/**
 * Transport of edge metrics: pushed after each scrape to a Pushgateway, or sent by remote write from a queue
 * on the node.
 */
export type Transport = 'pushgateway' | 'remote-write';

/** The default transport. */
export const DEFAULT_TRANSPORT: Transport = 'pushgateway';

/** The default scrape interval, for edge nodes and for Pushgateway. */
export const DEFAULT_INTERVAL = '10s';

/** How long an agent collects a batch: its connection lives from one batch to the next. */
export const DEFAULT_BATCH_WAIT = '54s';

/** Options for a workload that pushes its own metrics. */
export interface PushClientOptions {
  /** Name of the container that pushes. @default - the first one */
  readonly container?: string;
  /** Node group of the workload, where the sink has groups. @default - none */
  readonly group?: string;
}

/** A Pushgateway that edge nodes push to: with PUT, in the text format, under a grouping key. */
export interface PushgatewaySink {
  /**
   * Discriminates the types of sinks. Exporters push to this one through a sidecar; workloads may push by
   * themselves.
   */
  readonly protocol: 'pushgateway';
  /**
   * Base URL of Pushgateway's HTTP API, to which clients add `/metrics/job/...`.
   * @throws InvalidOptionError when no ingress exposes the sink.
   */
  readonly endpoint: PublicEndpoint;
  /** Adds the sink's URL and mounted credentials to a workload that pushes its own metrics. */
  connect(workload: Construct, options?: PushClientOptions): void;
}

/** Path of the remote-write protocol, below a base URL. */
export const REMOTE_WRITE_PATH = '/api/v1/write';

/** Remote write 2.0 requests, which vmagent answers with 204 without storing them. */
export const REMOTE_WRITE_2: UnsupportedBody = {
  contentType: 'io\\.prometheus\\.write\\.v2',
  reason: 'remote write 2.0 is not supported: send 1.0 (prometheus.WriteRequest)',
};

/** A server that receives Prometheus remote write: samples in batches, with their original timestamps. */
export interface RemoteWriteSink {
  /** Discriminates the types of sinks. Only an `EdgeMetricsAgent` sends to this one. */
  readonly protocol: 'remote-write';
  /**
   * Base URL, to which clients add `/api/v1/write`.
   * @throws InvalidOptionError when no ingress exposes the sink.
   */
  readonly endpoint: PublicEndpoint;
  /**
   * Compression of batches. `zstd` is VictoriaMetrics' remote-write protocol and takes a third of the bytes;
   * all other servers support `snappy`.
   */
  readonly encoding: 'zstd' | 'snappy';
}

/**
 * A destination for metrics of edge nodes: a construct of this stack, or an imported server. Edge constructs
 * take a sink instead of a URL.
 */
export type MetricsSink = PushgatewaySink | RemoteWriteSink;

/** Metrics of an exporter that are scraped less often than its others, in a scrape of their own. */
export interface SlowMetrics {
  /** Names of the metrics, each a regular expression; at least one. */
  readonly names: readonly string[];
  /**
   * Scrape interval, from "1s" to "2m". It has to stay below Prometheus's lookback of five minutes.
   * @default "60s"
   */
  readonly interval?: string;
}

/** An exporter's port that an agent on the same node scrapes. */
export interface NodeTarget {
  /** Label `job`, unique among the targets of an agent. */
  readonly job: string;
  /** Port on the node's loopback address. */
  readonly port: number;
  /** Path of the metrics, such as `/metrics`. */
  readonly metricsPath: string;
  /** Value of the label `instance`: the node's name, or its address and the port. */
  readonly instance: 'node' | 'address';
  /** Scrape interval, such as `30s`. @default - the agent's */
  readonly interval?: string;
  /** Scrape timeout. @default - the agent's */
  readonly timeout?: string;
  /**
   * Targets that the exporter is scraped for one after another, each with its own URL parameters and label
   * `instance`.
   * @default - the exporter has a single target
   */
  readonly targets?: readonly {
    readonly instance: string;
    readonly params: Readonly<Record<string, string>>;
  }[];
  /** Relabeling of each series before it is stored (`metric_relabel_configs`). @default - none */
  readonly metricRelabeling?: readonly RelabelConfig[];
  /** Metrics that are scraped less often. @default - none */
  readonly slowMetrics?: SlowMetrics;
  /** Maximum number of series of the target. @default - the agent's */
  readonly seriesLimit?: number;
  /**
   * Whether only some nodes of the agent run the exporter, so that a failed scrape is not an error.
   * @default false
   */
  readonly onSomeNodes?: boolean;
}

/** An agent that scrapes exporters on its node and sends their samples to a sink. */
export interface NodeAgent {
  /** Discriminates the types of sinks. Exporters are scraped by the agent instead of pushing. */
  readonly protocol: 'scrape';
  /**
   * Adds a target to scrape.
   * @throws InvalidOptionError when the agent already has a target with this `job`.
   */
  scrape(target: NodeTarget): void;
}

/**
 * Destination of an edge exporter's metrics: a Pushgateway, which a sidecar pushes to, or an agent that
 * scrapes.
 */
export type ExporterSink = PushgatewaySink | NodeAgent;
