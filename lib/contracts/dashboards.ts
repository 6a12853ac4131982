/** A question that a panel asks. */
export interface PanelQuery {
  /** PromQL, or LogQL in a panel about logs. */
  readonly expr: string;
  /** Name of a series, such as `{{node}}`; in a table, of the column. @default - its labels */
  readonly legend?: string;
}

/** A picture on a dashboard. */
export interface Panel {
  readonly kind: 'timeseries' | 'stat' | 'table' | 'logs';
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  readonly queries: readonly [PanelQuery, ...PanelQuery[]];
  /** What is asked. @default "metrics" */
  readonly source?: 'metrics' | 'logs';
  /** One of Grafana's units, such as `percentunit`, `bytes`, `s`. @default "short" */
  readonly unit?: string;
  /** From which figures on it is yellow and red; where less is worse, red comes first. @default - always green */
  readonly limits?: { readonly warning: number; readonly critical: number };
  /** Units of other columns of a table than the first, by their name. @default - the panel's */
  readonly units?: Readonly<Record<string, string>>;
  /** The largest figure there can be. @default - as it comes */
  readonly max?: number;
  /** Of the 24 columns. @default 8 */
  readonly width?: number;
  /** @default 8 */
  readonly height?: number;
  /** Alerts about the same, whose runbooks it links to. @default - none */
  readonly alerts?: readonly string[];
  /** Why it may show nothing though all is well. @default - then something is wrong */
  readonly emptyWhen?: string;
}

/** Panels under one heading. */
export interface PanelRow {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the top of a dashboard: `cluster`, `group` and `node`, of which each narrows the next. */
export type DashboardVariable = 'cluster' | 'group' | 'node';

/** What someone looks at. */
export interface Dashboard {
  /** Part of its address: never changes. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** @default - cluster, group and node */
  readonly variables?: readonly DashboardVariable[];
  readonly rows: readonly PanelRow[];
}

/** Something that is shown on dashboards. */
export interface DashboardSource {
  readonly dashboards: readonly Dashboard[];
}
