import { jobOf, type RuledTargets } from '../../core/component';
import type { SizedComponent } from '../sized-component';
import { GATEWAY_THRESHOLDS, type GatewayThresholds, metricsGatewayRules } from './rules';
import { type MetricsGatewayPlan, metricsGatewaySizing } from './sizing';

/** The gateway of remote write, as an environment knows it: by its job, where it has one. */
export const metricsGatewayComponent = {
  sizing: metricsGatewaySizing,
  thresholds: GATEWAY_THRESHOLDS,
  rules: ({ gateway, ...environment }, limits) =>
    gateway ? [metricsGatewayRules(limits, { job: gateway, store: jobOf('prometheus', environment) })] : [],
} satisfies SizedComponent<
  GatewayThresholds,
  RuledTargets & { readonly gateway?: string },
  MetricsGatewayPlan
>;
