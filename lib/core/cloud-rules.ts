import { resources } from './kubernetes-rules';
import { dnsLabel, quantity } from './option-rules';
import { having } from './structure-rules';

/** Options that components of the cloud share. */
export const CLOUD_OPTIONS = { name: dnsLabel, namespace: dnsLabel, resources };

/** The same of components that keep something on a volume. */
export const STORED_OPTIONS = { ...CLOUD_OPTIONS, storage: quantity };

/** What puts a component within reach from outside of the cluster. */
export const ingressOption = having('a BasicAuthIngress', 'expose');
