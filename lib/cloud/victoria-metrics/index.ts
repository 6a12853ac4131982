export type { VictoriaMetricsClusterOptions } from './options';
export { alertRulesAboutVictoriaMetrics } from './rules';
export { type VictoriaMetricsPlan, type VictoriaMetricsSizes, victoriaMetricsSizing } from './sizing';
export { victoriaMetricsCluster } from './store-type';
