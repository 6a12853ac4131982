import type { PrivateCa } from './endpoint';
import type { NetworkServer } from './network';

/** A data source, with the field names of Grafana's provisioning files. */
export interface GrafanaDataSource {
  /** Name of the data source in Grafana. */
  readonly name: string;
  /** Unique and permanent identifier, which dashboards and links reference. */
  readonly uid: string;
  /** Plugin of the data source. Only plugins that Grafana includes are allowed. */
  readonly type: 'prometheus' | 'loki' | 'alertmanager';
  /** URL inside the cluster, without credentials. */
  readonly url: string;
  /**
   * Whether this is the default data source of Grafana. Only one data source can be the default.
   * @default false
   */
  readonly isDefault?: boolean;
  /** Options of the plugin, with the names in Grafana's documentation. @default - the plugin's defaults */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /**
   * Whether Grafana authenticates at the server with a user name and a password (Basic Auth).
   * @default false
   */
  readonly basicAuth?: boolean;
  /** User name for Basic Auth. @default - no user name */
  readonly basicAuthUser?: string;
  /**
   * Options that Grafana encrypts in its database. The manifests contain these values unencrypted, so
   * reference secrets by environment variables or files, such as `$__file{/etc/secrets/password}`.
   * @default - no encrypted options
   */
  readonly secureJsonData?: Readonly<Record<string, string>>;
}

/** Credentials and headers for Grafana's queries to a server that is not part of the stack. */
export interface DataSourceAccess {
  /**
   * Name of a Secret of type `kubernetes.io/basic-auth` in Grafana's namespace. @default - Grafana sends no
   * password
   */
  readonly credentialsSecretName?: string;
  /**
   * CA certificate with which Grafana verifies the server. @default - public CA certificates, if the URL is
   * HTTPS
   */
  readonly privateCa?: PrivateCa;
  /**
   * Request headers, such as `X-Scope-OrgID` for a tenant. Do not put secrets here.
   * @default - no additional headers
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that Grafana can query. */
export interface DataSource {
  /** The data source in the format of Grafana's provisioning files. */
  readonly dataSource: GrafanaDataSource;
  /** The server that Grafana queries, for network policies. */
  readonly queryServer: NetworkServer;
  /**
   * Credentials and headers for a server that is not part of the stack.
   * @default - Grafana sends neither a password nor headers
   */
  readonly queryAccess?: DataSourceAccess;
}
