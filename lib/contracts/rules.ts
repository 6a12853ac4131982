/** How urgent an alert is: someone is woken, someone looks in the morning, it is only shown, or it is no fault. */
export type Severity = 'critical' | 'warning' | 'info' | 'none';

/** A condition that someone is told of. */
export interface AlertRule {
  /** Name, in the form `EdgeNodeSilent`; no two alerts of a server share it. */
  readonly alert: string;
  /** In the language of the server that evaluates it: PromQL, or LogQL for Loki. */
  readonly expr: string;
  /** How long the condition must hold, such as `5m`. @default - it fires at once */
  readonly for?: string;
  /** How long it goes on firing after the condition is gone. @default - it ends at once */
  readonly keepFiringFor?: string;
  /** How urgent it is, which is also its label `severity`: routes of Alertmanager choose receivers by it. */
  readonly severity: Severity;
  /** One line that names what is concerned; may hold templates such as `{{ $labels.node }}`. */
  readonly summary: string;
  /** What it means, with the figure that was measured. */
  readonly description: string;
  /** What to do about it: an https address, or the name of a page below the base of all runbooks. */
  readonly runbook: string;
  /** More labels. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Alerts that nobody is told of while this one fires: its consequences. @default - none */
  readonly mutes?: readonly Muting[];
}

/** Which alerts are muted by another one. */
export interface Muting {
  /** Matchers of Alertmanager that the muting alert has to meet itself. @default - none: whatever it is about */
  readonly when?: readonly string[];
  /** Matchers of Alertmanager, at least one, all of which they meet, such as `node!=""`. */
  readonly matchers: readonly string[];
  /** Labels that both have in common; with an empty list, any alert mutes any other. */
  readonly equal: readonly string[];
}

/** A figure that is worked out ahead, for alerts and dashboards. */
export interface RecordingRule {
  /** Name of the new metric, in the form `level:metric:operation`. */
  readonly record: string;
  /** How it is worked out, in the language of the server that evaluates it: PromQL, or LogQL for Loki. */
  readonly expr: string;
  /** What the figure says, for the overview in the docs. */
  readonly description: string;
  /** More labels. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Rules that are evaluated one after the other. */
export interface RuleGroup {
  /** Name of the group and of its file, in the form `edge-storage`. */
  readonly name: string;
  /** How often it is evaluated. @default - as often as the server says */
  readonly interval?: string;
  /** In this order: a rule may read what those above it record. */
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** Something that rules watch. */
export interface RuleSource {
  /** The groups to evaluate; each becomes a file of the server's. */
  readonly ruleGroups: readonly RuleGroup[];
}
