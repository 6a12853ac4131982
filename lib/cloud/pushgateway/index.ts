export {
  EXPORTERS_PUSHGATEWAY,
  pushgatewayComponent,
  SERVICES_PREFIX,
  SERVICES_PUSHGATEWAY,
} from './component';
export {
  PUSHGATEWAY_OPTIONS,
  type PushgatewayProps,
  type PushLimitOptions,
  type ReaperOptions,
  resolvePushLimits as pushLimits,
} from './options';
export { Pushgateway } from './pushgateway';
export type { PushgatewaySettings, SharedPushgateway } from './settings';
export { pushgatewaySizing } from './sizing';
