import type { CloudComponent } from '../cloud-component';
import { KubernetesTargets } from './kubernetes-targets';
import { alertRulesAboutKubernetes, KUBERNETES_THRESHOLDS, type KubernetesThresholds } from './rules';

/**
 * The component `kubernetes` of an environment: rules about the cloud cluster, and a `KubernetesTargets`. The function
 * `make` returns an empty list, because `KubernetesTargets` itself adds its scrape targets to the metrics store.
 */
export const kubernetesComponent: CloudComponent<KubernetesThresholds> = {
  thresholds: KUBERNETES_THRESHOLDS,
  rules: (_, limits) => [alertRulesAboutKubernetes(limits)],
  make: (scope, { metricsStore: store }) => {
    new KubernetesTargets(scope, 'kubernetes', { store });
    return [];
  },
};
