import type { AlertRule, Muting, RecordingRule } from '../contracts/rules';

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

/** What is a consequence where nothing of the edge can arrive: silence, and all that is said of nodes. */
export const ALL_OF_THE_EDGE: readonly Muting[] = [{ matchers: ['alertname=~"Edge.*"'], equal: ['cluster'] }];
