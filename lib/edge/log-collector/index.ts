export { edgeLogCollectorComponent } from './component';
export { EdgeLogCollector } from './edge-log-collector';
export type { EdgeLogSettings } from './group-logs';
export { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from './options';
