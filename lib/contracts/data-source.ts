import type { NetworkServer } from './network';

/** A data source in the format of Grafana's provisioning files. */
export interface GrafanaDataSource {
  readonly name: string;
  readonly uid: string;
  readonly type: 'prometheus' | 'loki' | 'alertmanager';
  readonly url: string;
  readonly isDefault?: boolean;
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /** What Grafana keeps encrypted; no secret stands here, as this is written to the manifests. */
  readonly secureJsonData?: Readonly<Record<string, string>>;
}

/** Something that Grafana can query. */
export interface DataSource {
  readonly dataSource: GrafanaDataSource;
  /** What Grafana connects to, so that network policies open exactly that. */
  readonly queryServer: NetworkServer;
}
