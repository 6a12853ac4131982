import type { NetworkServer } from './network';
import type { RuleSource } from './rules';

/** A set of Alertmanagers that Prometheus and Loki's ruler send alerts to. */
export interface AlertSink {
  /** Host and port of every replica; each alert is sent to all of them. */
  readonly alertmanagers: readonly string[];
  /** The Alertmanager server that clients connect to; network policies are derived from it. */
  readonly alertServer: NetworkServer;
}

/** A set of Alertmanagers that takes inhibition rules. */
export interface InhibitingAlertSink extends AlertSink {
  /**
   * Adds the inhibition rules of alerts that mute others.
   * @throws InvalidOptionError when a matcher or a label is invalid.
   */
  addInhibitions(source: RuleSource): void;
}
