export { nodeDashboard } from './dashboard';
export { EdgeNodeExporter, type EdgeNodeExporterProps } from './edge-node-exporter';
export { type CustomProfile, type MetricsProfile, metricsProfile, selectionOf } from './metrics-profile';
export { STORAGE_THRESHOLDS, type StorageThresholds, storageRules } from './storage.rules';
export { SYSTEM_THRESHOLDS, type SystemThresholds, systemRules } from './system.rules';
export { UPLINK_THRESHOLDS, type UplinkThresholds, uplinkRules } from './uplink.rules';
