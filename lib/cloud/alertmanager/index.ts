export { ALERTMANAGER_OPTIONS, Alertmanager, type AlertmanagerProps } from './alertmanager';
export { alertmanagerComponent } from './component';
export { type Routing, validateAndConvertInhibitionRules } from './config';
export type { Integration, IntegrationConfig } from './receiver-fields';
export {
  type DingTalkProps,
  dingTalk,
  type EmailProps,
  email,
  pagerDuty,
  RECEIVERS_DIR,
  type Receiver,
  type ReceiverProps,
  type SlackProps,
  slack,
  type WeComProps,
  webhook,
  weCom,
  weComRobot,
} from './receivers';
export type { Route } from './route-rules';
export type { TimeInterval } from './time-interval-rules';
