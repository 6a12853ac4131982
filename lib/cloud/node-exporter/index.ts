export { cloudNodeExporterComponent } from './component';
export { NodeExporter, type NodeExporterProps } from './node-exporter';
