import type { DataSource } from './data-source';

/** A query of a panel. */
export interface PanelQuery {
  /** The query: PromQL, or LogQL for a panel with logs. */
  readonly expr: string;
  /**
   * Legend of each series, such as `{{node}}`. In a table, the legend is the title of the column.
   * @default - the labels of the series
   */
  readonly legend?: string;
  /**
   * Whether the query returns a limit, such as a traffic budget. A graph shows limits as dashed lines.
   * @default false
   */
  readonly isLimit?: boolean;
}

/** A panel of a dashboard. */
export interface Panel {
  /**
   * Type of visualization: `timeseries` is a graph, `stat` is the last value, `table` has a row for each
   * series, `logs` shows log lines.
   */
  readonly kind: 'timeseries' | 'stat' | 'table' | 'logs';
  /** Title of the panel. */
  readonly title: string;
  /** Description of the panel: its values and their interpretation. */
  readonly description: string;
  /** Queries of the panel. A table joins the results of its queries by label, and has one column for each query. */
  readonly queries: readonly [PanelQuery, ...PanelQuery[]];
  /** Type of the data source. @default "metrics" */
  readonly source?: 'metrics' | 'logs';
  /** Unit as Grafana names it, such as `percentunit`, `bytes` or `s`. @default "short" */
  readonly unit?: string;
  /**
   * Thresholds of the colors: values are yellow from `warning`, and red from `critical`. If low values are bad, set
   * `critical` to a lower number than `warning`: values are then yellow below `warning`, and red below `critical`.
   * @default - always green
   */
  readonly limits?: { readonly warning: number; readonly critical: number };
  /** Units of the columns of a table, by column name. @default - the panel's unit */
  readonly units?: Readonly<Record<string, string>>;
  /** Maximum of the value axis. @default - chosen by Grafana */
  readonly max?: number;
  /** Width of the panel, in columns of Grafana's grid (24 in all). @default 8 */
  readonly width?: number;
  /** Height of the panel, in rows of Grafana's grid. @default 8 */
  readonly height?: number;
  /**
   * Minimum step between two points of a graph, such as `1m`.
   * @default - the minimum step of the data source
   */
  readonly interval?: string;
  /** Names of related alerts. The panel links to the runbooks of these alerts. @default - no links */
  readonly alerts?: readonly string[];
  /**
   * Condition in which the panel is empty on a healthy system, such as `no alert is firing`. @default - an
   * empty panel indicates a fault
   */
  readonly emptyWhen?: string;
}

/** A row of panels with a title. */
export interface PanelRow {
  /** Title of the row. */
  readonly title: string;
  /** Panels from left to right; panels that exceed 24 columns wrap to the next line. */
  readonly panels: readonly Panel[];
}

/**
 * A variable of a dashboard. The selected `cluster` restricts the values of `group`, and the selected `group`
 * restricts the values of `node`.
 */
export type DashboardVariable = 'cluster' | 'group' | 'node';

/** A Grafana dashboard. */
export interface Dashboard {
  /** Unique and permanent identifier of the dashboard, part of its URL. */
  readonly uid: string;
  /** Title of the dashboard. */
  readonly title: string;
  /** Description of the dashboard, in one sentence. */
  readonly description: string;
  /** Variables at the top of the dashboard, for use in its queries. @default - cluster, group and node */
  readonly variables?: readonly DashboardVariable[];
  /** Whether the dashboard opens with one selected node instead of all nodes. @default false */
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
  /** Unique and permanent identifier of the folder, part of its URL. */
  readonly uid: string;
  /** Title of the folder. */
  readonly title: string;
}

/** A component that has dashboards. */
export interface DashboardSource {
  /** The dashboards, each with a unique `uid`. */
  readonly dashboards: readonly Dashboard[];
  /** The folder that contains the dashboards. @default - Grafana's folder for the dashboards of this stack */
  readonly folder?: DashboardFolder;
}

/** A Grafana to which components add dashboards and data sources. */
export interface DashboardServer {
  /**
   * Adds a data source to Grafana.
   * @throws InvalidOptionError when the data source is invalid, or when another data source has the same name or uid.
   */
  addDataSource(source: DataSource): void;
  /**
   * Adds the dashboards of a component. Users cannot edit these dashboards in Grafana.
   * @throws InvalidOptionError when a dashboard is invalid, or when another dashboard has the same uid.
   */
  addDashboards(source: DashboardSource): void;
}
