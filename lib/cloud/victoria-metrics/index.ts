export type { VictoriaMetricsClusterOptions } from './options';
export { victoriaMetricsRules } from './rules';
export { type VictoriaMetricsPlan, type VictoriaMetricsSizes, victoriaMetricsSizing } from './sizing';
export { victoriaMetricsCluster } from './store-type';
