import type { AlertRule, Severity } from '../contracts/rules';
import { alertingRule } from '../core/alerts';
import { OF_THE_CLOUD } from '../core/reserved-relabeling';

/**
 * Returns the alert that fires when all replicas of a cloud component are down for two minutes, such as
 * `GrafanaDown`.
 * @param component prefix of the alert's name, such as `Grafana`
 * @param job scrape job of the component, or a regular expression that matches several jobs
 * @param consequence end of the description: what does not work while the component is down
 * @param mutes alerts that are muted while this alert fires
 */
export const componentDownAlert = (
  component: string,
  job: string,
  severity: Severity,
  consequence: string,
  mutes?: AlertRule['mutes'],
): AlertRule =>
  alertingRule(`${component}Down`, {
    severity,
    for: '2m',
    expr: `max by (cluster, job) (up{job=~"${job}", ${OF_THE_CLOUD}}) == 0`,
    summary: '{{ $labels.job }} is down',
    description: `No replica of {{ $labels.job }} can be scraped: ${consequence}.`,
    mutes,
  });
