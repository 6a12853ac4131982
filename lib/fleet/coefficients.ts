/**
 * Series of a node with four cores, by profile: those of node_exporter that `npm run bench:series` counts where there are
 * few devices, with room for sensors and more disks, and the kubelet's of ten containers, which are read a third as often.
 */
export const SERIES = { full: 700, standard: 320, lean: 190 } as const;

/** How far limits of series stand above what a fleet has by plan. */
export const LIMITS = {
  /** A node may have new pods, sensors and disks. */
  seriesPerNode: 1.5,
  /** Nodes may join. */
  nodes: 1.25,
  moreNodes: 2,
  /** Of all series, those that nodes share. */
  sharedSeries: 0.25,
  moreSharedSeries: 500,
  /** Of series in a Pushgateway, of which nodes have four fifths for themselves. */
  seriesPerPushingNode: 1.5,
  /** What a grouping key counts beside its series. */
  seriesPerPushedGroup: 20,
} as const;

/** What a node's metrics take of its uplink, all bytes both ways. */
export const UPLINK = {
  /** A connection with its handshake, a request and its answer, for each push: `npm run bench:uplink`. */
  bytesPerPush: 5_250,
  /** Of a push's body: `npm run bench:pushgateway` says its size. */
  bytesPerPushedSample: 11.5,
  /** In batches of a minute, zstd: `npm run bench:uplink`. */
  bytesPerWrittenSample: 6.8,
} as const;

/**
 * What is left of log lines when they are packed: https://github.com/google/snappy says that plain text becomes
 * 1.5 to 1.7 times smaller by Snappy, which they are sent with, and 2.6 to 2.8 times by zlib, which Loki stores with.
 */
export const LOGS = { sent: 1 / 1.5, stored: 1 / 2.6 } as const;

/** In seconds. */
export const DAY = 86_400;

/** Space that is left for what is written meanwhile, and for what was not foreseen. */
export const HEADROOM = 1.5;
