import type { Component } from '../../core/component';
import { alertAndRecordingRulesAboutKubeEdge, KUBEEDGE_THRESHOLDS, type KubeEdgeThresholds } from './rules';

/** The component `kubeedge` of an environment: rules about KubeEdge's CloudCore. The component creates no objects. */
export const kubeEdgeComponent: Component<KubeEdgeThresholds> = {
  thresholds: KUBEEDGE_THRESHOLDS,
  rules: (_, limits) => [alertAndRecordingRulesAboutKubeEdge(limits)],
};
