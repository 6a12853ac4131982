export { logsDashboard } from './dashboard';
export { EdgeLogCollector } from './edge-log-collector';
export type { EdgeLogCollectorProps } from './options';
export { LOG_THRESHOLDS, type LogThresholds, logRules } from './rules';
