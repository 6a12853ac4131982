import type { Component } from '../../core/component';
import {
  PUSHGATEWAY_THRESHOLDS,
  type PushgatewayNames,
  type PushgatewayThresholds,
  pushgatewayRules,
} from './rules';

/** The Pushgateways, as an environment knows them: none, or some for exporters and for business services. */
export const pushgatewayComponent: Component<PushgatewayThresholds, PushgatewayNames> = {
  thresholds: PUSHGATEWAY_THRESHOLDS,
  rules: ({ exporters = [], services = [] }, limits) => ({
    prometheus: exporters.length + services.length ? [pushgatewayRules(limits, { exporters, services })] : [],
  }),
};
