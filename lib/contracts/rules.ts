/**
 * Severity of an alert: `critical` notifies the person on call, `warning` can wait for working hours, `info` is only
 * displayed. `none` is for alerts that do not report a fault, such as Watchdog.
 */
export type Severity = 'critical' | 'warning' | 'info' | 'none';

/** An alerting rule. */
export interface AlertRule {
  /** Name of the alert, such as `EdgeNodeSilent`, unique within a server. */
  readonly alert: string;
  /** Expression in the language of the server that evaluates it: PromQL, or LogQL for Loki. */
  readonly expr: string;
  /**
   * How long the condition must hold before the alert fires, such as `5m`.
   * @default - the alert fires immediately
   */
  readonly for?: string;
  /**
   * How long the alert keeps firing after the condition has ended.
   * @default - the alert resolves immediately
   */
  readonly keepFiringFor?: string;
  /** Severity of the alert, and value of its label `severity`. Alertmanager's routes select receivers by this label. */
  readonly severity: Severity;
  /**
   * Summary in one line that contains the affected object. The summary can contain templates, such as
   * `{{ $labels.node }}`.
   */
  readonly summary: string;
  /** Description of the problem, with the measured value. */
  readonly description: string;
  /** URL of the runbook (https), or the name of a page below the base URL of runbooks. */
  readonly runbook: string;
  /** Additional labels of the alert. @default - no additional labels */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Alerts that Alertmanager mutes while this alert fires, because this alert already explains them.
   * @default - no alerts are muted
   */
  readonly mutes?: readonly Muting[];
}

/** An inhibition rule of Alertmanager: while one alert fires (the muting alert), other alerts are muted. */
export interface Muting {
  /**
   * Additional Alertmanager matchers that the muting alert must match.
   * @default - each firing instance of the muting alert mutes other alerts
   */
  readonly when?: readonly string[];
  /** One or more Alertmanager matchers for the muted alerts, such as `node!=""`. */
  readonly matchers: readonly string[];
  /**
   * Labels that must have the same value in the muting alert and in a muted alert. If the list is empty, all
   * alerts that match are muted.
   */
  readonly equal: readonly string[];
}

/** A recording rule: it stores the result of an expression as a new metric, for alerts and dashboards. */
export interface RecordingRule {
  /** Name of the recorded metric, in the form `level:metric:operation`. */
  readonly record: string;
  /** Expression in the language of the server that evaluates it: PromQL, or LogQL for Loki. */
  readonly expr: string;
  /** Meaning of the recorded metric, for the generated documentation. */
  readonly description: string;
  /** Additional labels of the recorded metric. @default - no additional labels */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A group of rules that the server evaluates in order. */
export interface RuleGroup {
  /** Name of the group and of its file, such as `edge-storage`. */
  readonly name: string;
  /** Evaluation interval. @default - the evaluation interval of the server */
  readonly interval?: string;
  /** The rules in evaluation order. A rule can use the metrics that earlier rules record. */
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** A component that has alerting and recording rules. */
export interface RuleSource {
  /** The rule groups. The server gets a rule file for each group. */
  readonly ruleGroups: readonly RuleGroup[];
}
