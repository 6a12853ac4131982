import { validateAndApplyDefaults } from '../../core/option-table';
import type { MetricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_PANELS } from '../prometheus';
import { OperatedPrometheusStore } from './operated-prometheus';
import { PROMETHEUS_OPERATOR_OPTIONS, type PrometheusOperatorOptions } from './options';

const IN_PROMETHEUS = 'configure the Prometheus object of the operator instead';
const IN_ALERTMANAGER = 'configure your Alertmanager instead';
const IN_GRAFANA = 'configure your Grafana instead';

/**
 * Settings of an environment that must not be set, because the operator runs the components that these
 * settings configure. The text for each setting says what to do instead.
 */
const UNREAD_SETTINGS = {
  'retention.metrics': IN_PROMETHEUS,
  'retention.metricsSize': IN_PROMETHEUS,
  'retention.outOfOrderWindow': 'set the option outOfOrderWindow of prometheusOperator() instead',
  'storage.prometheus': IN_PROMETHEUS,
  'storage.alertmanager': IN_ALERTMANAGER,
  'storage.grafana': IN_GRAFANA,
  'hosts.grafana': IN_GRAFANA,
  grafana: IN_GRAFANA,
  receivers: IN_ALERTMANAGER,
  'alerts.routes': IN_ALERTMANAGER,
  'alerts.heartbeat': IN_ALERTMANAGER,
  'alerts.timeIntervals': IN_ALERTMANAGER,
  'secrets.receivers': IN_ALERTMANAGER,
  'secrets.grafana': IN_GRAFANA,
  'secrets.grafanaAdmin': IN_GRAFANA,
  'secrets.grafanaUsers': IN_GRAFANA,
};

/**
 * Returns a value for the setting `metricsStore`: an existing Prometheus Operator, such as
 * kube-prometheus-stack, with its Prometheus, Alertmanager and Grafana. This stack then runs no Prometheus,
 * no Alertmanager and no Grafana. Scrape targets become ScrapeConfigs, rules become PrometheusRules, and
 * dashboards become labeled ConfigMaps.
 * @throws InvalidOptionError when an option is invalid.
 */
export function prometheusOperator(given: PrometheusOperatorOptions): MetricsStoreType {
  const options = validateAndApplyDefaults('prometheusOperator', given, PROMETHEUS_OPERATOR_OPTIONS);
  return {
    plan: {
      kind: 'operator',
      replicas: options.prometheus.replicas ?? 1,
      outOfOrderWindow: options.outOfOrderWindow,
    },
    unread: UNREAD_SETTINGS,
    panels: PROMETHEUS_PANELS,
    make: (scope, { rules }) =>
      new OperatedPrometheusStore(scope, 'metrics-store', { ...options, ruleOptions: rules }),
  };
}
