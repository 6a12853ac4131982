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

/** Alertmanagers that receive alerts, and to which the stack can add inhibition rules. */
export interface InhibitingAlertSink extends AlertSink {
  /**
   * Adds the inhibition rules of `source`: the field `mutes` of each alert.
   * @throws InvalidOptionError when a matcher or a label is invalid.
   */
  addInhibitions(source: RuleSource): void;
}
