import { type AlertCases, constantValues, heartbeatSeries } from '../support/rule-cases';

const SELF = { cluster: 'c', job: 'prometheus' };
const of = (metric: string, more = '') =>
  `${metric}{cluster="c", job="prometheus", instance="p:9090"${more}}`;
const RULES = ', rule_group="/etc/prometheus-rules/edge-uplink.yaml;edge-uplink"';
const GROUP = { ...SELF, rule_group: '/etc/prometheus-rules/edge-uplink.yaml;edge-uplink' };

/** A group of rules with an interval of five minutes, which fails twice at each evaluation. */
const EVERY_FIVE_MINUTES = `0x9 ${Array.from({ length: 8 }, (_, index) => `${2 * index + 2}x4`).join(' ')} 16x500`;

export const prometheusCases: AlertCases = {
  Watchdog: { series: {}, quiet: [], fires: { at: '0m', alerts: [{ labels: {} }] }, resolved: 'never' },
  TargetDown: {
    series: {
      'up{cluster="c", job="apiserver", instance="a"}': '1x9 0x30 1x500',
      'up{cluster="c", job="apiserver", instance="b"}': constantValues(1),
      // A cloud node, such as its kubelet, without which full volumes are not reported.
      'up{cluster="c", job="kubelet", instance="k", node="cloud-1"}': '1x9 0x30 1x500',
      // Reported by an alert of its own, and by the edge node.
      'up{cluster="c", job="grafana", instance="g"}': '1x9 0x30 1x500',
      'up{cluster="c", group="plants", job="meter", instance="m", node="sick"}': '1x9 0x30 1x500',
      ...heartbeatSeries('sick'),
      // No alert about an edge exporter reports targets of the cloud.
      'ALERTS{alertname="EdgeExporterDown", alertstate="firing", cluster="c", job="kubelet", node="sick"}':
        constantValues(1),
    },
    quiet: ['9m', '15m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { cluster: 'c', job: 'apiserver', instance: 'a' } },
        { labels: { cluster: 'c', job: 'kubelet', instance: 'k', node: 'cloud-1' } },
      ],
    },
    resolved: '42m',
  },
  PrometheusReplicaDown: {
    series: {
      'up{cluster="c", job="prometheus", instance="p-0"}': constantValues(1),
      'up{cluster="c", job="prometheus", instance="p-1"}': '1x9 0x30 1x500',
    },
    quiet: ['9m', '14m'],
    fires: { at: '16m', alerts: [{ labels: { ...SELF, instance: 'p-1' } }] },
    resolved: '42m',
  },
  PrometheusConfigReloadFailed: {
    series: { [of('prometheus_config_last_reload_successful')]: '1x9 0x30 1x500' },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: SELF }] },
    resolved: '42m',
  },
  PrometheusRuleFailures: {
    series: { [of('prometheus_rule_evaluation_failures_total', RULES)]: EVERY_FIVE_MINUTES },
    quiet: ['9m', '20m'],
    fires: { at: ['40m', '41m', '42m', '43m'], alerts: [{ labels: GROUP, value: '6' }] },
    resolved: '70m',
  },
  PrometheusRulesSlow: {
    series: { [of('prometheus_rule_group_iterations_missed_total', RULES)]: EVERY_FIVE_MINUTES },
    quiet: ['9m', '20m'],
    fires: { at: ['40m', '41m', '42m', '43m'], alerts: [{ labels: GROUP, value: '6' }] },
    resolved: '70m',
  },
  PrometheusStorageTrouble: {
    series: {
      [of('prometheus_tsdb_compactions_failed_total')]: '0x9 1x500',
      [of('prometheus_tsdb_wal_corruptions_total')]: constantValues(0),
    },
    quiet: ['9m'],
    fires: { at: '30m', alerts: [{ labels: SELF, value: '1' }] },
    resolved: '200m',
  },
  PrometheusSamplesRefused: {
    series: {
      [of('prometheus_target_scrapes_sample_out_of_bounds_total')]: '0x9 0+5x40 200x500',
      [of('prometheus_target_scrapes_sample_duplicate_timestamp_total')]: constantValues(0),
    },
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: SELF, value: '75' }] },
    resolved: '70m',
  },
  PrometheusAlertmanagersMissing: {
    series: { [of('prometheus_notifications_alertmanagers_discovered')]: '2x9 0x30 2x500' },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: SELF }] },
    resolved: '42m',
  },
  PrometheusNotificationsFailing: {
    series: { [of('prometheus_notifications_dropped_total')]: '0x9 0+2x40 80x500' },
    quiet: ['9m', '15m'],
    fires: { at: '40m', alerts: [{ labels: SELF, value: '10' }] },
    resolved: '60m',
  },
};
