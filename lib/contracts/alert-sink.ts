import type { NetworkServer } from './network';
import type { RuleSource } from './rules';

/** The Alertmanagers that Prometheus and Loki's ruler send alerts to. */
export interface AlertSink {
  /**
   * Address (`host:port`) of each Alertmanager replica. Prometheus and Loki's ruler send every alert to all
   * replicas.
   */
  readonly alertmanagers: readonly string[];
  /** The Alertmanager server that clients connect to, for network policies. */
  readonly alertServer: NetworkServer;
}

/** Alertmanagers whose inhibition rules the stack configures. */
export interface InhibitingAlertSink extends AlertSink {
  /**
   * Adds an inhibition rule for each alert of the source that mutes other alerts.
   * @throws InvalidOptionError when a matcher or a label is invalid.
   */
  addInhibitions(source: RuleSource): void;
}
