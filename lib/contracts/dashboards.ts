/** A question that a panel asks. */
export interface PanelQuery {
  /** PromQL, or LogQL in a panel about logs. */
  readonly expr: string;
  /** Name of a series, such as `{{node}}`; in a table, of the column. @default - its labels */
  readonly legend?: string;
  /** Whether it is what others are compared with, such as a budget: drawn dashed. @default false */
  readonly isLimit?: boolean;
}

/** A picture on a dashboard. */
export interface Panel {
  /** How figures are shown: over time, as the last one alone, as a row for each series, or as lines of logs. */
  readonly kind: 'timeseries' | 'stat' | 'table' | 'logs';
  /** Its heading. */
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  /** What it asks; a table joins the answers by their labels, a column for each. */
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
  /** In rows of Grafana's grid. @default 8 */
  readonly height?: number;
  /** Least time between two points, also where the panel is wide enough for more, such as `1m`. @default - the data source's */
  readonly interval?: string;
  /** Alerts about the same, whose runbooks it links to. @default - none */
  readonly alerts?: readonly string[];
  /** Why it may show nothing though all is well. @default - then something is wrong */
  readonly emptyWhen?: string;
}

/** Panels under one heading. */
export interface PanelRow {
  /** The heading. */
  readonly title: string;
  /** From left to right; what does not fit into 24 columns goes on below. */
  readonly panels: readonly Panel[];
}

/** A choice at the top of a dashboard: `cluster`, `group` and `node`, of which each narrows the next. */
export type DashboardVariable = 'cluster' | 'group' | 'node';

/** What someone looks at. */
export interface Dashboard {
  /** Part of its address: never changes. */
  readonly uid: string;
  /** Its name in Grafana's list, and as a heading. */
  readonly title: string;
  /** What questions it answers, in one sentence. */
  readonly description: string;
  /** The choices at its top; queries choose by them. @default - cluster, group and node */
  readonly variables?: readonly DashboardVariable[];
  /** Whether it shows one node at first, instead of all. @default false */
  readonly opensWithOneNode?: boolean;
  /** How far back it shows at first, such as `1h`. @default "6h" */
  readonly range?: string;
  /** How often it asks again, such as `5m`. @default "1m" */
  readonly refresh?: string;
  /** What stands on it, from top to bottom. */
  readonly rows: readonly PanelRow[];
}

/** A folder of dashboards in Grafana. */
export interface DashboardFolder {
  /** Part of its address: never changes. */
  readonly uid: string;
  /** Its name in Grafana's list. */
  readonly title: string;
}

/** Something that is shown on dashboards. */
export interface DashboardSource {
  /** The dashboards, each of a uid of its own. */
  readonly dashboards: readonly Dashboard[];
  /** The folder that they are in. @default - that of this stack */
  readonly folder?: DashboardFolder;
}
