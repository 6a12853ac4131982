export { prometheusComponent } from './component';
export { PROMETHEUS_OPTIONS, Prometheus, type PrometheusProps } from './prometheus';
export { RuleResources, type RuleResourcesProps } from './rule-resources';
export { prometheusRules } from './rules';
export { PROMETHEUS, prometheusSizing } from './sizing';
