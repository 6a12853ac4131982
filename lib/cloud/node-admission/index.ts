export { nodeAdmissionComponent } from './component';
export { NodeAdmission, type NodeAdmissionProps } from './node-admission';
