export {
  type Device,
  type DevicePorts,
  defaultTargetsDirectory as targetsDirectoryOf,
  defineDevice,
  deviceRule,
  type KnownDevice,
  knownDevice as deviceOf,
  mergeDevices as completed,
  mountPoint,
  stateVolume,
} from './device';
export {
  EdgeDaemonSet,
  type EdgeDaemonSetProps,
  type EdgePodOptions,
  type EdgeUpdateStrategy,
} from './edge-daemon-set';
export {
  type HttpProxy,
  proxyCheckContainer as checkProxy,
  withProxyEnv as throughProxy,
} from './http-proxy';
export { claimOnNodes } from './node-claims';
export { EDGE_POD_OPTIONS, edgePodOptions as podOptions } from './options';
