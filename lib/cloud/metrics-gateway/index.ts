export { METRICS_GATEWAY, metricsGatewayComponent } from './component';
export {
  EXTERNAL_STORE_OPTIONS,
  type ExternalStoreProps,
  passwordSentUnencryptedProblem,
  toRemoteWrite,
} from './external-store';
export { MetricsGateway } from './metrics-gateway';
export { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from './options';
export type { MetricsGatewaySettings } from './settings';
export { GATEWAY, metricsGatewaySizing } from './sizing';
