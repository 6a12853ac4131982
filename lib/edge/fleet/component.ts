import { type Component, jobOf, type RuledTargets } from '../../core/component';
import type { RuledNodes } from '../ruled-nodes';
import { fleetDashboard } from './fleet.dashboard';
import {
  REACHABILITY_THRESHOLDS,
  type ReachabilityThresholds,
  reachabilityRules,
} from './reachability.rules';

/** What receives the metrics of the fleet, and what says which nodes it has. */
export interface FleetEnvironment extends RuledTargets {
  readonly exporters?: readonly string[];
  readonly gateway?: string;
  readonly nodes?: readonly RuledNodes[];
  readonly membership?: 'api-server' | 'pushes';
}

/** The nodes of the edge as a whole, as an environment knows them. */
export const fleetComponent: Component<ReachabilityThresholds, FleetEnvironment> = {
  thresholds: REACHABILITY_THRESHOLDS,
  rules: (environment, limits) => {
    const { exporters = [], gateway, nodes = [], membership } = environment;
    const receivers = {
      pushgateways: exporters,
      gateways: gateway ? [gateway] : [],
      kubeStateMetrics: membership !== 'pushes' && jobOf('kube-state-metrics', environment),
    };
    return [reachabilityRules(limits, receivers, nodes)];
  },
  dashboards: () => [fleetDashboard()],
};
