import { type AlertCases, constantValues } from '../support/rule-cases';

const down = (job: string): AlertCases[string] => ({
  series: {
    [`up{cluster="c", job="${job}", instance="a"}`]: '1x9 0x30 1x500',
    'up{cluster="c", job="other", instance="b"}': constantValues(0),
  },
  quiet: ['9m'],
  fires: { at: '20m', alerts: [{ labels: { cluster: 'c', job } }] },
  resolved: '42m',
});

export const stackCases: AlertCases = {
  GrafanaDown: down('grafana'),
  KubeStateMetricsDown: down('kube-state-metrics'),
  KubeStateMetricsErrors: {
    series: {
      'kube_state_metrics_list_total{cluster="c", job="kube-state-metrics-self", resource="*v1.Node", result="error"}':
        '0x9 0+6x40 240x500',
      'kube_state_metrics_list_total{cluster="c", job="kube-state-metrics-self", resource="*v1.Node", result="success"}':
        '0+6x600',
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '40m',
      alerts: [{ labels: { cluster: 'c', job: 'kube-state-metrics-self', resource: '*v1.Node' } }],
    },
    resolved: '60m',
  },
};
