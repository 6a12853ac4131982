import type { AlertSink, InhibitingAlertSink } from './alert-sink';
import type { DashboardServer } from './dashboards';
import type { DataSource } from './data-source';
import type { RemoteWriteStore } from './remote-write-store';
import type { RuleSource } from './rules';
import type { ScrapeTarget } from './scrape-target';

/** Keeps the samples of an environment, evaluates its rules and answers Grafana. */
export interface MetricsStore extends DataSource, RemoteWriteStore {
  /** The service account with which it reads targets. */
  readonly serviceAccount: { readonly name: string; readonly namespace: string };
  /** The Grafana that shows its samples. @default - one of this stack */
  readonly grafana?: DashboardServer;
  /** The Alertmanager that it notifies. @default - one of this stack, added by `addAlertSink` */
  readonly alertmanager?: InhibitingAlertSink;
  /**
   * Scrapes a target.
   *
   * @throws InvalidOptionError when a job is invalid, or one of that name exists.
   */
  addTarget(target: ScrapeTarget): void;
  /**
   * Evaluates rules.
   *
   * @throws InvalidOptionError that names the rule and its group, when one is invalid.
   */
  addRules(source: RuleSource): void;
  /**
   * Sends alerts to it.
   *
   * @throws InvalidOptionError when it is no alert sink.
   */
  addAlertSink(sink: AlertSink): void;
}
