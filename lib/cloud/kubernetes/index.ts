export { CLOUD_NODES_ONLY, KubernetesTargets, NODE_LABEL } from './kubernetes-targets';
export { KUBERNETES_THRESHOLDS, type KubernetesThresholds, kubernetesRules } from './rules';
