import type { Duration } from '../core/units';

/** Series of a node with four cores by one profile, and how often an agent scrapes them. */
export interface ProfileSeries {
  /** Of node_exporter, all that its collectors say: what a sidecar pushes. */
  readonly pushed: number;
  /** Of node_exporter, those that an agent scrapes at its interval. */
  readonly frequent: number;
  /** Of node_exporter, those that an agent scrapes less often. */
  readonly slow: number;
  /** How often. */
  readonly slowInterval: Duration;
  /** Of ten containers in six pods, which an agent reads from the kubelet. */
  readonly containers: number;
}

/**
 * Series by profile: a quarter more than `npm run bench:series` counts where there are few devices, with room for sensors and
 * more disks. Those of containers are counted at the kubelet of KubeEdge: 39, 6 and 4 of a container, and some of each pod.
 */
export const SERIES = {
  full: { pushed: 700, frequent: 700, slow: 0, slowInterval: '60s', containers: 470 },
  standard: { pushed: 490, frequent: 80, slow: 140, slowInterval: '60s', containers: 100 },
  lean: { pushed: 490, frequent: 60, slow: 110, slowInterval: '2m', containers: 70 },
} as const satisfies Readonly<Record<string, ProfileSeries>>;

/** What an agent sends beside the series of a profile. */
export const AGENT_SERIES = {
  /** How often the kubelet is read. */
  containersInterval: '30s',
  /** Of the agent itself. */
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
  bytesPerPush: 5_250,
  /** Of a push's body: `npm run bench:uplink`, with the samples that `npm run bench:series` counts. */
  bytesPerPushedSample: 11.5,
  /** A batch without its samples: `npm run bench:connections`. */
  bytesPerBatch: 1_450,
  /** A new connection that resumes its TLS session: `npm run bench:connections`. */
  bytesPerConnection: 2_000,
  /** The name and labels of each series of a batch, zstd: `npm run bench:uplink -- --freshness`. */
  bytesPerSeriesOfBatch: 16,
  /** Each sample of a batch, zstd: the same. */
  bytesPerWrittenSample: 3,
  /** vmagent adds up to a tenth to the time that a batch waits. */
  jitter: 1.05,
  /** After so many seconds vmagent closes an idle connection. */
  idleSeconds: 60,
} as const;

/** What log lines become on their way: lines of 136 bytes, by `npm run bench:logs`. */
export const LOGS = {
  /** Of the bytes of lines that become bytes of the uplink: Alloy and Promtail with Snappy; Fluent Bit sends two thirds of it. */
  sent: 0.35,
  /** A batch without its lines. */
  bytesPerBatch: 1_000,
  bytesPerLine: 136,
  /**
   * What is left of lines in Loki's memory and on its disk: https://github.com/google/snappy says that plain text becomes
   * 1.5 to 1.7 times smaller by Snappy, and 2.6 to 2.8 times by zlib.
   */
  held: 1 / 1.5,
  stored: 1 / 2.6,
} as const;

/** A day in seconds. */
export const DAY = 86_400;

/** Factor for headroom: growth, and what was not foreseen. */
export const HEADROOM = 1.5;
