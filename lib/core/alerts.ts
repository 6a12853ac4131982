import type { AlertRule, Muting, RecordingRule } from '../contracts/rules';

/**
 * An alerting rule without its name. The runbook is optional: it defaults to the page `<alert name>.md` below the
 * base URL of runbooks.
 */
export type UnnamedAlert = Omit<AlertRule, 'alert' | 'runbook'> & Partial<Pick<AlertRule, 'runbook'>>;

/** Returns an alerting rule. The runbook is the page `<name>.md`, unless `rule` sets a runbook. */
export const alertingRule = (name: string, rule: UnnamedAlert): AlertRule => ({
  alert: name,
  runbook: `${name}.md`,
  ...rule,
});

/** Returns a recording rule. The description only appears in the documentation. */
export const recordingRule = (name: string, description: string, expr: string): RecordingRule => ({
  record: name,
  description,
  expr,
});

/**
 * Value of the option `mutes` for an alert that fires when no data from edge nodes can arrive. While such an alert
 * fires, it mutes all alerts about edge nodes of the same cluster.
 */
export const MUTES_EDGE_ALERTS: readonly Muting[] = [
  { matchers: ['alertname=~"Edge.*"'], equal: ['cluster'] },
];
