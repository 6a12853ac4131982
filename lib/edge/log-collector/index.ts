export { edgeLogCollectorComponent } from './component';
export { EdgeLogCollector } from './edge-log-collector';
export { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from './options';
