import type { Component } from '../../core/component';
import { KUBERNETES_THRESHOLDS, type KubernetesThresholds, kubernetesRules } from './rules';

/** The cluster of the cloud side, as an environment knows it. */
export const kubernetesComponent: Component<KubernetesThresholds> = {
  thresholds: KUBERNETES_THRESHOLDS,
  rules: (_, limits) => [kubernetesRules(limits)],
};
