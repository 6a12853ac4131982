export { metricsAgentComponent } from './component';
export { EdgeMetricsAgent } from './edge-metrics-agent';
export {
  AGENT_OPTIONS,
  BATCH_WAIT,
  type EdgeMetricsAgentProps,
  type MetricsQueue,
  type MetricsSending,
  QUEUE_DEFAULTS,
} from './options';
export { type EdgeService, type KubeletScrape, keep, OWN_INTERVAL } from './scrape-jobs';
