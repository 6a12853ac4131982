import type { Construct } from 'constructs';
import type { PublicEndpoint, UnsupportedBody } from './endpoint';
import type { RelabelConfig } from './scrape-target';

/**
 * Transport of edge metrics. `pushgateway`: a sidecar pushes to a Pushgateway after each scrape.
 * `remote-write`: an agent sends batches from a queue on the node's disk.
 */
export type Transport = 'pushgateway' | 'remote-write';

/** Transport of edge metrics if the settings do not set one. */
export const DEFAULT_TRANSPORT: Transport = 'pushgateway';

/** Default scrape interval for exporters on edge nodes, and for Pushgateway. */
export const DEFAULT_INTERVAL = '10s';

/**
 * Default time for which a metrics agent collects samples before it sends them in one request. The time is
 * less than a minute, because vmagent closes a connection that is idle for a minute.
 */
export const DEFAULT_BATCH_WAIT = '54s';

/** Options for a workload that pushes its own metrics to a sink. */
export interface PushClientOptions {
  /** Name of the container that pushes. @default - the first container of the pod */
  readonly container?: string;
  /** Node group of the workload, if the sink has a user for each group. @default - no group */
  readonly group?: string;
}

/**
 * A Pushgateway that edge nodes push to. Clients send PUT requests in the Prometheus text format, under a
 * grouping key.
 */
export interface PushgatewaySink {
  /**
   * Type of the sink: a Pushgateway. Sidecars of exporters, and workloads with their own metrics, push to the
   * Pushgateway.
   */
  readonly protocol: 'pushgateway';
  /**
   * URL and credentials for clients. Clients append `/metrics/job/...` to the URL.
   * @throws InvalidOptionError when no ingress exposes the sink.
   */
  readonly endpoint: PublicEndpoint;
  /**
   * Sets environment variables and mounts with the sink's URL and credentials on a workload that pushes its
   * own metrics.
   */
  connect(workload: Construct, options?: PushClientOptions): void;
}

/** Path of remote write, below the base URL of a server. */
export const REMOTE_WRITE_PATH = '/api/v1/write';

/**
 * Requests in the format remote write 2.0. The guard refuses these requests, because vmagent would respond with 204
 * without storing the samples.
 */
export const REMOTE_WRITE_2: UnsupportedBody = {
  contentType: 'io\\.prometheus\\.write\\.v2',
  reason: 'remote write 2.0 is not supported: send remote write 1.0 (prometheus.WriteRequest)',
};

/** A server that receives Prometheus remote write: batches of samples with their original timestamps. */
export interface RemoteWriteSink {
  /** Type of the sink: a remote-write server, to which only an `EdgeMetricsAgent` can send. */
  readonly protocol: 'remote-write';
  /**
   * URL and credentials for clients. Clients append `/api/v1/write` to the URL.
   * @throws InvalidOptionError when no ingress exposes the sink.
   */
  readonly endpoint: PublicEndpoint;
  /**
   * Compression of remote-write requests. `zstd` only works with servers of VictoriaMetrics, and needs a
   * third of the bytes of `snappy`. All servers support `snappy`.
   */
  readonly encoding: 'zstd' | 'snappy';
}

/**
 * A destination for the metrics of edge nodes: a construct of this stack, or a server outside of the stack.
 * Edge constructs have an option that accepts a sink, not a URL.
 */
export type MetricsSink = PushgatewaySink | RemoteWriteSink;

/**
 * Selected metrics of an exporter. The agent scrapes these metrics in a separate scrape job, at a longer
 * interval than the other metrics of the exporter.
 */
export interface SlowMetrics {
  /** One or more regular expressions that match the names of the metrics. */
  readonly names: readonly string[];
  /**
   * Scrape interval of the metrics, from "1s" to "2m". The interval must be shorter than Prometheus's lookback of 5
   * minutes. Otherwise, queries would find no current sample between two scrapes.
   * @default "60s"
   */
  readonly interval?: string;
}

/** An exporter that the agent on the same node scrapes. */
export interface NodeTarget {
  /** Value of the label `job`, unique among the targets of an agent. */
  readonly job: string;
  /** Port on the node's loopback address. */
  readonly port: number;
  /** URL path at which the exporter serves its metrics, such as `/metrics`. */
  readonly metricsPath: string;
  /** Value of the label `instance`: `node` is the name of the node, `address` is the node's address with the port. */
  readonly instance: 'node' | 'address';
  /** Scrape interval, such as `30s`. @default - the scrape interval of the agent */
  readonly interval?: string;
  /** Scrape timeout. @default - the scrape timeout of the agent */
  readonly timeout?: string;
  /**
   * Probe targets of the exporter, such as the hosts that a blackbox exporter probes. For each probe target,
   * the agent scrapes the exporter with the URL parameters `params`, and sets the label `instance` to the
   * value of `instance`.
   * @default - the exporter has a single target
   */
  readonly targets?: readonly {
    readonly instance: string;
    readonly params: Readonly<Record<string, string>>;
  }[];
  /** Relabeling of the scraped series (`metric_relabel_configs`). @default - no relabeling */
  readonly metricRelabeling?: readonly RelabelConfig[];
  /** Metrics that the agent scrapes at a longer interval. @default - all metrics have the same interval */
  readonly slowMetrics?: SlowMetrics;
  /** Maximum number of series of the target. @default - the limit of the agent */
  readonly seriesLimit?: number;
  /**
   * Whether the exporter runs on only some of the agent's nodes. If true, the agent sends no series `up` and
   * `scrape_*` for the target, so a failed scrape causes no alert.
   * @default false
   */
  readonly onSomeNodes?: boolean;
}

/** An agent that scrapes the exporters on its node and sends their samples to a sink. */
export interface NodeAgent {
  /** Type of the sink: an agent that scrapes the exporters of its node. The exporters need no sidecar. */
  readonly protocol: 'scrape';
  /**
   * Adds a target that the agent scrapes.
   * @throws InvalidOptionError when the agent already has a target with this `job`.
   */
  scrape(target: NodeTarget): void;
}

/**
 * Destination of the metrics of an edge exporter: a Pushgateway that a sidecar pushes to, or an agent that
 * scrapes the exporter.
 */
export type ExporterSink = PushgatewaySink | NodeAgent;
