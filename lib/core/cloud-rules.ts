import type { Construct } from 'constructs';
import { resources as resourcesRule } from './kubernetes-rules';
import { dnsLabel, quantity } from './option-rules';
import { Platform } from './platform';
import type { Namespaces } from './platform-options';
import type { Resources } from './pods';
import { objectWithAtLeastFieldsRule } from './structure-rules';
import type { Quantity } from './units';

/**
 * Returns the validation rule and the default of the option `namespace`. The default is the namespace of the chart
 * or, if the chart has none, the platform's namespace for `kind` (`cloud`, `nodes` or `edge`).
 */
export const namespaceOptionEntry = (kind: keyof Namespaces) => ({
  rule: dnsLabel,
  derive: (_: unknown, scope: Construct): string => Platform.of(scope).namespaceOf(scope, kind),
});

/** Returns the validation rules of the options that all cloud components share, with the defaults of one component. */
export const commonCloudOptionTable = (name: string, resources: Resources) => ({
  name: { rule: dnsLabel, default: name },
  namespace: namespaceOptionEntry('cloud'),
  resources: { rule: resourcesRule, default: resources },
});

/**
 * Returns the validation rules of the options that cloud components with a volume share, with the defaults of one
 * component.
 */
export const optionTableWithStorage = (name: string, storage: Quantity, resources: Resources) => ({
  ...commonCloudOptionTable(name, resources),
  storage: { rule: quantity, default: storage },
});

/** Validation rule for an option of type `BasicAuthIngress`. */
export const ingressOption = objectWithAtLeastFieldsRule('a BasicAuthIngress', 'expose');
