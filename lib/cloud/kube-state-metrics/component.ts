import { firstScrapeJobNameOfComponent, type RuledTargets } from '../../core/component';
import type { CloudComponent } from '../cloud-component';
import { KubeStateMetrics } from './kube-state-metrics';
import { alertRulesAboutKubeStateMetrics } from './rules';
import { type KubeStateMetricsPlan, type KubeStateMetricsSizes, kubeStateMetricsSizing } from './sizing';

/** The component `kube-state-metrics` of an environment. */
export const kubeStateMetricsComponent = {
  sizing: kubeStateMetricsSizing,
  make: (scope, { nodeLabels }, sizes) => [
    new KubeStateMetrics(scope, 'kube-state-metrics', { ...sizes.kubeStateMetrics, nodeLabels }),
  ],
  rules: (environment) => [
    alertRulesAboutKubeStateMetrics(firstScrapeJobNameOfComponent('kube-state-metrics', environment)),
  ],
} satisfies CloudComponent<object, RuledTargets, KubeStateMetricsPlan, KubeStateMetricsSizes>;
