export {
  type Device,
  type DevicePorts,
  defaultScrapeTargetsDirectory,
  deviceRule,
  mergeDeviceProperties,
  mountPoint,
  type ResolvedDevice,
  resolveDeviceProperties,
  setDeviceForScope,
  stateVolumeForProgram,
} from './device';
export {
  EdgeDaemonSet,
  type EdgeDaemonSetProps,
  type EdgePodOptions,
  type EdgeUpdateStrategy,
} from './edge-daemon-set';
export {
  addProxyEnvToContainer,
  type HttpProxy,
  initContainersThatCheckProxyCredentials,
} from './http-proxy';
export { claimNodeResource } from './node-claims';
export { EDGE_POD_OPTIONS, pickPodOptions } from './options';
