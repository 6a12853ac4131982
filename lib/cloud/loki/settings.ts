import type { Authentication } from '../../access/authentication';
import type { RateLimit } from '../../access/guard-options';
import { hostName, objectName } from '../../core/option-rules';
import { type OptionTable, offeredOptionsRule } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { LOKI_OPTIONS, type LokiStackProps } from './options';

/** Options of Loki that settings forward. */
const OFFERED = [
  'deployment',
  'streamRetention',
  'maxLineAge',
  'limits',
  'multiTenancy',
  'resources',
] as const;

/** Settings for Loki. */
export type LokiSettings = Pick<LokiStackProps, (typeof OFFERED)[number]>;

/** Settings of an environment for Loki. */
interface OwnSettings {
  /**
   * Settings for Loki: deployment, limits and tenants.
   * @default - a single Loki with a volume, for a fleet of some hundred nodes
   */
  readonly loki?: LokiSettings;
}

/** The public host of Loki. */
interface LokiHost {
  /** Host that edge nodes push logs to. */
  readonly logs: string;
}

/** Retention period of log lines. */
interface LokiRetention {
  /** Retention period of log lines. @default "30d" */
  readonly logs?: Duration;
}

/** The volume of Loki. */
interface LokiStorage {
  /** Size of the volume for log lines. @default "50Gi" - or what `edge.fleet` needs */
  readonly loki?: Quantity;
}

/** Secrets of Loki's public host. */
interface LokiSecrets {
  /** Cloud: users that may push logs. @default "logs-users" */
  readonly logsUsers?: string;
  /** Edge: user name and password for pushing logs. @default "logs-credentials" */
  readonly logsCredentials?: string;
}

/** Settings of an environment that Loki uses. */
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

/** The settings `loki`. */
export const LOKI_SETTINGS = {
  loki: { rule: offeredOptionsRule<LokiStackProps>(LOKI_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Loki's part of the settings `hosts`. */
export const LOKI_HOST = { logs: { rule: hostName } } satisfies OptionTable<LokiHost>;

/** Loki's part of the settings `retention`. */
export const LOKI_RETENTION = { logs: LOKI_OPTIONS.retention } satisfies OptionTable<LokiRetention>;

/** Loki's part of the settings `storage`. */
export const LOKI_STORAGE = { loki: LOKI_OPTIONS.storage } satisfies OptionTable<LokiStorage>;

/** Loki's part of the settings `secrets`. */
export const LOKI_SECRETS = {
  logsUsers: { rule: objectName, default: 'logs-users' },
  logsCredentials: { rule: objectName, default: 'logs-credentials' },
} satisfies OptionTable<LokiSecrets>;
