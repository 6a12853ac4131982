import type { CloudComponent } from '../cloud-component';
import { KubernetesTargets } from './kubernetes-targets';
import { KUBERNETES_THRESHOLDS, type KubernetesThresholds, kubernetesRules } from './rules';

/** The cloud cluster as a component of an environment. Its targets add themselves to the store of metrics. */
export const kubernetesComponent: CloudComponent<KubernetesThresholds> = {
  thresholds: KUBERNETES_THRESHOLDS,
  rules: (_, limits) => [kubernetesRules(limits)],
  make: (scope, { metricsStore: store }) => {
    new KubernetesTargets(scope, 'kubernetes', { store });
    return [];
  },
};
