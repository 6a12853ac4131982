import { type OptionTable, optionSubsetRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from './options';

/** Names of the options of `MetricsGateway` that are allowed in the setting `metricsGateway`. */
const OFFERED = ['replicas', 'limits', 'samplesPerSecond', 'resources'] as const;

/** Value of the setting `metricsGateway`. */
export type MetricsGatewaySettings = Pick<MetricsGatewayProps, (typeof OFFERED)[number]>;

/** Top-level settings of an environment that belong to the metrics gateway. */
interface OwnSettings {
  /**
   * Options of the metrics gateway. Only allowed if nodes use the transport `remote-write`.
   * @default - computed from `edge.fleet`; without `edge.fleet`, the default of each option
   */
  readonly metricsGateway?: MetricsGatewaySettings;
}

/** Fields of the setting `storage` that belong to the metrics gateway. */
interface GatewayStorage {
  /**
   * Size of the volume of each gateway replica, on which samples are queued while the metrics store is unavailable.
   * @default "5Gi" - or, if `edge.fleet` is set, the size that is computed for the fleet (at least 5Gi)
   */
  readonly metricsGateway?: Quantity;
}

/** All settings of an environment that the metrics gateway uses. */
export interface GatewayEnvironment extends OwnSettings {
  readonly storage?: GatewayStorage;
}

/** Validation rule and default of the setting `metricsGateway`. */
export const GATEWAY_SETTINGS = {
  metricsGateway: {
    rule: optionSubsetRule<MetricsGatewayProps>(METRICS_GATEWAY_OPTIONS, OFFERED),
    default: undefined,
  },
} satisfies OptionTable<OwnSettings>;

/** Validation rule and default of the setting `storage.metricsGateway`. */
export const GATEWAY_STORAGE = {
  metricsGateway: METRICS_GATEWAY_OPTIONS.storage,
} satisfies OptionTable<GatewayStorage>;
