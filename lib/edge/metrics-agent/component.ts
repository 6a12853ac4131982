import type { Component } from '../../core/component';
import { METRICS_AGENT_THRESHOLDS, type MetricsAgentThresholds, metricsAgentRules } from './rules';

/** The metrics agent of edge nodes, as an environment knows it: there is one where a gateway takes what it sends. */
export const metricsAgentComponent: Component<MetricsAgentThresholds, { readonly gateway?: string }> = {
  thresholds: METRICS_AGENT_THRESHOLDS,
  rules: ({ gateway }, limits) => (gateway ? [metricsAgentRules(limits)] : []),
};
