import type { Component } from '../../core/component';
import { podsDashboard } from './dashboard';
import { containerRules, POD_THRESHOLDS, type PodThresholds, podRules } from './rules';

/**
 * Component with rules and the dashboard about the pods of edge nodes. Rules about containers require a metrics gateway,
 * because only metrics agents scrape the kubelets.
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
