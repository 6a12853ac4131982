import { type Component, jobOf, type RuledTargets } from '../../core/component';
import { GATEWAY_THRESHOLDS, type GatewayThresholds, metricsGatewayRules } from './rules';

/** The gateway of remote write, as an environment knows it: by its job, where it has one. */
export const metricsGatewayComponent: Component<
  GatewayThresholds,
  RuledTargets & { readonly gateway?: string }
> = {
  thresholds: GATEWAY_THRESHOLDS,
  rules: ({ gateway, ...environment }, limits) => ({
    prometheus: gateway
      ? [metricsGatewayRules(limits, { job: gateway, store: jobOf('prometheus', environment) })]
      : [],
  }),
};
