import type { Component } from '../core/component';
import { certificateRules, INGRESS_THRESHOLDS, type IngressThresholds, loginRules } from './ingress.rules';

/** The public hosts as a component of an environment. */
export const ingressComponent: Component<
  IngressThresholds,
  { readonly certificates?: boolean; readonly ingressNamespaces?: readonly string[] }
> = {
  thresholds: INGRESS_THRESHOLDS,
  rules: ({ certificates }, limits) => (certificates ? [certificateRules(limits)] : []),
  logRules: ({ ingressNamespaces }, limits) => [loginRules(limits, ingressNamespaces?.join('|'))],
};
