import { mergeLayers } from '../../core/option-table';
import type { CloudComponent } from '../cloud-component';
import { mergePlannedLimits } from '../limits';
import { unusedSettingProblems } from '../unused-settings';
import type { PushgatewayProps, ReaperOptions } from './options';
import { Pushgateway } from './pushgateway';
import {
  PUSHGATEWAY_THRESHOLDS,
  type PushgatewayNames,
  type PushgatewayThresholds,
  pushgatewayRules,
} from './rules';
import { PUSHGATEWAY_SETTINGS, PUSHGATEWAY_STORAGE, type PushgatewayEnvironment } from './settings';
import { type PushgatewayPlan, type PushgatewaySizes, pushgatewaySizing } from './sizing';

/** Names of an environment's Pushgateways and of their scrape jobs. */
export const EXPORTERS_PUSHGATEWAY = 'pushgateway';
export const SERVICES_PUSHGATEWAY = 'pushgateway-services';

/** Path prefix for pushes of business services, to a Pushgateway or to the gateway. */
export const SERVICES_PREFIX = '/services';

/**
 * The Pushgateways as a component of an environment: none, or separate ones for exporters and for business
 * services.
 */
export const pushgatewayComponent = {
  sizing: pushgatewaySizing,
  settings: { own: PUSHGATEWAY_SETTINGS, storage: PUSHGATEWAY_STORAGE },
  thresholds: PUSHGATEWAY_THRESHOLDS,
  rules: ({ exporters = [], services = [] }, limits) =>
    exporters.length + services.length ? [pushgatewayRules(limits, { exporters, services })] : [],
  settingsProblems: ({ settings: { pushgateways }, transports }) =>
    unusedSettingProblems(
      'pushgateway',
      transports,
      'settings.pushgateways.exporters',
      pushgateways?.exporters,
    ),
  make: (scope, { settings, transports, hasServicesPushgateway, pushIngress: ingress }, sizes) => {
    const storage = settings.storage?.pushgateway;
    const { exporters, services } = settings.pushgateways ?? {};
    return [
      ...(transports.includes('pushgateway')
        ? [
            new Pushgateway(scope, 'pushgateway', {
              ...exportersOptions({ ...exporters, storage }, sizes.pushgateway),
              ingress,
            }),
          ]
        : []),
      ...(hasServicesPushgateway
        ? [
            // Business services push arbitrary metrics: a single bad push must not break the scrape of the
            // exporters.
            new Pushgateway(scope, 'pushgateway-services', {
              ...mergeLayers<PushgatewayProps>(services, { storage }),
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
 * Each group is pushed by a single exporter, so groups cannot conflict and the expensive consistency check is
 * off.
 */
function exportersOptions(
  { reaper, ...own }: PushgatewayProps,
  sizes: PushgatewaySizes['pushgateway'],
): PushgatewayProps {
  return {
    ...mergeLayers<PushgatewayProps>(own, sizes),
    reaper: reaper !== false && mergeLayers<ReaperOptions>(reaper, { after: '1d' }),
    // With custom resources, the limits are derived from these.
    ...mergePlannedLimits(own.resources ? {} : sizes, own.limits),
    name: EXPORTERS_PUSHGATEWAY,
    consistencyCheck: false,
  };
}
