export { prometheusComponent } from './component';
export { PROMETHEUS_OPTIONS, Prometheus, type PrometheusProps } from './prometheus';
export { RuleResources, type RuleResourcesProps } from './rule-resources';
export { prometheusRules } from './rules';
export type { PrometheusSettings } from './settings';
export { PROMETHEUS, prometheusSizing } from './sizing';
