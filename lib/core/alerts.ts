import type { AlertRule, Muting, RecordingRule } from '../contracts/rules';

/** An alert without its name; its runbook is the page of its name below the base of all, unless it says another. */
export type UnnamedAlert = Omit<AlertRule, 'alert' | 'runbook'> & Partial<Pick<AlertRule, 'runbook'>>;

/** An alert of a name. */
export const alert = (name: string, rule: UnnamedAlert): AlertRule => ({
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
