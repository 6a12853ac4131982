import type { Component } from '../core/component';
import {
  certificateRules,
  INGRESS_THRESHOLDS,
  type IngressThresholds,
  refusedRequestRules,
} from './ingress.rules';

/** Component for the public hosts of an environment: the alerts about certificates and refused requests. */
export const ingressComponent: Component<
  IngressThresholds,
  { readonly certificates?: boolean; readonly ingressNamespaces?: readonly string[] }
> = {
  thresholds: INGRESS_THRESHOLDS,
  rules: ({ certificates }, limits) => (certificates ? [certificateRules(limits)] : []),
  logRules: ({ ingressNamespaces }, limits) => [refusedRequestRules(limits, ingressNamespaces?.join('|'))],
};
