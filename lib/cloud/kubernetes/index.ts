export { kubernetesComponent } from './component';
export { CLOUD_NODES_ONLY, KubernetesTargets, NODE_LABEL } from './kubernetes-targets';
