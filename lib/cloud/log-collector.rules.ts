import { alloy } from '../agents/alloy';
import { fluentBit } from '../agents/fluent-bit';
import { promtail } from '../agents/promtail';
import type { RuleSource } from '../contracts/rules';
import { alert } from '../core/alerts';
import { componentDown } from './component-down';

/** Agents that cloud nodes may run, by what they export. */
const METRICS = [fluentBit(), alloy(), promtail()].flatMap(({ metrics }) => metrics ?? []);

/** What tells the pods of the collector apart. */
const POD = 'cluster, job, instance';

/** Whether the log collector of cloud nodes runs, reads and loses nothing. */
export function logCollectorRules({ job = 'log-collector' }: { readonly job?: string } = {}): RuleSource {
  const of = (metric: string, range: string) => `${metric}{job="${job}"}[${range}]`;
  return {
    ruleGroups: [
      {
        name: 'log-collector',
        rules: [
          componentDown(
            'LogCollector',
            job,
            'warning',
            'lines of cloud nodes wait until rotation takes them',
          ),
          alert('LogCollectorPaused', {
            severity: 'warning',
            for: '15m',
            expr: METRICS.flatMap(({ paused }) =>
              paused === undefined ? [] : [`max by (${POD}) (min_over_time(${of(paused, '15m')})) > 0`],
            ).join('\nor '),
            summary: 'Logs of a cloud node are not read',
            description:
              'The log collector at {{ $labels.instance }} has read no line for half an hour: too much waits to be sent, as Loki refuses it.',
          }),
          alert('LogCollectorLinesDropped', {
            severity: 'critical',
            expr: METRICS.map(({ dropped }) => `sum by (${POD}) (increase(${of(dropped, '1h')})) > 0`).join(
              '\nor ',
            ),
            summary: 'Lines of a cloud node are lost',
            description:
              'The log collector at {{ $labels.instance }} gave up {{ $value | humanize }} lines within an hour, since Loki refused them for good.',
          }),
        ],
      },
    ],
  };
}
