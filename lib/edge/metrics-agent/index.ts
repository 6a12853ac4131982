export { metricsAgentComponent } from './component';
export { EdgeMetricsAgent } from './edge-metrics-agent';
export type { EdgeAgentSettings, GroupAgentOptions } from './group-agent';
export type { KubeletScrape } from './kubelet-jobs';
export {
  type EdgeMetricsAgentProps,
  METRICS_AGENT_OPTIONS,
  METRICS_QUEUE,
  METRICS_SENDING,
  type MetricsQueue,
  type MetricsSending,
} from './options';
export type { MetricsPushes } from './pushes';
export {
  type EdgeService,
  relabelingToKeepMetrics,
  SELF_SCRAPE_INTERVAL,
} from './scrape-jobs';
