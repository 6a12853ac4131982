import type { NetworkServer } from './network';

/** Where Prometheus and Loki's ruler send alerts. */
export interface AlertSink {
  /** Host and port of every replica: each must hear of every alert. */
  readonly alertmanagers: readonly string[];
  /** What clients that send alerts connect to, so that network policies open exactly that. */
  readonly alertServer: NetworkServer;
}
