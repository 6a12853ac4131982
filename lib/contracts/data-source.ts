import type { PrivateCa } from './endpoint';
import type { NetworkServer } from './network';

/** A data source in the format of Grafana's provisioning files. */
export interface GrafanaDataSource {
  /** Name of the data source in Grafana. */
  readonly name: string;
  /** Unique identifier that dashboards and links use. It never changes. */
  readonly uid: string;
  /** Type of the data source: one of the plugins that Grafana includes. */
  readonly type: 'prometheus' | 'loki' | 'alertmanager';
  /** URL inside the cluster, without credentials. */
  readonly url: string;
  /**
   * Whether panels without a data source of their own use this one; at most one data source is the default.
   * @default false
   */
  readonly isDefault?: boolean;
  /** Options of the plugin, by the names in its documentation. @default - the plugin's defaults */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /** Whether the server asks for a password. @default false */
  readonly basicAuth?: boolean;
  /** The user. @default - none */
  readonly basicAuthUser?: string;
  /**
   * Options that Grafana stores encrypted. Reference secrets by environment variables or files: these values are
   * written to the manifests.
   * @default - none
   */
  readonly secureJsonData?: Readonly<Record<string, string>>;
}

/** Credentials and headers with which Grafana queries a server outside of the stack. */
export interface DataSourceAccess {
  /** Secret of type `kubernetes.io/basic-auth` in Grafana's namespace. @default - no authentication */
  readonly credentialsSecretName?: string;
  /** CA certificate that verifies the server. @default - the public CA certificates, if the URL is HTTPS */
  readonly privateCa?: PrivateCa;
  /** Request headers, such as the tenant's. Do not put secrets here. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that Grafana can query. */
export interface DataSource {
  /** The entry in Grafana's provisioning file of data sources. */
  readonly dataSource: GrafanaDataSource;
  /** The server that Grafana connects to; network policies are derived from it. */
  readonly queryServer: NetworkServer;
  /** How Grafana accesses a server outside of the stack. @default - none: the server is part of the stack */
  readonly queryAccess?: DataSourceAccess;
}
