import type { Component } from '../../core/component';
import { podsDashboard } from './dashboard';
import {
  alertRulesAboutEdgeContainers,
  alertRulesAboutEdgePods,
  POD_THRESHOLDS,
  type PodThresholds,
} from './rules';

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
    alertRulesAboutEdgePods(limits, edgeNamespace),
    ...(gateway ? [alertRulesAboutEdgeContainers(limits)] : []),
  ],
  dashboards: () => [podsDashboard()],
};
