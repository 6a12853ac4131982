import { type AlertCases, constantValues } from '../support/rule-cases';

const SELF = { cluster: 'c', job: 'metrics-gateway' };
const of = (metric: string, more = '') =>
  `${metric}{cluster="c", job="metrics-gateway", instance="m-0"${more}}`;
/** The same of an agent at the edge: its node's alerts are about that. */
const AGENT = '{cluster="c", group="plants", node="sick", job="edge-metrics-agent"}';

const refused = (reason: string, more: string) =>
  `metrics_gateway_limiter_series_refused_total{cluster="c", job="metrics-gateway-limiter", instance="m-0", reason="${reason}"${more}}`;

export const metricsGatewayCases: AlertCases = {
  MetricsGatewayDown: {
    series: {
      [of('up')]: '1x9 0x30 1x500',
      'up{cluster="c", job="metrics-gateway", instance="m-1"}': '1x14 0x25 1x500',
    },
    quiet: ['9m', '14m'],
    fires: { at: '20m', alerts: [{ labels: SELF }] },
    resolved: '42m',
  },
  MetricsGatewayQueueGrowing: {
    series: {
      [of('vmagent_remotewrite_pending_data_bytes')]: '0x9 536870912x30 0x500',
      [`vmagent_remotewrite_pending_data_bytes${AGENT}`]: constantValues(536_870_912),
    },
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: { ...SELF, instance: 'm-0' }, value: '512Mi' }] },
    resolved: '42m',
  },
  MetricsGatewayDropping: {
    series: {
      [of('vmagent_remotewrite_packets_dropped_total')]: '0x9 4x500',
      [`vmagent_remotewrite_packets_dropped_total${AGENT}`]: '0x9 0+1x500',
    },
    quiet: ['9m'],
    fires: { at: '12m', alerts: [{ labels: SELF }] },
    resolved: '30m',
  },
  EdgeSeriesRefused: {
    series: {
      [refused('too_many_series', ', group="north", node="sick"')]: '0x9 0+10x20 200x500',
      [refused('too_many_nodes', ', group="north"')]: '0+10x600',
      [refused('reserved', ', node="well"')]: constantValues(0),
    },
    quiet: ['9m'],
    fires: {
      at: '20m',
      alerts: [
        { labels: { cluster: 'c', group: 'north', node: 'sick', reason: 'too_many_series' }, value: '100' },
      ],
    },
    resolved: '60m',
  },
  EdgeNodesRefused: {
    series: {
      [refused('too_many_nodes', ', group="north"')]: '0x9 0+10x20 200x500',
      [refused('too_many_series', ', group="south", node="sick"')]: '0+10x600',
    },
    quiet: ['9m', '12m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', group: 'north' } }] },
    resolved: '60m',
  },
  MetricsGatewayRefusing: {
    series: {
      [of('vmagent_http_request_errors_total', ', path="/api/v1/write"')]: '0x9 0+60x30 1800x500',
      'prometheus_api_remote_write_invalid_labels_samples_total{cluster="c", job="prometheus"}':
        '0x9 0+30x30 900x500',
      // By node, these are an alert of their own.
      'metrics_gateway_filter_samples_dropped_total{cluster="c", job="metrics-gateway-filter", node="n", reason="too_old"}':
        '0+9x500',
    },
    quiet: ['9m', '15m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: SELF, value: '1' },
        { labels: { cluster: 'c', job: 'prometheus' }, value: '500m' },
      ],
    },
    resolved: '50m',
  },
};
