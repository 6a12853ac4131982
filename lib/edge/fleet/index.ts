export { fleetComponent } from './component';
export type { ReceiverNames } from './signals';
