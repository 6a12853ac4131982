import type { Component } from '../../core/component';
import { KUBEEDGE_THRESHOLDS, type KubeEdgeThresholds, kubeEdgeAlertAndRecordingRules } from './rules';

/** The component `kubeedge` of an environment: rules about KubeEdge's CloudCore. The component creates no objects. */
export const kubeEdgeComponent: Component<KubeEdgeThresholds> = {
  thresholds: KUBEEDGE_THRESHOLDS,
  rules: (_, limits) => [kubeEdgeAlertAndRecordingRules(limits)],
};
