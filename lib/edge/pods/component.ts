import type { Component } from '../../core/component';
import { podsDashboard } from './dashboard';
import { containerRules, POD_THRESHOLDS, type PodThresholds, podRules } from './rules';

/** The pods of edge nodes, as an environment knows them: agents read the kubelets, and sidecars do not. */
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
