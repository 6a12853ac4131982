import type { Component } from '../../core/component';
import { KUBEEDGE_THRESHOLDS, type KubeEdgeThresholds, kubeEdgeRules } from './rules';

/** KubeEdge's CloudCore as a component of an environment. */
export const kubeEdgeComponent: Component<KubeEdgeThresholds> = {
  thresholds: KUBEEDGE_THRESHOLDS,
  rules: (_, limits) => [kubeEdgeRules(limits)],
};
