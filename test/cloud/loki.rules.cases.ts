import { type AlertCases, always } from '../support/rule-cases';

const SELF = { cluster: 'c', job: 'loki' };
const of = (metric: string, more = '') => `${metric}{cluster="c", job="loki", instance="loki:3100"${more}}`;

export const lokiCases: AlertCases = {
  LokiDown: {
    series: { [of('up')]: '1x9 0x30 1x500' },
    quiet: ['9m'],
    fires: { at: '20m', alerts: [{ labels: SELF }] },
    resolved: '42m',
  },
  LokiRequestErrors: {
    series: {
      [of('loki_request_duration_seconds_count', ', route="push", status_code="500"')]:
        '0x9 0+60x40 2400x500',
      [of('loki_request_duration_seconds_count', ', route="push", status_code="204"')]: '0+180x600',
      [of('loki_request_duration_seconds_count', ', route="query", status_code="200"')]: '0+180x600',
    },
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: { ...SELF, route: 'push' }, value: '25%' }] },
    resolved: '60m',
  },
  LokiIngestionRefused: {
    series: {
      [of('loki_discarded_samples_total', ', tenant="fake", reason="rate_limited"')]: '0x9 0+10x40 400x500',
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '40m',
      alerts: [{ labels: { ...SELF, tenant: 'fake', reason: 'rate_limited' }, value: '150' }],
    },
    resolved: '70m',
  },
  LokiCompactorNotRunning: {
    series: {
      [of('loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds')]:
        '0x9 600x290 0x260 33720+60x300',
      // Started anew after five hours, and without a success since.
      [of('process_start_time_seconds')]: '0x300 18000x600',
      // A replica that is not the compactor.
      'loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds{cluster="c", job="loki", instance="b"}':
        always(0),
      'process_start_time_seconds{cluster="c", job="loki", instance="b"}': always(0),
    },
    quiet: ['100m', '220m', '400m'],
    fires: { at: ['260m', '550m'], alerts: [{ labels: SELF, value: '4h 10m 0s' }] },
    resolved: '580m',
  },
};
