import type { Duration } from '../core/units';

/** Number of series of a node with four cores, and their scrape intervals, for one metrics profile. */
export interface ProfileSeries {
  /** Number of node_exporter's series that a sidecar pushes. A sidecar pushes the series of all collectors. */
  readonly pushed: number;
  /** Number of node_exporter's series that an agent scrapes at the node's scrape interval. */
  readonly frequent: number;
  /** Number of node_exporter's series that an agent scrapes at `slowInterval`. */
  readonly slow: number;
  /** Scrape interval of the series in `slow`. */
  readonly slowInterval: Duration;
  /** Number of series that an agent scrapes from the kubelet, for ten containers in six pods. */
  readonly containers: number;
}

/**
 * Numbers of series for each profile: 25 % more than `npm run bench:series` counts on a machine with few devices, as
 * headroom for sensors and disks. The series of containers were counted with KubeEdge's kubelet: 39 series (`full`), 6
 * (`standard`) or 4 (`lean`) for each container, and a few for each pod.
 */
export const SERIES = {
  full: { pushed: 700, frequent: 700, slow: 0, slowInterval: '60s', containers: 470 },
  standard: { pushed: 490, frequent: 80, slow: 140, slowInterval: '60s', containers: 100 },
  lean: { pushed: 490, frequent: 60, slow: 110, slowInterval: '2m', containers: 70 },
} as const satisfies Readonly<Record<string, ProfileSeries>>;

/** Series that an agent sends in addition to node_exporter's series, and their scrape intervals. */
export const AGENT_SERIES = {
  /** Interval at which the agent scrapes the kubelet. */
  containersInterval: '30s',
  /** Number of the agent's own series. */
  own: 20,
  /** Scrape interval of the agent's own series. */
  ownInterval: '60s',
} as const;

/**
 * Factors and additional amounts by which the limits for nodes and series exceed the planned numbers of nodes and
 * series.
 */
export const LIMIT_HEADROOM = {
  /** Factor for the number of series of a node, because a node may get new pods, sensors and disks. */
  seriesPerNode: 1.5,
  /** Factor for the number of nodes, because nodes may join. */
  nodes: 1.25,
  /** Number of nodes that is added after the factor, for small fleets. */
  moreNodes: 2,
  /** Series that all nodes share, as a fraction of all planned series. */
  sharedSeries: 0.25,
  /** Number of series that is added to the shared series, for small fleets. */
  moreSharedSeries: 500,
  /**
   * Factor for the number of series of a node in a Pushgateway. The Pushgateway's filter reserves only 80 % of the
   * limit for single nodes.
   */
  seriesPerPushingNode: 1.5,
  /** Memory overhead of a grouping key in a Pushgateway, as a number of series. */
  seriesPerPushedGroup: 20,
} as const;

/** Coefficients for the uplink traffic of a node's metrics. Bytes are the sum of both directions. */
export const UPLINK = {
  /**
   * Overhead of a push in bytes: a connection with TLS handshake, a request and its response (`npm run
   * bench:uplink`).
   */
  bytesPerPush: 5_000,
  /**
   * Compressed bytes of a sample in the body of a push (`npm run bench:uplink`, with the samples that `npm run
   * bench:series` counts).
   */
  bytesPerPushedSample: 9.4,
  /** Overhead of a remote-write request in bytes (`npm run bench:connections`). */
  bytesPerBatch: 1_450,
  /** Overhead of a new connection that resumes its TLS session, in bytes (`npm run bench:connections`). */
  bytesPerConnection: 2_000,
  /**
   * Compressed bytes of the name and labels of a series in a remote-write request, with zstd (`npm run
   * bench:uplink -- --freshness`).
   */
  bytesPerSeriesOfBatch: 16,
  /**
   * Compressed bytes of a sample in a remote-write request, with zstd (`npm run bench:uplink -- --freshness`).
   */
  bytesPerWrittenSample: 3,
  /** Average factor for the time that a batch waits: vmagent adds up to 10 %. */
  jitter: 1.05,
  /** Time in seconds after which vmagent closes an idle connection. */
  idleSeconds: 60,
} as const;

/**
 * Coefficients for the traffic and storage of logs. Ratios are compressed bytes per uncompressed byte, measured with
 * log lines of 136 bytes (`npm run bench:logs`).
 */
export const LOGS = {
  /**
   * Compression ratio on the uplink, with Snappy. The default agent uses gzip, which needs about two thirds of the
   * bytes of Snappy.
   */
  sent: 0.35,
  /** Overhead of a batch of log lines on the uplink, in bytes. */
  bytesPerBatch: 1_000,
  /** Average length of a log line in bytes. */
  bytesPerLine: 136,
  /**
   * Compression ratio in Loki's memory, with Snappy. According to https://github.com/google/snappy, Snappy
   * compresses plain text by a factor of 1.5 to 1.7.
   */
  held: 1 / 1.5,
  /**
   * Compression ratio on Loki's disk, with zlib. According to https://github.com/google/snappy, zlib compresses
   * plain text by a factor of 2.6 to 2.8.
   */
  stored: 1 / 2.6,
} as const;

/** Seconds of a day. */
export const SECONDS_PER_DAY = 86_400;

/** Factor by which planned resources exceed the computed usage, for growth and unforeseen load. */
export const HEADROOM = 1.5;
