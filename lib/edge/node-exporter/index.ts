export { nodeExporterComponent } from './component';
export {
  EDGE_NODE_EXPORTER_OPTIONS,
  EdgeNodeExporter,
  type EdgeNodeExporterProps,
} from './edge-node-exporter';
export {
  type CustomProfile,
  type MetricsProfile,
  metricsProfile,
  resolveMetricsProfile,
} from './metrics-profile';
