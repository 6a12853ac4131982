import type { Duration } from '../core/units';

/** Series of a node with four cores, and their scrape intervals, for a profile. */
export interface ProfileSeries {
  /** Series of node_exporter that a sidecar pushes: all of its collectors. */
  readonly pushed: number;
  /** Series of node_exporter that an agent scrapes at its interval. */
  readonly frequent: number;
  /** Series of node_exporter that an agent scrapes less often. */
  readonly slow: number;
  /** Scrape interval of these. */
  readonly slowInterval: Duration;
  /** Series of ten containers in six pods, which an agent scrapes from the kubelet. */
  readonly containers: number;
}

/**
 * Series by profile: 25 % more than `npm run bench:series` counts on a machine with few devices, as headroom
 * for sensors and disks. Those of containers were counted with KubeEdge's kubelet: 39, 6 and 4 per container,
 * and some per pod.
 */
export const SERIES = {
  full: { pushed: 700, frequent: 700, slow: 0, slowInterval: '60s', containers: 470 },
  standard: { pushed: 490, frequent: 80, slow: 140, slowInterval: '60s', containers: 100 },
  lean: { pushed: 490, frequent: 60, slow: 110, slowInterval: '2m', containers: 70 },
} as const satisfies Readonly<Record<string, ProfileSeries>>;

/** Series that an agent sends in addition to those of a profile. */
export const AGENT_SERIES = {
  /** Scrape interval of the kubelet. */
  containersInterval: '30s',
  /** The agent's own series. */
  own: 20,
  ownInterval: '60s',
} as const;

/** Factors between the planned series of a fleet and the limits. */
export const LIMITS = {
  /** A node may get new pods, sensors and disks. */
  seriesPerNode: 1.5,
  /** Nodes may join. */
  nodes: 1.25,
  moreNodes: 2,
  /** Share of all series that nodes share. */
  sharedSeries: 0.25,
  moreSharedSeries: 500,
  /** For series in a Pushgateway, where 80 % are reserved for the nodes. */
  seriesPerPushingNode: 1.5,
  /** Overhead of a grouping key, in series. */
  seriesPerPushedGroup: 20,
} as const;

/** Uplink traffic of a node's metrics: bytes in both directions. */
export const UPLINK = {
  /**
   * Overhead of each push: a connection with its handshake, a request and its response: `npm run
   * bench:uplink`.
   */
  bytesPerPush: 5_000,
  /**
   * Bytes per sample in the body of a push: `npm run bench:uplink`, with the samples that `npm run
   * bench:series` counts.
   */
  bytesPerPushedSample: 9.4,
  /** Overhead of a batch: `npm run bench:connections`. */
  bytesPerBatch: 1_450,
  /** Overhead of a new connection that resumes its TLS session: `npm run bench:connections`. */
  bytesPerConnection: 2_000,
  /**
   * Bytes per series in a batch for its name and labels, with zstd: `npm run bench:uplink -- --freshness`.
   */
  bytesPerSeriesOfBatch: 16,
  /** Bytes per sample in a batch, with zstd: the same benchmark. */
  bytesPerWrittenSample: 3,
  /** vmagent adds up to 10 % to the time that a batch waits. */
  jitter: 1.05,
  /** Time in seconds after which vmagent closes an idle connection. */
  idleSeconds: 60,
} as const;

/** Compression ratios of log lines of 136 bytes: `npm run bench:logs`. */
export const LOGS = {
  /** Ratio on the uplink with Snappy; the default agent, with gzip, sends two thirds of it. */
  sent: 0.35,
  /** Overhead of a batch. */
  bytesPerBatch: 1_000,
  bytesPerLine: 136,
  /**
   * Ratio in Loki's memory and on its disk. According to https://github.com/google/snappy, Snappy compresses
   * plain text 1.5 to 1.7 times, and zlib 2.6 to 2.8 times.
   */
  held: 1 / 1.5,
  stored: 1 / 2.6,
} as const;

/** A day in seconds. */
export const DAY = 86_400;

/** Factor for headroom: growth, and unforeseen load. */
export const HEADROOM = 1.5;
