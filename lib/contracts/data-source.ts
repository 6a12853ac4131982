import type { NetworkServer } from './network';

/** A data source in the format of Grafana's provisioning files. */
export interface GrafanaDataSource {
  /** What people choose it by in Grafana. */
  readonly name: string;
  /** What dashboards and links name it by: never changes. */
  readonly uid: string;
  /** Which of Grafana's plugins asks it; all of these come with Grafana. */
  readonly type: 'prometheus' | 'loki' | 'alertmanager';
  /** Address inside the cluster, without credentials. */
  readonly url: string;
  /** Whether panels ask it that name no other; at most one is. @default false */
  readonly isDefault?: boolean;
  /** Options of the plugin, as its documentation names them. @default - the plugin's own */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /** What Grafana keeps encrypted; no secret stands here, as this is written to the manifests. @default - nothing */
  readonly secureJsonData?: Readonly<Record<string, string>>;
}

/** Something that Grafana can query. */
export interface DataSource {
  /** What is written to Grafana's file of data sources. */
  readonly dataSource: GrafanaDataSource;
  /** What Grafana connects to, so that network policies open exactly that. */
  readonly queryServer: NetworkServer;
}
