export { kubeStateMetricsComponent } from './component';
export { KubeStateMetrics, type KubeStateMetricsProps } from './kube-state-metrics';
