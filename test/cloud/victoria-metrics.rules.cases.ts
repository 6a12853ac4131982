import type { AlertCases } from '../support/rule-cases';

const of = (metric: string, job: string, more = '') =>
  `${metric}{cluster="c", job="${job}", instance="i"${more}}`;
const labels = (job: string) => ({ cluster: 'c', job });

export const victoriaMetricsCases: AlertCases = {
  VictoriaMetricsDown: {
    series: { [of('up', 'vmstorage')]: '1x5 0x15 1x20' },
    quiet: ['5m', '10m'],
    fires: { at: '15m', alerts: [{ labels: { ...labels('vmstorage'), instance: 'i' } }] },
    resolved: '25m',
  },
  VictoriaMetricsReadOnly: {
    series: { [of('vm_storage_is_read_only', 'vmstorage')]: '0x5 1x15 0x20' },
    quiet: ['5m', '10m'],
    fires: { at: '15m', alerts: [{ labels: { ...labels('vmstorage'), instance: 'i' } }] },
    resolved: '25m',
  },
  VictoriaMetricsUnderReplicated: {
    series: { [of('vm_rpc_rows_incompletely_replicated_total', 'vminsert')]: '0x9 0+1x40 40x500' },
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: labels('vminsert'), value: '15' }] },
    resolved: '80m',
  },
  VictoriaMetricsInsertsSlow: {
    series: {
      [of('vm_slow_row_inserts_total', 'vmstorage')]: '0x20 0+10x60 600x60',
      [of('vm_rows_added_to_storage_total', 'vmstorage')]: '0+100x200',
    },
    quiet: ['20m', '45m'],
    fires: { at: '70m', alerts: [{ labels: labels('vmstorage'), value: '10%' }] },
    resolved: '110m',
  },
  VictoriaMetricsSamplesRejected: {
    series: {
      [of('vm_rows_ignored_total', 'vminsert', ', reason="too_many_labels"')]: '0x9 0+2x40 80x500',
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '40m',
      alerts: [{ labels: { ...labels('vminsert'), reason: 'too_many_labels' }, value: '30' }],
    },
    resolved: '80m',
  },
  VictoriaMetricsQueriesFailing: {
    series: {
      [of('vm_http_request_errors_total', 'vmselect', ', path="/select/{}/prometheus/api/v1/query"')]:
        '0x9 0+1x40 40x500',
    },
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: labels('vmselect'), value: '15' }] },
    resolved: '80m',
  },
};
