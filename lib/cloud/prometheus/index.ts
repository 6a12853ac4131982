export { MAX_AHEAD_SECONDS, SCRAPE_SAFETY_LIMITS } from './config';
export { outOfOrderWindowAboveRetentionProblem, PROMETHEUS_OPTIONS, type PrometheusProps } from './options';
export { PROMETHEUS_PANELS } from './panels';
export { Prometheus } from './prometheus';
export { RuleResources, type RuleResourcesProps } from './rule-resources';
export { alertRulesAboutPrometheus } from './rules';
export { PROMETHEUS, type PrometheusPlan, type PrometheusSizes, prometheusSizing } from './sizing';
export { type PrometheusStoreOptions, prometheus } from './store-type';
