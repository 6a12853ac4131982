import type { Construct } from 'constructs';
import type { PublicEndpoint, UnsupportedBody } from './endpoint';
import type { RelabelConfig } from './scrape-target';

/** How the metrics of nodes travel: pushed as they are measured, or written in batches from a queue on the node. */
export type Transport = 'pushgateway' | 'remote-write';

/** How the metrics of nodes travel where nothing else is said. */
export const DEFAULT_TRANSPORT: Transport = 'pushgateway';

/** How often nodes are measured, and a Pushgateway is read, where nothing else is said. */
export const DEFAULT_INTERVAL = '10s';

/** How long an agent collects a batch: its connection lives from one batch to the next. */
export const DEFAULT_BATCH_WAIT = '54s';

/** How a workload that pushes by itself is connected. */
export interface PushClientOptions {
  /** The container that pushes. @default - the first one */
  readonly container?: string;
  /** The group of the nodes that it runs on, where the sink knows groups. @default - none */
  readonly group?: string;
}

/** A Pushgateway: samples travel by PUT, in the text format, under a grouping key. */
export interface PushgatewaySink {
  /** Tells it from other sinks: exporters push to it by a sidecar, or a workload by itself. */
  readonly protocol: 'pushgateway';
  /** Base URL of its HTTP API; groups lie at `/metrics/job/...` below. @throws InvalidOptionError when nothing exposes it. */
  readonly endpoint: PublicEndpoint;
  /** Gives a workload that pushes by itself the address and the mounted credentials. */
  connect(workload: Construct, options?: PushClientOptions): void;
}

/** Path of the remote-write protocol below a base URL. */
export const REMOTE_WRITE_PATH = '/api/v1/write';

/** Bodies that vmagent answers with 204 and does not store. */
export const REMOTE_WRITE_2: UnsupportedBody = {
  contentType: 'io\\.prometheus\\.write\\.v2',
  reason: 'remote write 2.0 is not supported: send 1.0 (prometheus.WriteRequest)',
};

/** A server that takes remote write: samples travel in batches, with the time at which they were measured. */
export interface RemoteWriteSink {
  /** Tells it from other sinks: only an EdgeMetricsAgent sends to it. */
  readonly protocol: 'remote-write';
  /** Base URL; the path `/api/v1/write` is the protocol's. @throws InvalidOptionError when nothing exposes it. */
  readonly endpoint: PublicEndpoint;
  /** How batches are packed: `zstd` is VictoriaMetrics' own form, a third of the bytes; all others read `snappy`. */
  readonly encoding: 'zstd' | 'snappy';
}

/**
 * Where metrics of the edge go: a construct of this stack, or an imported one. Edge constructs take a sink
 * and never a URL.
 */
export type MetricsSink = PushgatewaySink | RemoteWriteSink;

/** Metrics of an exporter that are scraped less often than its others, by a scrape of their own. */
export interface SlowMetrics {
  /** Names of metrics, each a regular expression, at least one. */
  readonly names: readonly string[];
  /** How often they are scraped, from "1s" to "2m": rules and panels look back five minutes. @default "60s" */
  readonly interval?: string;
}

/** An exporter's port, as an agent of the same node reads it. */
export interface NodeTarget {
  /** The label `job`, unique among the targets of an agent. */
  readonly job: string;
  /** Port on the node's loopback address. */
  readonly port: number;
  /** Path of its metrics, such as `/metrics`. */
  readonly metricsPath: string;
  /** What the label `instance` holds: the node's name, or its address and the port. */
  readonly instance: 'node' | 'address';
  /** How often it is read, such as `30s`. @default - as often as the agent reads its targets */
  readonly interval?: string;
  /** How long it may take to answer. @default - as long as the agent waits for its targets */
  readonly timeout?: string;
  /** What it is asked for, one after another, by parameters; each has a label `instance` of its own. @default - for itself */
  readonly targets?: readonly {
    readonly instance: string;
    readonly params: Readonly<Record<string, string>>;
  }[];
  /** What is done with each series; a step that drops it leaves it out. @default - nothing */
  readonly metricRelabeling?: readonly RelabelConfig[];
  /** Metrics that are scraped less often. @default - none */
  readonly slowMetrics?: SlowMetrics;
  /** Most series that are read of it. @default - the agent's own */
  readonly seriesLimit?: number;
  /** Whether only some of the agent's nodes have it, so that one that does not answer says nothing. @default false */
  readonly onSomeNodes?: boolean;
}

/** An agent on the nodes of an exporter, which reads its port and sends on what it says. */
export interface NodeAgent {
  /** Tells it from a Pushgateway: what stands beside it on the node is read, and need not push. */
  readonly protocol: 'scrape';
  /**
   * Reads one more target.
   *
   * @throws InvalidOptionError when the job is there already.
   */
  scrape(target: NodeTarget): void;
}

/** What an exporter of the edge hands its metrics to: a sidecar that pushes, or an agent that reads. */
export type ExporterSink = PushgatewaySink | NodeAgent;
