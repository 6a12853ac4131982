import type { Panel, PanelQuery } from '../contracts/dashboards';

/**
 * Panels about a metrics store, for the dashboards of the cloud side. A dashboard leaves out each panel that the store
 * does not define.
 */
export interface StorePanels {
  /** Panel with the duration of rule evaluations. @default - no panel */
  readonly ruleDuration?: Panel;
  /**
   * PromQL query that returns how long the store's queries take. A dashboard shows the result in its panel about the
   * latency of requests.
   * @default - the panel does not show the latency of queries
   */
  readonly queryDuration?: PanelQuery;
  /** Panel with the number of active series. @default - no panel */
  readonly series?: Panel;
  /**
   * Panel with the samples that the store receives per second. The dashboard adds a line for the planned rate.
   * @default - no panel
   */
  readonly samples?: Panel;
  /** Panel with the bytes on disk. @default - no panel */
  readonly diskUsage?: Panel;
  /** Panel with the growth of the bytes on disk per day. @default - no panel */
  readonly diskGrowth?: Panel;
}
