export { fleetDashboard } from './fleet.dashboard';
export { pushesDashboard } from './pushes.dashboard';
export {
  REACHABILITY_THRESHOLDS,
  type ReachabilityThresholds,
  reachabilityRules,
} from './reachability.rules';
export type { ReceiverNames } from './signals';
