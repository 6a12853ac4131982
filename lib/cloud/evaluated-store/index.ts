export { EvaluatedStore } from './evaluated-store';
export {
  EVALUATION_OPTIONS,
  type EvaluationOptions,
  STORE_QUERY_OPTIONS,
  type StoreQueryProps,
} from './options';
export { ruleDurationPanel, writtenSamplesPanel } from './panels';
export { alertRulesAboutScraperAndRuleEvaluator } from './rules';
export { type EvaluationPlan, type EvaluationSizes, evaluationSizing } from './sizing';
