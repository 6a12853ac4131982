export { nodeAdmissionComponent } from './component';
export { type LabeledGroup, NodeAdmission, type NodeAdmissionProps } from './node-admission';
