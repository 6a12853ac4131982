export {
  type Device,
  type DevicePorts,
  defaultTargetsDirectory,
  deviceRule,
  mergeDeviceProperties,
  mountPoint,
  programStateVolume,
  type ResolvedDevice,
  resolveDeviceProperties,
  setDeviceForScope,
} from './device';
export {
  EdgeDaemonSet,
  type EdgeDaemonSetProps,
  type EdgePodOptions,
  type EdgeUpdateStrategy,
} from './edge-daemon-set';
export {
  type HttpProxy,
  proxyCredentialsCheckInitContainers,
  withProxyEnv,
} from './http-proxy';
export { claimNodeResource } from './node-claims';
export { EDGE_POD_OPTIONS, pickPodOptions } from './options';
