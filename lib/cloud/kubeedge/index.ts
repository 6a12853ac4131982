export { KUBEEDGE_THRESHOLDS, type KubeEdgeThresholds, kubeEdgeRules } from './rules';
