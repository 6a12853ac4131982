import type { AlertRule, Muting, RecordingRule } from '../contracts/rules';

/**
 * An alerting rule without its name. Its runbook defaults to the page `<alert name>.md` below the base URL of
 * runbooks.
 */
export type UnnamedAlert = Omit<AlertRule, 'alert' | 'runbook'> & Partial<Pick<AlertRule, 'runbook'>>;

/** Returns an alerting rule. */
export const alertingRule = (name: string, rule: UnnamedAlert): AlertRule => ({
  alert: name,
  runbook: `${name}.md`,
  ...rule,
});

/** Returns a recording rule. */
export const recordingRule = (name: string, description: string, expr: string): RecordingRule => ({
  record: name,
  description,
  expr,
});

/**
 * Inhibition rule that mutes all alerts about edge nodes of the cluster, for alerts that fire when no edge data
 * can arrive.
 */
export const MUTES_EDGE_ALERTS: readonly Muting[] = [
  { matchers: ['alertname=~"Edge.*"'], equal: ['cluster'] },
];
