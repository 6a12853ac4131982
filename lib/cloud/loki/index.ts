export { lokiComponent } from './component';
export {
  type LokiDeployment,
  type ReplicatedProps,
  replicated,
  type S3Storage,
  singleBinary,
} from './deployment';
export type { StreamRetention } from './late-lines';
export { LOKI_LIMITS, type LokiLimits } from './limits';
export { LokiStack } from './loki-stack';
export { LOKI_OPTIONS, type LokiStackProps } from './options';
export type { LokiSettings } from './settings';
export type { LogLoad } from './sizing';
export type { MultiTenancy } from './tenants';
