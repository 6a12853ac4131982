import { type Component, firstScrapeJobNameOfComponent, type RuledTargets } from '../../core/component';
import type { RuledNodes } from '../ruled-nodes';
import { fleetDashboard } from './fleet.dashboard';
import {
  alertAndRecordingRulesAboutReachability,
  REACHABILITY_THRESHOLDS,
  type ReachabilityThresholds,
} from './reachability.rules';

/** Properties of an environment that the fleet's rules depend on. */
export interface FleetEnvironment extends RuledTargets {
  /** Scrape jobs of the Pushgateways that edge exporters push to. @default - there are no Pushgateways */
  readonly exporters?: readonly string[];
  /** Scrape job of the metrics gateway. @default - there is no metrics gateway */
  readonly gateway?: string;
  /** The node groups. @default - all nodes have default properties */
  readonly nodes?: readonly RuledNodes[];
  /**
   * Source of the list of nodes that belong to the fleet: the API server (through kube-state-metrics), or the samples
   * that nodes send.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
}

/** Component with rules and the dashboard about the fleet: nodes of the fleet, silent nodes, exporters and clocks. */
export const fleetComponent: Component<ReachabilityThresholds, FleetEnvironment> = {
  thresholds: REACHABILITY_THRESHOLDS,
  rules: (environment, limits) => {
    const { exporters = [], gateway, nodes = [], membership } = environment;
    const receivers = {
      pushgateways: exporters,
      gateways: gateway ? [gateway] : [],
      kubeStateMetrics:
        membership !== 'pushes' && firstScrapeJobNameOfComponent('kube-state-metrics', environment),
    };
    return [alertAndRecordingRulesAboutReachability(limits, receivers, nodes)];
  },
  dashboards: () => [fleetDashboard()],
};
