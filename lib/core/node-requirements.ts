import type { k8s } from './k8s';
import { labelKey, labelValue, oneOfRule } from './option-rules';
import { combineRulesWithAnd, listRule, markRuleAsRequired, objectRule, text } from './structure-rules';
import type { Rule } from './validation';

const valueOfLabel: Rule = {
  ...labelValue,
  accepts: (value) => value === '' || labelValue.accepts(value),
};

/**
 * Validation rule for the number of values of a requirement. The allowed number depends on the operator: for
 * example, `In` needs one or more values, and `Exists` must have no values.
 */
const valuesFit: Rule = {
  allowed:
    'one or more values for the operators In and NotIn, one whole number for Gt and Lt, no values for Exists and DoesNotExist',
  accepts: (value) => {
    const { operator, values = [] } = value as k8s.NodeSelectorRequirement;
    if (operator === 'Gt' || operator === 'Lt') return values.length === 1 && /^-?\d+$/.test(values[0] ?? '');
    return /Exist/.test(operator) === (values.length === 0);
  },
};

const requirementRuleForOperators = (...operators: readonly string[]): Rule =>
  combineRulesWithAnd(
    objectRule<k8s.NodeSelectorRequirement>({
      key: markRuleAsRequired(labelKey),
      operator: markRuleAsRequired(oneOfRule(...operators)),
      values: listRule(valueOfLabel),
    }),
    valuesFit,
  );

const LABEL_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Validation rule for a requirement on the labels of nodes, with the conditions that the API server checks. */
export const nodeRequirement = requirementRuleForOperators(...LABEL_OPERATORS, 'Gt', 'Lt');

/** Validation rule for a requirement on the labels of pods or namespaces. */
export const labelRequirement = requirementRuleForOperators(...LABEL_OPERATORS);

/** Validation rule for a requirement on the name of a node, the only node field that Kubernetes supports. */
export const nodeFieldRequirement = objectRule<k8s.NodeSelectorRequirement>({
  key: markRuleAsRequired(oneOfRule('metadata.name')),
  operator: markRuleAsRequired(oneOfRule('In', 'NotIn')),
  values: markRuleAsRequired(
    combineRulesWithAnd(listRule(text), {
      allowed: 'one name',
      accepts: (value) => Array.isArray(value) && value.length === 1,
    }),
  ),
});
