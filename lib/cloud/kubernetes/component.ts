import type { CloudComponent } from '../cloud-component';
import { KubernetesTargets } from './kubernetes-targets';
import { KUBERNETES_THRESHOLDS, type KubernetesThresholds, kubernetesRules } from './rules';

/**
 * The component `kubernetes` of an environment: rules about the cloud cluster, and the scrape targets for its
 * kubelets and API servers. `KubernetesTargets` adds these targets to the metrics store itself.
 */
export const kubernetesComponent: CloudComponent<KubernetesThresholds> = {
  thresholds: KUBERNETES_THRESHOLDS,
  rules: (_, limits) => [kubernetesRules(limits)],
  make: (scope, { metricsStore: store }) => {
    new KubernetesTargets(scope, 'kubernetes', { store });
    return [];
  },
};
