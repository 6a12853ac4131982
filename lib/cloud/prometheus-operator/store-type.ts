import { validateAndApplyDefaults } from '../../core/option-table';
import type { MetricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_PANELS } from '../prometheus';
import { OperatedPrometheusStore } from './operated-prometheus';
import { PROMETHEUS_OPERATOR_OPTIONS, type PrometheusOperatorOptions } from './options';

const PROMETHEUS_REMEDY = 'configure the Prometheus object of the operator instead';
const ALERTMANAGER_REMEDY = 'configure your Alertmanager instead';
const GRAFANA_REMEDY = 'configure your Grafana instead';

/**
 * Settings that are not allowed with a Prometheus Operator, because the operator runs the components that these
 * settings configure. The text for each setting says what to do instead.
 */
const UNREAD_SETTINGS = {
  'retention.metrics': PROMETHEUS_REMEDY,
  'retention.metricsSize': PROMETHEUS_REMEDY,
  'retention.outOfOrderWindow': 'set the option outOfOrderWindow of prometheusOperator() instead',
  'storage.prometheus': PROMETHEUS_REMEDY,
  'storage.alertmanager': ALERTMANAGER_REMEDY,
  'storage.grafana': GRAFANA_REMEDY,
  'hosts.grafana': GRAFANA_REMEDY,
  grafana: GRAFANA_REMEDY,
  receivers: ALERTMANAGER_REMEDY,
  'alerts.routes': ALERTMANAGER_REMEDY,
  'alerts.heartbeat': ALERTMANAGER_REMEDY,
  'alerts.timeIntervals': ALERTMANAGER_REMEDY,
  'secrets.receivers': ALERTMANAGER_REMEDY,
  'secrets.grafana': GRAFANA_REMEDY,
  'secrets.grafanaAdmin': GRAFANA_REMEDY,
  'secrets.grafanaUsers': GRAFANA_REMEDY,
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
