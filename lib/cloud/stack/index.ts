export { type PlannedCapacity, plannedCapacity } from './capacity.dashboard';
export { stackComponent } from './component';
