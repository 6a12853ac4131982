import { type Component, type RuledTargets, scrapeJobOf } from '../../core/component';
import type { RuledNodes } from '../ruled-nodes';
import { fleetDashboard } from './fleet.dashboard';
import {
  REACHABILITY_THRESHOLDS,
  type ReachabilityThresholds,
  reachabilityRules,
} from './reachability.rules';

/**
 * Properties of an environment that the fleet's rules depend on: receivers of metrics, and the source of the
 * list of nodes.
 */
export interface FleetEnvironment extends RuledTargets {
  readonly exporters?: readonly string[];
  readonly gateway?: string;
  readonly nodes?: readonly RuledNodes[];
  readonly membership?: 'api-server' | 'pushes';
}

/** The fleet of edge nodes as a component of an environment. */
export const fleetComponent: Component<ReachabilityThresholds, FleetEnvironment> = {
  thresholds: REACHABILITY_THRESHOLDS,
  rules: (environment, limits) => {
    const { exporters = [], gateway, nodes = [], membership } = environment;
    const receivers = {
      pushgateways: exporters,
      gateways: gateway ? [gateway] : [],
      kubeStateMetrics: membership !== 'pushes' && scrapeJobOf('kube-state-metrics', environment),
    };
    return [reachabilityRules(limits, receivers, nodes)];
  },
  dashboards: () => [fleetDashboard()],
};
