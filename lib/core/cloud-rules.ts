import type { Construct } from 'constructs';
import { resources as resourcesRule } from './kubernetes-rules';
import { dnsLabel, quantity } from './option-rules';
import { Platform } from './platform';
import type { Namespaces } from './platform-options';
import type { Resources } from './pods';
import { having } from './structure-rules';
import type { Quantity } from './units';

/** The namespace of a construct without one of its own: by the kind of work that its pods do. */
export const namespaceFor = (kind: keyof Namespaces) => ({
  rule: dnsLabel,
  derive: (_: unknown, scope: Construct): string => Platform.of(scope).namespaceOf(scope, kind),
});

/** Options that components of the cloud share, with what is left out. */
export const cloudOptions = (name: string, resources: Resources) => ({
  name: { rule: dnsLabel, default: name },
  namespace: namespaceFor('cloud'),
  resources: { rule: resourcesRule, default: resources },
});

/** The same of components that keep something on a volume. */
export const storedOptions = (name: string, storage: Quantity, resources: Resources) => ({
  ...cloudOptions(name, resources),
  storage: { rule: quantity, default: storage },
});

/** What puts a component within reach from outside of the cluster. */
export const ingressOption = having('a BasicAuthIngress', 'expose');
