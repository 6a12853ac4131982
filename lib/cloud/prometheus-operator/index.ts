export type {
  OperatedGrafana,
  OperatedObject,
  OperatedPrometheus,
  PrometheusOperatorOptions,
} from './options';
export { operatorManagedPrometheusRules } from './rules';
export { prometheusOperator } from './store-type';
