import type { k8s } from './k8s';
import { labelKey, labelValue, oneOf } from './option-rules';
import { also, each, options, required, text } from './structure-rules';
import type { Rule } from './validation';

const valueOfLabel: Rule = {
  ...labelValue,
  accepts: (value) => value === '' || labelValue.accepts(value),
};

/** How many values an operator takes: In and NotIn some, Gt and Lt a number, the others none. */
const valuesFit: Rule = {
  allowed:
    'values where the operator is In or NotIn, one whole number where it is Gt or Lt, and none with others',
  accepts: (value) => {
    const { operator, values = [] } = value as k8s.NodeSelectorRequirement;
    if (operator === 'Gt' || operator === 'Lt') return values.length === 1 && /^-?\d+$/.test(values[0] ?? '');
    return /Exist/.test(operator) === (values.length === 0);
  },
};

const requirement = (...operators: readonly string[]): Rule =>
  also(
    options<k8s.NodeSelectorRequirement>({
      key: required(labelKey),
      operator: required(oneOf(...operators)),
      values: each(valueOfLabel),
    }),
    valuesFit,
  );

const OF_LABELS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** A requirement on the labels of nodes, as the API server accepts it. */
export const nodeRequirement = requirement(...OF_LABELS, 'Gt', 'Lt');

/** A requirement on the labels of pods and namespaces. */
export const labelRequirement = requirement(...OF_LABELS);

/** A requirement on the name of a node, the only field that Kubernetes has for it. */
export const nodeFieldRequirement = options<k8s.NodeSelectorRequirement>({
  key: required(oneOf('metadata.name')),
  operator: required(oneOf('In', 'NotIn')),
  values: required(
    also(each(text), {
      allowed: 'one name',
      accepts: (value) => Array.isArray(value) && value.length === 1,
    }),
  ),
});
