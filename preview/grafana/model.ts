/** Fields of Grafana's dashboard JSON that the preview supports. */

export interface DataSourceRef {
  readonly type?: string;
  readonly uid?: string;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly hide?: boolean;
}

export interface Link {
  readonly title: string;
  readonly url?: string;
  readonly type?: string;
  readonly tags?: readonly string[];
  readonly targetBlank?: boolean;
  readonly keepTime?: boolean;
  readonly includeVars?: boolean;
}

export interface ThresholdStep {
  readonly value: number | null;
  readonly color: string;
}

export interface Mapping {
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface CustomOptions {
  readonly fillOpacity?: number;
  readonly lineWidth?: number;
  readonly spanNulls?: boolean | number;
  readonly lineStyle?: { readonly fill?: string; readonly dash?: readonly number[] };
  readonly stacking?: { readonly mode?: string };
  readonly thresholdsStyle?: { readonly mode?: string };
  readonly axisLabel?: string;
  readonly width?: number;
  readonly hidden?: boolean;
}

/** Display options of a field. */
export interface FieldOptions {
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly displayName?: string;
  readonly color?: { readonly mode?: string; readonly fixedColor?: string };
  readonly thresholds?: { readonly mode?: string; readonly steps: readonly ThresholdStep[] };
  readonly mappings?: readonly Mapping[];
  readonly links?: readonly Link[];
  readonly custom?: CustomOptions;
}

export interface Override {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

export interface Transformation {
  readonly id: string;
  readonly disabled?: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface PanelOptions {
  readonly legend?: {
    readonly showLegend?: boolean;
    readonly displayMode?: string;
    readonly placement?: string;
    readonly calcs?: readonly string[];
  };
  readonly tooltip?: { readonly mode?: string; readonly sort?: string };
  readonly colorMode?: string;
  readonly textMode?: string;
  readonly reduceOptions?: { readonly calcs?: readonly string[] };
  readonly sortBy?: readonly { readonly displayName: string; readonly desc?: boolean }[];
  readonly content?: string;
}

export interface Panel {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: DataSourceRef;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly links?: readonly Link[];
  readonly interval?: string;
  readonly fieldConfig?: { readonly defaults?: FieldOptions; readonly overrides?: readonly Override[] };
  readonly options?: PanelOptions;
  readonly transformations?: readonly Transformation[];
  readonly panels?: readonly Panel[];
  readonly collapsed?: boolean;
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string | { readonly query?: string };
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly time?: { readonly from: string; readonly to: string };
  readonly refresh?: string;
  readonly links?: readonly Link[];
  readonly templating?: { readonly list?: readonly Variable[] };
  readonly panels: readonly Panel[];
}

/** Data that the page requests from the preview's server. */
export interface Preview {
  /** Name of the environment. */
  readonly title: string;
  readonly dashboards: readonly Dashboard[];
  /** Types of the data sources that have a server: `prometheus`, `loki`. */
  readonly sources: readonly string[];
  /** Minimum interval between two points, from the Prometheus data source, such as `30s`. */
  readonly scrapeInterval: string;
  /** Descriptions of the problems in the simulated fleet. The list is empty for a real environment. */
  readonly troubles: readonly string[];
  /** Start of the time range, such as `now-1h`. @default - the range of each dashboard */
  readonly range?: string;
  /** Refresh interval, such as `10s`. @default - the refresh interval of each dashboard */
  readonly refresh?: string;
}
