import { type AlertCases, constantValues } from '../support/rule-cases';

const SICK = { cluster: 'c', job: 'log-collector', instance: 'a' };
const of = (metric: string, instance: string, name: string) =>
  `${metric}{cluster="c", job="log-collector", instance="${instance}", name="${name}"}`;

const PAUSED = 'fluentbit_input_ingestion_paused';
const DROPPED = 'fluentbit_output_dropped_records_total';

export const logCollectorCases: AlertCases = {
  LogCollectorDown: {
    series: {
      'up{cluster="c", job="log-collector", instance="a"}': '1x9 0x30 1x500',
      'up{cluster="c", job="log-collector", instance="b"}': '1x14 0x25 1x500',
    },
    quiet: ['9m', '14m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', job: 'log-collector' } }] },
    resolved: '42m',
  },
  LogCollectorPaused: {
    series: {
      [of(PAUSED, 'a', 'tail.0')]: '0x9 1x120 0x500',
      // A separate input for data on disk, which never pauses.
      [of(PAUSED, 'a', 'storage_backlog.1')]: constantValues(0),
      [of(PAUSED, 'b', 'tail.0')]: '1x10 0x5 1x10 0x5 1x10 0x500',
    },
    quiet: ['9m', '35m'],
    fires: { at: '60m', alerts: [{ labels: SICK }] },
    resolved: '150m',
  },
  LogCollectorLinesDropped: {
    series: { [of(DROPPED, 'a', 'loki.0')]: '0x9 40x600', [of(DROPPED, 'b', 'loki.0')]: constantValues(40) },
    quiet: ['9m'],
    fires: { at: ['12m', '60m'], alerts: [{ labels: SICK, value: '40' }] },
    resolved: '80m',
  },
};
