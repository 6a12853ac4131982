import type { CloudComponent } from '../cloud-component';
import { KubernetesTargets } from './kubernetes-targets';
import { alertRulesAboutKubernetes, KUBERNETES_THRESHOLDS, type KubernetesThresholds } from './rules';

/**
 * The component `kubernetes` of an environment: rules about the cloud cluster, and scrape targets for the cluster's
 * kubelets and API servers. The component returns no targets, because `KubernetesTargets` itself adds them to the
 * metrics store.
 */
export const kubernetesComponent: CloudComponent<KubernetesThresholds> = {
  thresholds: KUBERNETES_THRESHOLDS,
  rules: (_, limits) => [alertRulesAboutKubernetes(limits)],
  make: (scope, { metricsStore: store }) => {
    new KubernetesTargets(scope, 'kubernetes', { store });
    return [];
  },
};
