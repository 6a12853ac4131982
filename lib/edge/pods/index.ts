export { podsDashboard } from './dashboard';
export { containerRules, POD_THRESHOLDS, type PodThresholds, podRules } from './rules';
