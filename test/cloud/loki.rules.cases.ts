import { type AlertCases, constantValues } from '../support/rule-cases';

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
      [of('up')]: constantValues(1),
      // The series starts with the first refused line, and there is no other.
      [of('loki_discarded_samples_total', ', tenant="north", reason="line_too_long"')]: '_x50 10x600',
      // A new Prometheus has no data about the past.
      [of('loki_discarded_samples_total', ', tenant="fake", reason="rate_limited"')]: '5x600',
    },
    quiet: ['9m', '20m', '60m', '300m'],
    fires: {
      at: '70m',
      alerts: [{ labels: { ...SELF, tenant: 'north', reason: 'line_too_long' }, value: '10' }],
    },
    resolved: '85m',
  },
  LokiPushesInvalid: {
    series: {
      [of('up')]: constantValues(1),
      [of('loki_request_duration_seconds_count', ', route="loki_api_v1_push", status_code="400"')]:
        '0x49 0+10x40 400x500',
      [of('loki_request_duration_seconds_count', ', route="loki_api_v1_push", status_code="204"')]:
        '0+180x600',
    },
    quiet: ['49m', '60m'],
    fires: { at: '80m', alerts: [{ labels: { ...SELF, status_code: '400' }, value: '300' }] },
    resolved: '130m',
  },
  LokiCompactorNotRunning: {
    series: {
      [of('loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds')]:
        '0x9 600x290 0x260 33720+60x300',
      // Restarted after five hours, and without a success since then.
      [of('process_start_time_seconds')]: '0x300 18000x600',
      // A replica that is not the compactor.
      'loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds{cluster="c", job="loki", instance="b"}':
        constantValues(0),
      'process_start_time_seconds{cluster="c", job="loki", instance="b"}': constantValues(0),
    },
    quiet: ['100m', '220m', '400m'],
    fires: { at: ['260m', '550m'], alerts: [{ labels: SELF, value: '4h 10m 0s' }] },
    resolved: '580m',
  },
};
