import { type OptionTable, offeredOptionsRule, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { PUSHGATEWAY_OPTIONS, type PushgatewayProps } from './options';

/** Options of a Pushgateway that settings forward. */
const OFFERED = ['shards', 'formerShards', 'reaper', 'scrapeInterval', 'limits', 'resources'] as const;

/** Settings for a Pushgateway. */
export type SharedPushgateway = Pick<PushgatewayProps, (typeof OFFERED)[number]>;

/** Settings for the two Pushgateways: shards, limits and deletion of stale groups. */
export interface PushgatewaySettings {
  /** Pushgateway of the exporters. @default - one shard; groups are deleted a day after their last push */
  readonly exporters?: SharedPushgateway;
  /**
   * Pushgateway of business services; `{}` creates one even if all nodes use remote write.
   * @default - one shard, from which nothing is deleted, since services may push rarely; none if all nodes
   * use remote write, since services then push to the gateway
   */
  readonly services?: SharedPushgateway;
}

/** Settings of an environment for the Pushgateways. */
interface OwnSettings {
  readonly pushgateways?: PushgatewaySettings;
}

/** The volumes of the Pushgateways. */
interface PushgatewayStorage {
  /** Size of each shard's volume, which persists the pushed metrics. @default "2Gi" */
  readonly pushgateway?: Quantity;
}

/** Settings of an environment that the Pushgateways use. */
export interface PushgatewayEnvironment extends OwnSettings {
  readonly storage?: PushgatewayStorage;
}

const pushgateway = offeredOptionsRule<PushgatewayProps>(PUSHGATEWAY_OPTIONS, OFFERED);

/** The options of the settings `pushgateways`. */
export const PUSHGATEWAYS = {
  exporters: { rule: pushgateway, default: {} },
  services: { rule: pushgateway, default: undefined },
} satisfies OptionTable<PushgatewaySettings>;

/** The settings `pushgateways`. */
export const PUSHGATEWAY_SETTINGS = {
  pushgateways: { rule: optionsRule<PushgatewaySettings>(PUSHGATEWAYS), default: {} },
} satisfies OptionTable<OwnSettings>;

/** The Pushgateways' part of the settings `storage`. */
export const PUSHGATEWAY_STORAGE = {
  pushgateway: PUSHGATEWAY_OPTIONS.storage,
} satisfies OptionTable<PushgatewayStorage>;
