import type { CloudComponent } from '../cloud-component';
import { KubernetesTargets } from './kubernetes-targets';
import { KUBERNETES_THRESHOLDS, type KubernetesThresholds, kubernetesRules } from './rules';

/** The cluster of the cloud side, as an environment knows it. Its targets add themselves to Prometheus. */
export const kubernetesComponent: CloudComponent<KubernetesThresholds> = {
  thresholds: KUBERNETES_THRESHOLDS,
  rules: (_, limits) => [kubernetesRules(limits)],
  make: (scope, { prometheus }) => {
    new KubernetesTargets(scope, 'kubernetes', { prometheus });
    return [];
  },
};
