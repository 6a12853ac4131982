import type { Component } from '../core/component';
import {
  alertRulesAboutCertificateExpiry,
  alertRulesAboutRefusedRequests,
  INGRESS_THRESHOLDS,
  type IngressThresholds,
} from './ingress.rules';

/** Component for the public hosts of an environment: the alerts about certificates and refused requests. */
export const ingressComponent: Component<
  IngressThresholds,
  { readonly certificates?: boolean; readonly ingressNamespaces?: readonly string[] }
> = {
  thresholds: INGRESS_THRESHOLDS,
  rules: ({ certificates }, limits) => (certificates ? [alertRulesAboutCertificateExpiry(limits)] : []),
  logRules: ({ ingressNamespaces }, limits) => [
    alertRulesAboutRefusedRequests(limits, ingressNamespaces?.join('|')),
  ],
};
