import type { AlertRule } from '../contracts/rules';
import { alertingRule } from '../core/alerts';
import { OF_THE_CLOUD } from '../core/reserved-relabeling';

/**
 * Returns the alerts Watchdog and TargetDown, for all metrics stores except an operator's Prometheus. Watchdog always
 * fires: if the receiver no longer gets notifications of Watchdog, alerting is broken. TargetDown fires if a target is
 * down, and no other alert is about this target.
 */
export const watchdogAndTargetDownAlerts = (): readonly AlertRule[] => [
  alertingRule('Watchdog', {
    severity: 'none',
    expr: 'vector(1)',
    summary: 'Alerting works',
    description:
      "Always fires. If the notifications of this alert stop, alerting is broken; the receiver (a dead man's switch) must then raise an alarm.",
  }),
  alertingRule('TargetDown', {
    severity: 'warning',
    for: '10m',
    // Other alerts cover the targets of edge agents (by node) and the components of this stack.
    expr: `max by (cluster, job, node, instance) (up{${OF_THE_CLOUD}} == 0 unless on (cluster, node) edge_node:last_seen:timestamp)
unless on (cluster, job) max by (cluster, job) (ALERTS{alertname=~".+Down|PushgatewayUnreadable", alertstate=~"pending|firing", alertname!~"TargetDown|Edge.+"})`,
    summary: 'Target of job {{ $labels.job }} is down',
    description: 'The target {{ $labels.instance }} of job {{ $labels.job }} cannot be scraped.',
  }),
];
