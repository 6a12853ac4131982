export type {
  OperatedGrafana,
  OperatedObject,
  OperatedPrometheus,
  PrometheusOperatorOptions,
} from './options';
export { operatedPrometheusRules } from './rules';
export { prometheusOperator } from './store-type';
