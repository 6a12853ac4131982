import { type OptionTable, offered } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from './options';

/** Options of the gateway that settings pass on as they are. */
const OFFERED = ['replicas', 'limits', 'samplesPerSecond', 'resources'] as const;

/** What the gateway of remote write takes, and how much it lets through. */
export type MetricsGatewaySettings = Pick<MetricsGatewayProps, (typeof OFFERED)[number]>;

/** Settings of an environment for the gateway. */
interface OwnSettings {
  /** Of the transport `remote-write`; refused where no nodes have it. @default - as large as `edge.fleet` needs it */
  readonly metricsGateway?: MetricsGatewaySettings;
}

/** The volumes of the gateway. */
interface GatewayStorage {
  /** Samples that wait for Prometheus, of each replica. @default "5Gi" - or what `edge.fleet` needs */
  readonly metricsGateway?: Quantity;
}

/** Settings that concern the gateway. */
export interface GatewayEnvironment extends OwnSettings {
  readonly storage?: GatewayStorage;
}

/** The settings `metricsGateway`. */
export const GATEWAY_SETTINGS = {
  metricsGateway: {
    rule: offered<MetricsGatewayProps>(METRICS_GATEWAY_OPTIONS, OFFERED),
    default: undefined,
  },
} satisfies OptionTable<OwnSettings>;

/** Its part of the settings `storage`. */
export const GATEWAY_STORAGE = {
  metricsGateway: METRICS_GATEWAY_OPTIONS.storage,
} satisfies OptionTable<GatewayStorage>;
