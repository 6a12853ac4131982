import type { AlertRule, Muting, RecordingRule } from '../contracts/rules';

/**
 * An alerting rule without its name. Its runbook defaults to the page `<alert name>.md` below the base URL of
 * runbooks.
 */
export type UnnamedAlert = Omit<AlertRule, 'alert' | 'runbook'> & Partial<Pick<AlertRule, 'runbook'>>;

/** Returns an alerting rule. Its runbook is the page `<name>.md`, unless `rule` sets another one. */
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
 * Option `mutes` of an alert that fires when no data of edge nodes can arrive. The alert then mutes all alerts
 * about edge nodes of the same cluster.
 */
export const MUTES_EDGE_ALERTS: readonly Muting[] = [
  { matchers: ['alertname=~"Edge.*"'], equal: ['cluster'] },
];
