import type { AlertRule, RecordingRule } from '../contracts/rules';

/** An alert of this project: its runbook is the page of its name in docs/runbooks. */
export const alert = (name: string, rule: Omit<AlertRule, 'alert' | 'runbook'>): AlertRule => ({
  alert: name,
  runbook: `${name}.md`,
  ...rule,
});

/** A figure that is worked out ahead. */
export const record = (name: string, description: string, expr: string): RecordingRule => ({
  record: name,
  description,
  expr,
});
