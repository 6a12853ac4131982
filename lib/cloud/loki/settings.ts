import type { Authentication } from '../../access/authentication';
import type { RateLimit } from '../../access/guard-options';
import { hostName, objectName } from '../../core/option-rules';
import { type OptionTable, optionSubsetRule } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { LOKI_OPTIONS, type LokiStackProps } from './options';

/** Names of the options of `LokiStack` that are allowed in the setting `loki`. */
const OFFERED = [
  'deployment',
  'streamRetention',
  'maxLineAge',
  'limits',
  'multiTenancy',
  'resources',
] as const;

/** Value of the setting `loki`. */
export type LokiSettings = Pick<LokiStackProps, (typeof OFFERED)[number]>;

/** Top-level settings of an environment that belong to Loki. */
interface OwnSettings {
  /**
   * Options of Loki, such as deployment mode, limits and tenants.
   * @default - a single Loki with a volume, sized for `edge.fleet`; without `edge.fleet`, for some hundred nodes
   */
  readonly loki?: LokiSettings;
}

/** Fields of the setting `hosts` that belong to Loki. */
interface LokiHost {
  /** Public host name to which edge nodes push logs, such as `logs.example.com`. */
  readonly logs: string;
}

/** Fields of the setting `retention` that belong to Loki. */
interface LokiRetention {
  /** Retention period of log lines. @default "30d" */
  readonly logs?: Duration;
}

/** Fields of the setting `storage` that belong to Loki. */
interface LokiStorage {
  /**
   * Size of the volume of each Loki replica.
   * @default "50Gi" - or, if `edge.fleet` is set, the size that is computed for the fleet
   */
  readonly loki?: Quantity;
}

/** Fields of the setting `secrets` that belong to Loki. */
interface LokiSecrets {
  /** Name of the Secret in the cloud cluster with the users that are allowed to push logs. @default "logs-users" */
  readonly logsUsers?: string;
  /** Name of the Secret on edge nodes with the user name and password for pushing logs. @default "logs-credentials" */
  readonly logsCredentials?: string;
}

/** All settings of an environment that Loki uses. */
export interface LokiEnvironment extends OwnSettings {
  readonly hosts: LokiHost;
  readonly retention?: LokiRetention;
  readonly storage?: LokiStorage;
  readonly secrets?: LokiSecrets;
  readonly longestOutage?: Duration;
  readonly ingress?: {
    readonly rateLimit?: RateLimit;
    readonly groups?: readonly string[];
    readonly authentication?: Authentication;
  };
}

/** Validation rule and default of the setting `loki`. */
export const LOKI_SETTINGS = {
  loki: { rule: optionSubsetRule<LokiStackProps>(LOKI_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Validation rule of the setting `hosts.logs`. */
export const LOKI_HOST = { logs: { rule: hostName } } satisfies OptionTable<LokiHost>;

/** Validation rule and default of the setting `retention.logs`. */
export const LOKI_RETENTION = { logs: LOKI_OPTIONS.retention } satisfies OptionTable<LokiRetention>;

/** Validation rule and default of the setting `storage.loki`. */
export const LOKI_STORAGE = { loki: LOKI_OPTIONS.storage } satisfies OptionTable<LokiStorage>;

/** Validation rules and defaults of Loki's fields in the setting `secrets`. */
export const LOKI_SECRETS = {
  logsUsers: { rule: objectName, default: 'logs-users' },
  logsCredentials: { rule: objectName, default: 'logs-credentials' },
} satisfies OptionTable<LokiSecrets>;
