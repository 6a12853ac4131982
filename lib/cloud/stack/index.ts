export { capacityDashboard, type PlannedCapacity } from './capacity.dashboard';
export { stackDashboard } from './health.dashboard';
export { stackRules } from './rules';
