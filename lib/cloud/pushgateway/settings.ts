import { type OptionTable, optionSubsetRule, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { PUSHGATEWAY_OPTIONS, type PushgatewayProps } from './options';

/**
 * Options of `Pushgateway` that are also settings below `pushgateways.exporters` and `pushgateways.services`.
 */
const OFFERED_OPTIONS = [
  'shards',
  'formerShards',
  'reaper',
  'scrapeInterval',
  'limits',
  'resources',
] as const;

/** Options of one of the two Pushgateways: for exporters, or for business services. */
export type SharedPushgateway = Pick<PushgatewayProps, (typeof OFFERED_OPTIONS)[number]>;

/** Value of the setting `pushgateways`: the options of the two Pushgateways. */
export interface PushgatewaySettings {
  /**
   * Options of the Pushgateway for exporters on edge nodes.
   * @default - shards and limits are computed from `edge.fleet`; without `edge.fleet`, one shard. The metrics
   * of a grouping key are deleted a day after their last push
   */
  readonly exporters?: SharedPushgateway;
  /**
   * Options of the Pushgateway for business services. Set `{}` to create this Pushgateway even if all nodes use remote
   * write.
   * @default - one shard, from which no metrics are deleted, because services may push rarely. If all nodes use remote
   * write, there is no Pushgateway for business services, and the services push to the metrics gateway
   */
  readonly services?: SharedPushgateway;
}

/** Top-level settings of an environment that only the Pushgateways use. */
interface OwnSettings {
  /**
   * Options of the Pushgateway for exporters, and of the Pushgateway for business services.
   * @default - the default of each option
   */
  readonly pushgateways?: PushgatewaySettings;
}

/** Settings below `storage` that only the Pushgateways use. */
interface PushgatewayStorage {
  /** Size of the volume of each Pushgateway shard. The volume contains the pushed metrics. @default "2Gi" */
  readonly pushgateway?: Quantity;
}

/** All settings of an environment that the Pushgateways use. */
export interface PushgatewayEnvironment extends OwnSettings {
  readonly storage?: PushgatewayStorage;
}

const pushgateway = optionSubsetRule<PushgatewayProps>(PUSHGATEWAY_OPTIONS, OFFERED_OPTIONS);

/** Validation rules and defaults of `pushgateways.exporters` and `pushgateways.services`. */
export const PUSHGATEWAYS = {
  exporters: { rule: pushgateway, default: {} },
  services: { rule: pushgateway, default: undefined },
} satisfies OptionTable<PushgatewaySettings>;

/** Validation rule and default of the setting `pushgateways`. */
export const PUSHGATEWAY_SETTINGS = {
  pushgateways: { rule: optionsRule<PushgatewaySettings>(PUSHGATEWAYS), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Validation rule and default of the setting `storage.pushgateway`. */
export const PUSHGATEWAY_STORAGE = {
  pushgateway: PUSHGATEWAY_OPTIONS.storage,
} satisfies OptionTable<PushgatewayStorage>;
