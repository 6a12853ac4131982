import { type OptionTable, offered, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { PUSHGATEWAY_OPTIONS, type PushgatewayProps } from './options';

/** Options of a Pushgateway that settings pass on as they are. */
const OFFERED = ['shards', 'formerShards', 'reaper', 'scrapeInterval', 'limits', 'resources'] as const;

/** What can be said of each Pushgateway. */
export type SharedPushgateway = Pick<PushgatewayProps, (typeof OFFERED)[number]>;

/** How the two Pushgateways share their load, and what is deleted that nobody pushes any more. */
export interface PushgatewaySettings {
  /** That of the exporters. @default - one shard; groups are deleted a day after their last push */
  readonly exporters?: SharedPushgateway;
  /**
   * That of business services; `{}` has one also where all nodes write remotely.
   * @default - one shard, of which nothing is deleted, since services push when they like; where all nodes write remotely none, since the gateway takes their pushes
   */
  readonly services?: SharedPushgateway;
}

/** Settings of an environment for the Pushgateways. */
interface OwnSettings {
  readonly pushgateways?: PushgatewaySettings;
}

/** The volumes of the Pushgateways. */
interface PushgatewayStorage {
  /** What was pushed last, of each shard. @default "2Gi" */
  readonly pushgateway?: Quantity;
}

/** Settings that concern the Pushgateways. */
export interface PushgatewayEnvironment extends OwnSettings {
  readonly storage?: PushgatewayStorage;
}

const pushgateway = offered<PushgatewayProps>(PUSHGATEWAY_OPTIONS, OFFERED);

/** What the settings `pushgateways` hold. */
export const PUSHGATEWAYS = {
  exporters: { rule: pushgateway, default: {} },
  services: { rule: pushgateway, default: undefined },
} satisfies OptionTable<PushgatewaySettings>;

/** The settings `pushgateways`. */
export const PUSHGATEWAY_SETTINGS = {
  pushgateways: { rule: optionsRule<PushgatewaySettings>(PUSHGATEWAYS), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Their part of the settings `storage`. */
export const PUSHGATEWAY_STORAGE = {
  pushgateway: PUSHGATEWAY_OPTIONS.storage,
} satisfies OptionTable<PushgatewayStorage>;
