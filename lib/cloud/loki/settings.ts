import type { RateLimit } from '../../access/guard-options';
import { hostName, objectName } from '../../core/option-rules';
import { type OptionTable, offered } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import { LOKI_OPTIONS, type LokiStackProps } from './options';

/** Options of Loki that settings pass on as they are. */
const OFFERED = [
  'deployment',
  'streamRetention',
  'maxLineAge',
  'limits',
  'multiTenancy',
  'resources',
] as const;

/** How Loki runs, and how much it takes. */
export type LokiSettings = Pick<LokiStackProps, (typeof OFFERED)[number]>;

/** Settings of an environment for Loki. */
interface OwnSettings {
  /** @default - one Loki on a volume, for a fleet of some hundred nodes */
  readonly loki?: LokiSettings;
}

/** The public host of Loki. */
interface LokiHost {
  /** Where the edge pushes logs. */
  readonly logs: string;
}

/** How long lines are stored. */
interface LokiRetention {
  /** How long lines are kept. @default "30d" */
  readonly logs?: Duration;
}

/** The volume of Loki. */
interface LokiStorage {
  /** Lines. @default "50Gi" - or what `edge.fleet` needs */
  readonly loki?: Quantity;
}

/** Secrets of Loki's public host. */
interface LokiSecrets {
  /** Cloud: the users that may push logs. @default "logs-users" */
  readonly logsUsers?: string;
  /** Edge: name and password of the user that pushes logs. @default "logs-credentials" */
  readonly logsCredentials?: string;
}

/** Settings that concern Loki. */
export interface LokiEnvironment extends OwnSettings {
  readonly hosts: LokiHost;
  readonly retention?: LokiRetention;
  readonly storage?: LokiStorage;
  readonly secrets?: LokiSecrets;
  readonly longestOutage?: Duration;
  readonly ingress?: { readonly rateLimit?: RateLimit; readonly groups?: readonly string[] };
}

/** The settings `loki`. */
export const LOKI_SETTINGS = {
  loki: { rule: offered<LokiStackProps>(LOKI_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Its part of the settings `hosts`. */
export const LOKI_HOST = { logs: { rule: hostName } } satisfies OptionTable<LokiHost>;

/** Its part of the settings `retention`. */
export const LOKI_RETENTION = { logs: LOKI_OPTIONS.retention } satisfies OptionTable<LokiRetention>;

/** Its part of the settings `storage`. */
export const LOKI_STORAGE = { loki: LOKI_OPTIONS.storage } satisfies OptionTable<LokiStorage>;

/** Its part of the settings `secrets`. */
export const LOKI_SECRETS = {
  logsUsers: { rule: objectName, default: 'logs-users' },
  logsCredentials: { rule: objectName, default: 'logs-credentials' },
} satisfies OptionTable<LokiSecrets>;
