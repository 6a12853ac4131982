import { hostName, objectName } from '../../core/option-rules';
import { type OptionTable, offered } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { GRAFANA_OPTIONS, type GrafanaProps } from './grafana';

/** Options of Grafana that settings pass on as they are. */
const OFFERED = ['ini', 'dataSources', 'folder', 'resources'] as const;

/** How Grafana is configured beside what the stack sets. */
export type GrafanaSettings = Pick<GrafanaProps, (typeof OFFERED)[number]>;

/** Settings of an environment for Grafana. */
interface OwnSettings {
  /** Sections of grafana.ini, more data sources, the title of the folder. @default - as the stack sets it */
  readonly grafana?: GrafanaSettings;
}

/** The public host of Grafana. */
interface GrafanaHost {
  /** Grafana. @default - not on the Internet: reachable inside the cluster only */
  readonly grafana?: string;
}

/** The volume of Grafana. */
interface GrafanaStorage {
  /** What people change in Grafana: users, dashboards of their own. @default "2Gi" */
  readonly grafana?: Quantity;
}

/** Secrets of Grafana. */
interface GrafanaSecrets {
  /** Cloud: the users that may reach Grafana's own login. @default "grafana-users" */
  readonly grafanaUsers?: string;
  /** Cloud: name and password of Grafana's administrator. @default "grafana-admin" */
  readonly grafanaAdmin?: string;
  /** Cloud: the values that `grafana.ini` and `grafana.dataSources` name. @default "grafana-secrets" */
  readonly grafana?: string;
}

/** Settings that concern Grafana. */
export interface GrafanaEnvironment extends OwnSettings {
  readonly hosts: GrafanaHost;
  readonly storage?: GrafanaStorage;
  readonly secrets?: GrafanaSecrets;
  readonly alerts?: { readonly runbooks?: string };
}

/** The settings `grafana`. */
export const GRAFANA_SETTINGS = {
  grafana: { rule: offered<GrafanaProps>(GRAFANA_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<OwnSettings>;

/** Its part of the settings `hosts`. */
export const GRAFANA_HOST = {
  grafana: { rule: hostName, default: undefined },
} satisfies OptionTable<GrafanaHost>;

/** Its part of the settings `storage`. */
export const GRAFANA_STORAGE = { grafana: GRAFANA_OPTIONS.storage } satisfies OptionTable<GrafanaStorage>;

/** Its part of the settings `secrets`. */
export const GRAFANA_SECRETS = {
  grafanaUsers: { rule: objectName, default: 'grafana-users' },
  grafanaAdmin: GRAFANA_OPTIONS.adminSecretName,
  grafana: GRAFANA_OPTIONS.secretName,
} satisfies OptionTable<GrafanaSecrets>;
