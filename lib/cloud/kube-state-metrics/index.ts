export { KubeStateMetrics, type KubeStateMetricsProps } from './kube-state-metrics';
