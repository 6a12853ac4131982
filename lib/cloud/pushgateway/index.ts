export {
  EXPORTERS_PUSHGATEWAY,
  pushgatewayComponent,
  SERVICES_PREFIX,
  SERVICES_PUSHGATEWAY,
} from './component';
export { resolvePushLimits } from './limits';
export {
  PUSHGATEWAY_OPTIONS,
  type PushgatewayProps,
  type PushLimitOptions,
  type ReaperOptions,
} from './options';
export { Pushgateway } from './pushgateway';
export type { PushgatewaySettings, SharedPushgateway } from './settings';
export { pushgatewaySizing } from './sizing';
