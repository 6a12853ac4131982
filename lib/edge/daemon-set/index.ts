export {
  completed,
  type Device,
  type DevicePorts,
  defineDevice,
  deviceOf,
  deviceRule,
  type KnownDevice,
  mountPoint,
  stateVolume,
  targetsDirectoryOf,
} from './device';
export {
  EdgeDaemonSet,
  type EdgeDaemonSetProps,
  type EdgePodOptions,
  type EdgeUpdateStrategy,
} from './edge-daemon-set';
export { checkProxy, type HttpProxy, throughProxy } from './http-proxy';
export { claimOnNodes } from './node-claims';
export { EDGE_POD_OPTIONS, podOptions } from './options';
