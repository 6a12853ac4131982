import { type OptionTable, offeredOptionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from './options';

/** Options of the gateway that settings forward. */
const OFFERED = ['replicas', 'limits', 'samplesPerSecond', 'resources'] as const;

/** Settings for the remote-write gateway. */
export type MetricsGatewaySettings = Pick<MetricsGatewayProps, (typeof OFFERED)[number]>;

/** Settings of an environment for the gateway. */
interface OwnSettings {
  /**
   * Settings for the remote-write gateway; refused if no nodes use the transport `remote-write`.
   * @default - sized for `edge.fleet`
   */
  readonly metricsGateway?: MetricsGatewaySettings;
}

/** The volumes of the gateway. */
interface GatewayStorage {
  /**
   * Size of each replica's volume, which queues samples while Prometheus is unavailable.
   * @default "5Gi" - or what `edge.fleet` needs
   */
  readonly metricsGateway?: Quantity;
}

/** Settings of an environment that the gateway uses. */
export interface GatewayEnvironment extends OwnSettings {
  readonly storage?: GatewayStorage;
}

/** The settings `metricsGateway`. */
export const GATEWAY_SETTINGS = {
  metricsGateway: {
    rule: offeredOptionsRule<MetricsGatewayProps>(METRICS_GATEWAY_OPTIONS, OFFERED),
    default: undefined,
  },
} satisfies OptionTable<OwnSettings>;

/** The gateway's part of the settings `storage`. */
export const GATEWAY_STORAGE = {
  metricsGateway: METRICS_GATEWAY_OPTIONS.storage,
} satisfies OptionTable<GatewayStorage>;
