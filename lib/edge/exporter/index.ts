export { exporterComponent } from './component';
export { EdgeExporter, type EdgeExporterOptions, type EdgeExporterProps } from './edge-exporter';
export { type ExporterTarget, exporterTargets } from './exporter-targets';
export { EXPORTER_OPTIONS } from './options';
export type { InstanceLabel } from './push-sidecar';
