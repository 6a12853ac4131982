import type { DataSource } from './data-source';

/** A query of a panel. */
export interface PanelQuery {
  /** The query: PromQL, or LogQL in a panel about logs. */
  readonly expr: string;
  /**
   * Name of each series, such as `{{node}}`; in a table, the name of the column.
   * @default - the series' labels
   */
  readonly legend?: string;
  /** Whether the series is a limit, such as a budget; it is drawn as a dashed line. @default false */
  readonly isLimit?: boolean;
}

/** A panel of a dashboard. */
export interface Panel {
  /**
   * Type of visualization: a graph over time, the last value, a table with a row for each series, or log
   * lines.
   */
  readonly kind: 'timeseries' | 'stat' | 'table' | 'logs';
  /** Title of the panel. */
  readonly title: string;
  /** Description: what the panel shows, and how to interpret it. */
  readonly description: string;
  /** Queries of the panel. A table joins their results by label, with a column for each query. */
  readonly queries: readonly [PanelQuery, ...PanelQuery[]];
  /** Type of the data source. @default "metrics" */
  readonly source?: 'metrics' | 'logs';
  /** Unit as Grafana names it, such as `percentunit`, `bytes` or `s`. @default "short" */
  readonly unit?: string;
  /**
   * Thresholds from which a value is yellow (`warning`) and red (`critical`). Where low values are bad,
   * `critical` is the lower one.
   * @default - always green
   */
  readonly limits?: { readonly warning: number; readonly critical: number };
  /** Units of the columns of a table after the first, by column name. @default - the panel's unit */
  readonly units?: Readonly<Record<string, string>>;
  /** Maximum of the value axis. @default - chosen by Grafana */
  readonly max?: number;
  /** Width of the panel, in columns of Grafana's grid (24 in all). @default 8 */
  readonly width?: number;
  /** Height of the panel, in rows of Grafana's grid. @default 8 */
  readonly height?: number;
  /** Minimum interval between two points of a graph, such as `1m`. @default - the data source's */
  readonly interval?: string;
  /** Related alerts, whose runbooks the panel links to. @default - none */
  readonly alerts?: readonly string[];
  /** Reason why the panel may be empty on a healthy system. @default - an empty panel indicates a fault */
  readonly emptyWhen?: string;
}

/** A row of panels with a title. */
export interface PanelRow {
  /** Title of the row. */
  readonly title: string;
  /** Panels from left to right; panels that exceed 24 columns wrap to the next line. */
  readonly panels: readonly Panel[];
}

/** A variable of a dashboard: `cluster`, `group` or `node`. Each one restricts the values of the next. */
export type DashboardVariable = 'cluster' | 'group' | 'node';

/** A Grafana dashboard. */
export interface Dashboard {
  /** Unique identifier of the dashboard, part of its URL. It never changes. */
  readonly uid: string;
  /** Title of the dashboard. */
  readonly title: string;
  /** Description of the dashboard, in one sentence. */
  readonly description: string;
  /** Variables at the top of the dashboard, which its queries use. @default - cluster, group and node */
  readonly variables?: readonly DashboardVariable[];
  /** Whether one node is selected when the dashboard opens, instead of all. @default false */
  readonly opensWithOneNode?: boolean;
  /** Time range when the dashboard opens, such as `1h`. @default "6h" */
  readonly range?: string;
  /** Refresh interval, such as `5m`. @default "1m" */
  readonly refresh?: string;
  /** Rows of panels, from top to bottom. */
  readonly rows: readonly PanelRow[];
}

/** A dashboard folder in Grafana. */
export interface DashboardFolder {
  /** Unique identifier of the folder, part of its URL. It never changes. */
  readonly uid: string;
  /** Title of the folder. */
  readonly title: string;
}

/** A component that has dashboards. */
export interface DashboardSource {
  /** The dashboards, each with a unique `uid`. */
  readonly dashboards: readonly Dashboard[];
  /** The folder of the dashboards. @default - the folder of this stack */
  readonly folder?: DashboardFolder;
}

/** A Grafana that takes dashboards and data sources. */
export interface DashboardServer {
  /**
   * Adds a data source.
   * @throws InvalidOptionError when the data source is invalid, or its name or uid is a duplicate.
   */
  addDataSource(source: DataSource): void;
  /**
   * Adds the read-only dashboards of a source.
   * @throws InvalidOptionError when a dashboard is invalid, or its uid is a duplicate.
   */
  addDashboards(source: DashboardSource): void;
}
