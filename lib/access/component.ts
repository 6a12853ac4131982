import type { Component } from '../core/component';
import {
  certificateRules,
  INGRESS_THRESHOLDS,
  type IngressThresholds,
  refusedRequestRules,
} from './ingress.rules';

/** The public hosts as a component of an environment, with the alerts about certificates and logins. */
export const ingressComponent: Component<
  IngressThresholds,
  { readonly certificates?: boolean; readonly ingressNamespaces?: readonly string[] }
> = {
  thresholds: INGRESS_THRESHOLDS,
  rules: ({ certificates }, limits) => (certificates ? [certificateRules(limits)] : []),
  logRules: ({ ingressNamespaces }, limits) => [refusedRequestRules(limits, ingressNamespaces?.join('|'))],
};
