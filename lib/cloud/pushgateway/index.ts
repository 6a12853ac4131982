export {
  PUSHGATEWAY_OPTIONS,
  type PushgatewayProps,
  type PushLimitOptions,
  pushLimits,
  type ReaperOptions,
} from './options';
export { Pushgateway } from './pushgateway';
export { PUSHGATEWAY_THRESHOLDS, type PushgatewayThresholds, pushgatewayRules } from './rules';
