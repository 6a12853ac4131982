export { nodeExporterComponent } from './component';
export { EdgeNodeExporter, type EdgeNodeExporterProps } from './edge-node-exporter';
export { type CustomProfile, type MetricsProfile, metricsProfile, selectionOf } from './metrics-profile';
