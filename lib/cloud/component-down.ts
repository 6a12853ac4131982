import type { AlertRule, Severity } from '../contracts/rules';
import { alert } from '../core/alerts';
import { OF_THE_CLOUD } from '../core/reserved-relabeling';

/** Returns the alert for a component of the cloud whose replicas are all down. */
export const componentDown = (
  component: string,
  job: string,
  severity: Severity,
  consequence: string,
  mutes?: AlertRule['mutes'],
): AlertRule =>
  alert(`${component}Down`, {
    severity,
    for: '2m',
    expr: `max by (cluster, job) (up{job=~"${job}", ${OF_THE_CLOUD}}) == 0`,
    summary: '{{ $labels.job }} is down',
    description: `Prometheus cannot scrape any replica of {{ $labels.job }}: ${consequence}.`,
    mutes,
  });
