import { type OptionTable, offeredOptionsRule, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { PUSHGATEWAY_OPTIONS, type PushgatewayProps } from './options';

/** Options of `Pushgateway` that the settings below `pushgateways` may contain. */
const OFFERED_OPTIONS = [
  'shards',
  'formerShards',
  'reaper',
  'scrapeInterval',
  'limits',
  'resources',
] as const;

/** Value of the settings `pushgateways.exporters` and `pushgateways.services`. */
export type SharedPushgateway = Pick<PushgatewayProps, (typeof OFFERED_OPTIONS)[number]>;

/**
 * Value of the setting `pushgateways`: options of the Pushgateway for exporters, and of the Pushgateway for
 * business services.
 */
export interface PushgatewaySettings {
  /**
   * Pushgateway for exporters on edge nodes.
   * @default - one shard; groups are deleted a day after their last push
   */
  readonly exporters?: SharedPushgateway;
  /**
   * Pushgateway for business services. Set `{}` to create this Pushgateway even if all nodes use remote write.
   * @default - if all nodes use remote write, the Pushgateway is not created, and services push to the metrics
   * gateway; otherwise one shard without deletion of groups, because services may push rarely
   */
  readonly services?: SharedPushgateway;
}

/** Top-level settings of an environment that belong to the Pushgateways. */
interface OwnSettings {
  readonly pushgateways?: PushgatewaySettings;
}

/** Fields of the setting `storage` that belong to the Pushgateways. */
interface PushgatewayStorage {
  /** Size of the volume of each Pushgateway shard, on which the pushed metrics are stored. @default "2Gi" */
  readonly pushgateway?: Quantity;
}

/** All settings of an environment that the Pushgateways use. */
export interface PushgatewayEnvironment extends OwnSettings {
  readonly storage?: PushgatewayStorage;
}

const pushgateway = offeredOptionsRule<PushgatewayProps>(PUSHGATEWAY_OPTIONS, OFFERED_OPTIONS);

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
