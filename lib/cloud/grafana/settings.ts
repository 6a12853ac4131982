import { hostName, objectName } from '../../core/option-rules';
import { type OptionTable, optionSubsetRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { GRAFANA_OPTIONS, type GrafanaProps } from './grafana';

/** Names of the options of `Grafana` that are allowed in the setting `grafana`. */
const OFFERED = ['ini', 'dataSources', 'folder', 'resources'] as const;

/** Value of the setting `grafana`. */
export type GrafanaSettings = Pick<GrafanaProps, (typeof OFFERED)[number]>;

/** Top-level settings of an environment that belong to Grafana. */
interface OwnSettings {
  /**
   * Sections of grafana.ini, additional data sources, folder title and resources of Grafana.
   * @default - the default of each option
   */
  readonly grafana?: GrafanaSettings;
}

/** Fields of the setting `hosts` that belong to Grafana. */
interface GrafanaHost {
  /**
   * Public host name of Grafana, such as `grafana.example.com`.
   * @default - Grafana is only reachable inside the cluster
   */
  readonly grafana?: string;
}

/** Fields of the setting `storage` that belong to Grafana. */
interface GrafanaStorage {
  /**
   * Size of Grafana's volume for users, preferences, and dashboards that were created in the UI.
   * @default "2Gi"
   */
  readonly grafana?: Quantity;
}

/** Fields of the setting `secrets` that belong to Grafana. */
interface GrafanaSecrets {
  /**
   * Secret in the cloud cluster with the users of the basic auth in front of Grafana's own login.
   * @default "grafana-users"
   */
  readonly grafanaUsers?: string;
  /**
   * Secret in the cloud cluster with the user name and password of Grafana's administrator.
   * @default "grafana-admin"
   */
  readonly grafanaAdmin?: string;
  /**
   * Secret in the cloud cluster with the values that the settings `grafana.ini` and `grafana.dataSources` reference.
   * @default "grafana-secrets"
   */
  readonly grafana?: string;
}

/** All settings of an environment that Grafana uses. */
export interface GrafanaEnvironment extends OwnSettings {
  readonly hosts: GrafanaHost;
  readonly storage?: GrafanaStorage;
  readonly secrets?: GrafanaSecrets;
  readonly alerts?: { readonly runbooks?: string };
}

/** Validation rule and default of the setting `grafana`. */
export const GRAFANA_SETTINGS = {
  grafana: { rule: optionSubsetRule<GrafanaProps>(GRAFANA_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Validation rule and default of the setting `hosts.grafana`. */
export const GRAFANA_HOST = {
  grafana: { rule: hostName, default: undefined },
} satisfies OptionTable<GrafanaHost>;

/** Validation rule and default of the setting `storage.grafana`. */
export const GRAFANA_STORAGE = { grafana: GRAFANA_OPTIONS.storage } satisfies OptionTable<GrafanaStorage>;

/** Validation rules and defaults of Grafana's fields in the setting `secrets`. */
export const GRAFANA_SECRETS = {
  grafanaUsers: { rule: objectName, default: 'grafana-users' },
  grafanaAdmin: GRAFANA_OPTIONS.adminSecretName,
  grafana: GRAFANA_OPTIONS.secretName,
} satisfies OptionTable<GrafanaSecrets>;
