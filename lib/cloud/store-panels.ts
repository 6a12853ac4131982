import type { Panel, PanelQuery } from '../contracts/dashboards';

/** Panels about a store of metrics, on the dashboards of the cloud side. A store without a panel is not shown there. */
export interface StorePanels {
  /** Panel with the duration of rule evaluations. @default - no panel */
  readonly ruleDuration?: Panel;
  /**
   * Query for the duration of queries, for the panel about the latency of requests.
   * @default - the panel shows no queries
   */
  readonly queryDuration?: PanelQuery;
  /** Panel with the number of active series. @default - no panel */
  readonly series?: Panel;
  /** Panel with the samples per second, to which the planned rate is added. @default - no panel */
  readonly samples?: Panel;
  /** Panel with the bytes on disk. @default - no panel */
  readonly diskUsage?: Panel;
  /** Panel with the growth of the bytes on disk per day. @default - no panel */
  readonly diskGrowth?: Panel;
}
