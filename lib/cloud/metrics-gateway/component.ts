import { firstScrapeJobNameOfComponent, type RuledTargets } from '../../core/component';
import { mergeOptionsPreferringFirst } from '../../core/option-table';
import type { CloudComponent } from '../cloud-component';
import { overridePlannedLimitsWithSettings } from '../limits';
import { SERVICES_PREFIX } from '../pushgateway';
import { problemsOfSettingForUnusedTransport } from '../unused-settings';
import { MetricsGateway } from './metrics-gateway';
import type { MetricsGatewayProps } from './options';
import { alertRulesAboutMetricsGateway, GATEWAY_THRESHOLDS, type GatewayThresholds } from './rules';
import { GATEWAY_SETTINGS, GATEWAY_STORAGE, type GatewayEnvironment } from './settings';
import { type MetricsGatewayPlan, type MetricsGatewaySizes, metricsGatewaySizing } from './sizing';

/** Name of the metrics gateway in an environment, and of its scrape job. */
export const METRICS_GATEWAY = 'metrics-gateway';

/**
 * The component `metrics-gateway` of an environment: a `MetricsGateway`, if nodes use the transport
 * `remote-write`.
 */
export const metricsGatewayComponent = {
  sizing: metricsGatewaySizing,
  settings: { own: GATEWAY_SETTINGS, storage: GATEWAY_STORAGE },
  thresholds: GATEWAY_THRESHOLDS,
  rules: ({ gateway, ...environment }, limits) =>
    gateway
      ? [
          alertRulesAboutMetricsGateway(limits, {
            job: gateway,
            store: firstScrapeJobNameOfComponent('prometheus', environment),
          }),
        ]
      : [],
  settingsProblems: ({ settings, transports }) =>
    problemsOfSettingForUnusedTransport(
      'remote-write',
      transports,
      'settings.metricsGateway',
      settings.metricsGateway,
    ),
  make: (scope, cloud, { gateway }) => {
    const { metricsGateway, storage } = cloud.settings;
    if (!cloud.transports.includes('remote-write')) return [];
    return [
      new MetricsGateway(scope, 'metrics-gateway', {
        ...mergeOptionsPreferringFirst<MetricsGatewayProps>(
          metricsGateway,
          { storage: storage?.metricsGateway },
          gateway,
        ),
        ...overridePlannedLimitsWithSettings(gateway, metricsGateway?.limits),
        name: METRICS_GATEWAY,
        ingress: cloud.pushIngress,
        store: cloud.metricsStore,
        ...(!cloud.hasPushgatewayForServices && { pushPrefix: SERVICES_PREFIX }),
      }),
    ];
  },
} satisfies CloudComponent<
  GatewayThresholds,
  RuledTargets & { readonly gateway?: string },
  MetricsGatewayPlan,
  MetricsGatewaySizes,
  GatewayEnvironment
>;
