import type { AlertSink, InhibitingAlertSink } from './alert-sink';
import type { DashboardServer } from './dashboards';
import type { DataSource } from './data-source';
import type { RemoteWriteStore } from './remote-write-store';
import type { RuleSource } from './rules';
import type { ScrapeTarget } from './scrape-target';

/** A metrics store: it scrapes targets, stores samples, evaluates rules, and answers Grafana's queries. */
export interface MetricsStore extends DataSource, RemoteWriteStore {
  /** Service account of the pods that scrape targets. */
  readonly serviceAccount: { readonly name: string; readonly namespace: string };
  /**
   * The Grafana that is part of the same installation as the store, such as the Grafana of
   * kube-prometheus-stack.
   * @default - the Grafana of this stack
   */
  readonly grafana?: DashboardServer;
  /**
   * The Alertmanager that is part of the same installation as the store, and to which the store sends alerts.
   * @default - the Alertmanager of this stack, which `addAlertSink` adds
   */
  readonly alertmanager?: InhibitingAlertSink;
  /**
   * Adds the scrape jobs of a target.
   * @throws InvalidOptionError when a scrape job is invalid, or when another scrape job has the same name.
   */
  addTarget(target: ScrapeTarget): void;
  /**
   * Adds rules, which the store evaluates.
   * @throws InvalidOptionError when a rule is invalid. The message contains the rule and its group.
   */
  addRules(source: RuleSource): void;
  /**
   * Adds Alertmanagers that the store sends alerts to.
   * @throws InvalidOptionError when the sink is not an `AlertSink`, or when the store does not support
   * further Alertmanagers.
   */
  addAlertSink(sink: AlertSink): void;
}
