/**
 * Severity of an alert: `critical` pages someone, `warning` is looked at during working hours, `info` is only
 * displayed, and `none` is no fault.
 */
export type Severity = 'critical' | 'warning' | 'info' | 'none';

/** An alerting rule. */
export interface AlertRule {
  /** Name of the alert, such as `EdgeNodeSilent`, unique within a server. */
  readonly alert: string;
  /** Expression in the language of the server that evaluates it: PromQL, or LogQL for Loki. */
  readonly expr: string;
  /** How long the condition must hold before the alert fires, such as `5m`. @default - fires immediately */
  readonly for?: string;
  /** How long the alert keeps firing after the condition is gone. @default - resolves immediately */
  readonly keepFiringFor?: string;
  /**
   * Severity of the alert and value of its label `severity`, by which Alertmanager's routes select receivers.
   */
  readonly severity: Severity;
  /**
   * Summary in one line that names the affected object; may contain templates such as `{{ $labels.node }}`.
   */
  readonly summary: string;
  /** Description of the problem, with the measured value. */
  readonly description: string;
  /** URL of the runbook (https), or the name of a page below the base URL of runbooks. */
  readonly runbook: string;
  /** Additional labels. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Alerts that Alertmanager mutes while this one fires, since they are its consequences. @default - none */
  readonly mutes?: readonly Muting[];
}

/** An inhibition rule: the alerts that another one mutes. */
export interface Muting {
  /** Alertmanager matchers that the muting alert itself must meet. @default - none */
  readonly when?: readonly string[];
  /** Alertmanager matchers of the muted alerts, such as `node!=""`; at least one. */
  readonly matchers: readonly string[];
  /** Labels that must be equal in both alerts; with an empty list, none. */
  readonly equal: readonly string[];
}

/** A recording rule: an expression that is evaluated ahead, for alerts and dashboards. */
export interface RecordingRule {
  /** Name of the recorded metric, in the form `level:metric:operation`. */
  readonly record: string;
  /** Expression in the language of the server that evaluates it: PromQL, or LogQL for Loki. */
  readonly expr: string;
  /** Meaning of the recorded value, for the overview in the docs. */
  readonly description: string;
  /** Additional labels. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A group of rules that are evaluated in order. */
export interface RuleGroup {
  /** Name of the group and of its file, such as `edge-storage`. */
  readonly name: string;
  /** Evaluation interval. @default - the server's */
  readonly interval?: string;
  /** The rules, in evaluation order: a rule may use what an earlier one records. */
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** A component that has rules. */
export interface RuleSource {
  /** The rule groups; each becomes a rule file of the server. */
  readonly ruleGroups: readonly RuleGroup[];
}
