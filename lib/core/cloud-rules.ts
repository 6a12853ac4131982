import type { Construct } from 'constructs';
import { resources as resourcesRule } from './kubernetes-rules';
import { dnsLabel, quantity } from './option-rules';
import { Platform } from './platform';
import type { Namespaces } from './platform-options';
import type { Resources } from './pods';
import { objectWithFields } from './structure-rules';
import type { Quantity } from './units';

/** Option `namespace`. Its default is the stack's namespace for this kind of pods, with their Pod Security level. */
export const namespaceOption = (kind: keyof Namespaces) => ({
  rule: dnsLabel,
  derive: (_: unknown, scope: Construct): string => Platform.of(scope).namespaceOf(scope, kind),
});

/** Options that all components of the cloud share, with their defaults. */
export const cloudOptionTable = (name: string, resources: Resources) => ({
  name: { rule: dnsLabel, default: name },
  namespace: namespaceOption('cloud'),
  resources: { rule: resourcesRule, default: resources },
});

/** Options that components of the cloud with a volume share, with their defaults. */
export const storageOptionTable = (name: string, storage: Quantity, resources: Resources) => ({
  ...cloudOptionTable(name, resources),
  storage: { rule: quantity, default: storage },
});

/** Rule for an option that takes the ingress of a component. */
export const ingressOption = objectWithFields('a BasicAuthIngress', 'expose');
