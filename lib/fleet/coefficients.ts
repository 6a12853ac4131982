/**
 * Series of a node with four cores, by profile: those of node_exporter that `npm run bench:series` counts where there are
 * few devices, with room for sensors and more disks, and the kubelet's of ten containers, which are read a third as often.
 */
export const SERIES = { full: 700, standard: 320, lean: 190 } as const;

/** What a Prometheus takes: `npm run bench:prometheus`. */
export const PROMETHEUS = {
  /** Without a series: the program itself, and its configuration. */
  baseBytes: 80 * 2 ** 20,
  /** Of memory, for each series of the last three hours. */
  bytesPerSeries: 2_200,
  /** Of memory, for each series of the largest kind that the limits count as one: 20 labels of its own, of 1 kB. */
  bytesPerLargeSeries: 4_400,
  /** Of memory, for each series of which samples come late, behind newer ones: they are held apart. */
  bytesPerLateSeries: 2_700,
  /** Of memory, for each late sample that is in no block yet: `npm run bench:prometheus -- --nodes 50 --late 6`. */
  bytesPerLateSample: 3.2,
  /** On disk, in blocks as they are first written. */
  diskBytesPerSample: 1.5,
  /** On disk, in the log of what is in no block yet. */
  diskBytesPerLoggedSample: 6.5,
  /**
   * How long a log grows until Prometheus has written a block of two hours:
   * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
   */
  secondsLogged: 3 * 3_600,
  /** On disk, for each late sample that is in no block yet. */
  diskBytesPerLateSample: 17,
  /** Of processor time, for each sample that is written remotely. */
  secondsPerSample: 5.8e-6,
  /** For all rules of this project: `npm run bench:rules`, 0.9 seconds in each 30 for 500 nodes. */
  ruleCoresPerNode: 0.9 / 30 / 500,
} as const;

/** What a replica of a gateway of remote write takes: `npm run bench:gateway`. */
export const GATEWAY = {
  /** Of processor time, for each sample: each of its containers, also where requests are refused. */
  secondsPerSample: { limiter: 0.8e-6, vmagent: 0.75e-6, filter: 0.15e-6 },
  /** On disk, for each sample that waits: `npm run bench:prometheus`. */
  bytesPerQueuedSample: 16,
} as const;

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

/** What the limiter of series takes before a gateway. */
export const SERIES_LIMITER = {
  /** The program, and the requests that it reads at once. */
  baseBytes: 192 * 2 ** 20,
  /** Of memory, for each series that it knows. */
  bytesPerSeries: 80,
} as const;

/** What a shard of a Pushgateway takes at a push every ten seconds of 460 samples: `npm run bench:pushgateway`. */
export const PUSHGATEWAY = {
  /** Beyond, a scrape takes longer than a third of the interval. */
  samplesPerSecond: 500 * 46,
  baseBytes: 20 * 2 ** 20,
  /** Of memory, for each sample that is held: more where a busy machine makes scrapes slow. */
  bytesPerSample: 2_400,
  /** Of processor time, for each sample that is pushed, and scraped once: 12 to 18.5 on machines of the same kind. */
  secondsPerSample: 14.5e-6,
} as const;

/** What the filter before a Pushgateway takes. */
export const PUSH_FILTER = {
  /** Of memory, for each series that was pushed in the last hours. */
  bytesPerSeries: 80,
  /** Of processor time, for each sample that is pushed: `npm run bench:pushgateway`. */
  secondsPerSample: 3.7e-6,
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

/** What a Loki takes of memory; cited, since none was run here. */
export const LOKI = {
  /** With the streams of some hundred nodes, what its construct asks for. */
  baseBytes: 256 * 2 ** 20,
  /** So long lines are held until they are written: max_chunk_age of https://grafana.com/docs/loki/latest/configure/. */
  secondsHeld: 2 * 3_600,
  /** Twenty containers with two streams each. */
  streamsPerNode: 40,
  /** Of memory, for each stream that is written to: 430 MiB with 50,000 streams of five short lines, on Loki 3.7.6. */
  bytesPerStream: 9 * 2 ** 10,
  /** Streams of late lines, which are one for each hour, in multiples of those that are fresh; they end with half an hour. */
  lateStreams: 2,
  /** Lines that come in while nodes return, in multiples of what is written on average. */
  catchUp: 10,
} as const;

/** In seconds. */
export const DAY = 86_400;

/**
 * What a kube-state-metrics takes of memory, of nodes with ten pods: a third of what
 * https://github.com/kubernetes/kube-state-metrics/blob/v1.9.8/README.md asks for at thirty.
 */
export const KUBE_STATE_METRICS = {
  baseBytes: (200 / 3) * 2 ** 20,
  bytesPerNode: (2 / 3) * 2 ** 20,
} as const;

/** Space that is left for what is written meanwhile, and for what was not foreseen. */
export const HEADROOM = 1.5;
