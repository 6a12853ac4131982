import type { Component } from '../../core/component';
import { KUBEEDGE_THRESHOLDS, type KubeEdgeThresholds, kubeEdgeRules } from './rules';

/** The cloud side of KubeEdge, as an environment knows it. */
export const kubeEdgeComponent: Component<KubeEdgeThresholds> = {
  thresholds: KUBEEDGE_THRESHOLDS,
  rules: (_, limits) => [kubeEdgeRules(limits)],
};
