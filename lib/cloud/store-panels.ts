import type { Panel, PanelQuery } from '../contracts/dashboards';

/** Panels about a store of metrics, on the dashboards of the cloud side. A store without a panel is not shown there. */
export interface StorePanels {
  /** Duration of rule evaluations. @default - none */
  readonly ruleDuration?: Panel;
  /** Duration of queries, in the panel about the latency of requests. @default - none */
  readonly queryDuration?: PanelQuery;
  /** Number of active series. @default - none */
  readonly series?: Panel;
  /** Samples per second; the planned rate is added to it. @default - none */
  readonly samples?: Panel;
  /** Bytes on disk. @default - none */
  readonly diskUsage?: Panel;
  /** Bytes on disk that a day adds. @default - none */
  readonly diskGrowth?: Panel;
}
