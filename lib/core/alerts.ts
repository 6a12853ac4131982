import type { AlertRule, Muting, RecordingRule } from '../contracts/rules';

/**
 * An alerting rule without its name. Its runbook defaults to the page with the alert's name below the base
 * URL of runbooks.
 */
export type UnnamedAlert = Omit<AlertRule, 'alert' | 'runbook'> & Partial<Pick<AlertRule, 'runbook'>>;

/** Creates an alerting rule. */
export const alert = (name: string, rule: UnnamedAlert): AlertRule => ({
  alert: name,
  runbook: `${name}.md`,
  ...rule,
});

/** Creates a recording rule. */
export const record = (name: string, description: string, expr: string): RecordingRule => ({
  record: name,
  description,
  expr,
});

/** Alerts to mute when no edge data can arrive: all alerts about edge nodes of the cluster. */
export const ALL_OF_THE_EDGE: readonly Muting[] = [{ matchers: ['alertname=~"Edge.*"'], equal: ['cluster'] }];
