export type {
  OperatedGrafana,
  OperatedObject,
  OperatedPrometheus,
  PrometheusOperatorOptions,
} from './options';
export { alertRulesAboutOperatorPrometheus } from './rules';
export { prometheusOperator } from './store-type';
