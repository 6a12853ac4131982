export { edgeLogCollectorComponent } from './component';
export { EdgeLogCollector } from './edge-log-collector';
export type { EdgeLogCollectorProps } from './options';
