import type { Component } from '../../core/component';
import { podsDashboard } from './dashboard';
import { containerRules, POD_THRESHOLDS, type PodThresholds, podRules } from './rules';

/**
 * The pods of edge nodes as a component of an environment. Only agents scrape the kubelets, sidecars do not.
 */
export const podsComponent: Component<
  PodThresholds,
  { readonly edgeNamespace?: string; readonly gateway?: string }
> = {
  thresholds: POD_THRESHOLDS,
  rules: ({ edgeNamespace, gateway }, limits) => [
    podRules(limits, edgeNamespace),
    ...(gateway ? [containerRules(limits)] : []),
  ],
  dashboards: () => [podsDashboard()],
};
