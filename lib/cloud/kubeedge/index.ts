export { kubeEdgeComponent } from './component';
