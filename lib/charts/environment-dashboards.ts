import { capacityDashboard } from '../cloud/capacity.dashboard';
import { stackDashboard } from '../cloud/stack.dashboard';
import type { DashboardSource } from '../contracts/dashboards';
import { fleetDashboard } from '../edge/fleet.dashboard';
import { logsDashboard } from '../edge/logs.dashboard';
import { nodeDashboard } from '../edge/node.dashboard';
import { podsDashboard } from '../edge/pods.dashboard';
import { pushesDashboard } from '../edge/pushes.dashboard';

/** Every dashboard of an environment. */
export const environmentDashboards = (): DashboardSource[] => [
  fleetDashboard(),
  nodeDashboard(),
  podsDashboard(),
  pushesDashboard(),
  logsDashboard(),
  stackDashboard(),
  capacityDashboard(),
];
