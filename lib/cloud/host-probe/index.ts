export { hostProbeComponent } from './component';
export { HostProbe, type HostProbeProps } from './host-probe';
export type { HostProbeSettings } from './settings';
