import { mergeOptionsPreferringFirst } from '../../core/option-table';
import type { CloudComponent } from '../cloud-component';
import { overridePlannedLimitsWithSettings } from '../limits';
import { problemsOfSettingForUnusedTransport } from '../unused-settings';
import type { PushgatewayProps, ReaperOptions } from './options';
import { Pushgateway } from './pushgateway';
import {
  alertAndRecordingRulesAboutPushgateway,
  PUSHGATEWAY_THRESHOLDS,
  type PushgatewayNames,
  type PushgatewayThresholds,
} from './rules';
import { PUSHGATEWAY_SETTINGS, PUSHGATEWAY_STORAGE, type PushgatewayEnvironment } from './settings';
import { type PushgatewayPlan, type PushgatewaySizes, pushgatewaySizing } from './sizing';

/** Name of the Pushgateway for exporters in an environment, which is also the name of its scrape job. */
export const EXPORTERS_PUSHGATEWAY = 'pushgateway';
/**
 * Name of the Pushgateway for business services in an environment, which is also the name of its scrape job.
 */
export const SERVICES_PUSHGATEWAY = 'pushgateway-services';

/** Path prefix for pushes of business services, to their Pushgateway or to the metrics gateway. */
export const SERVICES_PREFIX = '/services';

/**
 * The component `pushgateway` of an environment: a Pushgateway for exporters if a node group uses the
 * transport `pushgateway`, and a separate Pushgateway for business services if the settings require one.
 */
export const pushgatewayComponent = {
  sizing: pushgatewaySizing,
  settings: { own: PUSHGATEWAY_SETTINGS, storage: PUSHGATEWAY_STORAGE },
  thresholds: PUSHGATEWAY_THRESHOLDS,
  rules: ({ exporters = [], services = [] }, limits) =>
    exporters.length + services.length
      ? [alertAndRecordingRulesAboutPushgateway(limits, { exporters, services })]
      : [],
  settingsProblems: ({ settings: { pushgateways }, transports }) =>
    problemsOfSettingForUnusedTransport(
      'pushgateway',
      transports,
      'settings.pushgateways.exporters',
      pushgateways?.exporters,
    ),
  make: (scope, { settings, transports, hasPushgatewayForServices, pushIngress: ingress }, sizes) => {
    const storage = settings.storage?.pushgateway;
    const { exporters, services } = settings.pushgateways ?? {};
    return [
      ...(transports.includes('pushgateway')
        ? [
            new Pushgateway(scope, 'pushgateway', {
              ...propsOfPushgatewayForExporters({ ...exporters, storage }, sizes.pushgateway),
              ingress,
            }),
          ]
        : []),
      ...(hasPushgatewayForServices
        ? [
            // Business services have a separate Pushgateway, because they push arbitrary metrics. If their
            // pushes were inconsistent, the metrics of exporters could still be scraped.
            new Pushgateway(scope, 'pushgateway-services', {
              ...mergeOptionsPreferringFirst<PushgatewayProps>(services, { storage }),
              name: SERVICES_PUSHGATEWAY,
              ingress,
              routePrefix: SERVICES_PREFIX,
            }),
          ]
        : []),
    ];
  },
} satisfies CloudComponent<
  PushgatewayThresholds,
  PushgatewayNames,
  PushgatewayPlan,
  PushgatewaySizes,
  PushgatewayEnvironment
>;

/**
 * Returns the properties of the Pushgateway for exporters. The expensive consistency check is disabled: each metric
 * group (grouping key) is pushed by one exporter only, so metric groups cannot conflict.
 */
function propsOfPushgatewayForExporters(
  { reaper, ...own }: PushgatewayProps,
  sizes: PushgatewaySizes['pushgateway'],
): PushgatewayProps {
  return {
    ...mergeOptionsPreferringFirst<PushgatewayProps>(own, sizes),
    reaper: reaper !== false && mergeOptionsPreferringFirst<ReaperOptions>(reaper, { after: '1d' }),
    // If the settings contain resources, the limits follow from these resources instead of the plan.
    ...overridePlannedLimitsWithSettings(own.resources ? {} : sizes, own.limits),
    name: EXPORTERS_PUSHGATEWAY,
    consistencyCheck: false,
  };
}
