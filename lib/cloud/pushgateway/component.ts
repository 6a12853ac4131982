import type { SizedComponent } from '../sized-component';
import {
  PUSHGATEWAY_THRESHOLDS,
  type PushgatewayNames,
  type PushgatewayThresholds,
  pushgatewayRules,
} from './rules';
import { type PushgatewayPlan, pushgatewaySizing } from './sizing';

/** The Pushgateways, as an environment knows them: none, or some for exporters and for business services. */
export const pushgatewayComponent = {
  sizing: pushgatewaySizing,
  thresholds: PUSHGATEWAY_THRESHOLDS,
  rules: ({ exporters = [], services = [] }, limits) =>
    exporters.length + services.length ? [pushgatewayRules(limits, { exporters, services })] : [],
} satisfies SizedComponent<PushgatewayThresholds, PushgatewayNames, PushgatewayPlan>;
