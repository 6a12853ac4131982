import type { NetworkServer } from './network';

/** A set of Alertmanagers that Prometheus and Loki's ruler send alerts to. */
export interface AlertSink {
  /** Host and port of every replica; each alert is sent to all of them. */
  readonly alertmanagers: readonly string[];
  /** The Alertmanager server that clients connect to; network policies are derived from it. */
  readonly alertServer: NetworkServer;
}
