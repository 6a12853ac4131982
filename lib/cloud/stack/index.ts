export type { PlannedCapacity } from './capacity.dashboard';
export { stackComponent } from './component';
