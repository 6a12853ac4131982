import type { Component } from '../core/component';
import { certificateRules, INGRESS_THRESHOLDS, type IngressThresholds, loginRules } from './ingress.rules';

/** The public hosts, as an environment knows them. */
export const ingressComponent: Component<
  IngressThresholds,
  { readonly certificates?: boolean; readonly ingressNamespaces?: readonly string[] }
> = {
  thresholds: INGRESS_THRESHOLDS,
  rules: ({ certificates, ingressNamespaces }, limits) => ({
    prometheus: certificates ? [certificateRules(limits)] : [],
    loki: [loginRules(limits, ingressNamespaces?.join('|'))],
  }),
};
