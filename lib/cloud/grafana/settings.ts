import { hostName, objectName } from '../../core/option-rules';
import { type OptionTable, offeredOptionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { GRAFANA_OPTIONS, type GrafanaProps } from './grafana';

/** Options of Grafana that settings forward. */
const OFFERED = ['ini', 'dataSources', 'folder', 'resources'] as const;

/** Settings for Grafana. */
export type GrafanaSettings = Pick<GrafanaProps, (typeof OFFERED)[number]>;

/** Settings of an environment for Grafana. */
interface OwnSettings {
  /**
   * Sections of grafana.ini, additional data sources, and the title of the folder.
   * @default - those of the stack
   */
  readonly grafana?: GrafanaSettings;
}

/** The public host of Grafana. */
interface GrafanaHost {
  /** Host of Grafana. @default - none; only reachable inside the cluster */
  readonly grafana?: string;
}

/** The volume of Grafana. */
interface GrafanaStorage {
  /** Size of the volume for users, preferences and dashboards created in the UI. @default "2Gi" */
  readonly grafana?: Quantity;
}

/** Secrets of Grafana. */
interface GrafanaSecrets {
  /** Cloud: users for the Basic Auth in front of Grafana's login. @default "grafana-users" */
  readonly grafanaUsers?: string;
  /** Cloud: user name and password of Grafana's administrator. @default "grafana-admin" */
  readonly grafanaAdmin?: string;
  /** Cloud: values that `grafana.ini` and `grafana.dataSources` reference. @default "grafana-secrets" */
  readonly grafana?: string;
}

/** Settings of an environment that Grafana uses. */
export interface GrafanaEnvironment extends OwnSettings {
  readonly hosts: GrafanaHost;
  readonly storage?: GrafanaStorage;
  readonly secrets?: GrafanaSecrets;
  readonly alerts?: { readonly runbooks?: string };
}

/** The settings `grafana`. */
export const GRAFANA_SETTINGS = {
  grafana: { rule: offeredOptionsRule<GrafanaProps>(GRAFANA_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Grafana's part of the settings `hosts`. */
export const GRAFANA_HOST = {
  grafana: { rule: hostName, default: undefined },
} satisfies OptionTable<GrafanaHost>;

/** Grafana's part of the settings `storage`. */
export const GRAFANA_STORAGE = { grafana: GRAFANA_OPTIONS.storage } satisfies OptionTable<GrafanaStorage>;

/** Grafana's part of the settings `secrets`. */
export const GRAFANA_SECRETS = {
  grafanaUsers: { rule: objectName, default: 'grafana-users' },
  grafanaAdmin: GRAFANA_OPTIONS.adminSecretName,
  grafana: GRAFANA_OPTIONS.secretName,
} satisfies OptionTable<GrafanaSecrets>;
