// Exports the usage of a Pushgateway and its limits as metrics: in total, and for each group of nodes.

/** Metrics about the usage of a Pushgateway: their names without prefix, and their help texts. */
export const USAGE_METRICS = {
  groups: 'Number of groups in the Pushgateway',
  series: 'Number of series in the Pushgateway; each group counts as 20 more, and a large series as several',
  series_limit: 'Maximum number of series in the Pushgateway',
  shared_series: 'Number of series beyond the shares that are reserved for nodes',
  shared_series_limit: 'Maximum number of series beyond the shares that are reserved for nodes',
  nodes: 'Number of nodes with groups, plus the number of jobs whose groups belong to no node',
  nodes_limit: 'Maximum number of nodes with groups',
  group_shared_series:
    'Number of series of a group of nodes beyond the shares that are reserved for its nodes',
  group_shared_series_limit:
    'Maximum number of series of a group of nodes beyond the shares that are reserved for its nodes',
  group_nodes: 'Number of nodes in a group of nodes that have groups in the Pushgateway',
  group_nodes_limit: 'Maximum number of nodes in a group of nodes that have groups in the Pushgateway',
};

/**
 * Sets the metrics about the number of groups, series and nodes, and about their limits.
 * @param {import('../../../programs/metrics.mjs').Metrics} metrics @param {import('./groups.mjs').Groups} groups
 * @param {import('./groups.mjs').Limits & { nodes: number, series: number }} limits
 */
export function setUsageMetrics(metrics, groups, limits) {
  const { shares: all } = groups;
  // If there are groups of nodes, series without a group are only mistakes, with a small limit. They are left
  // out of the totals.
  const ofGroups = all.filter(({ group }) => group);
  const shares = ofGroups.length ? ofGroups : all;
  /** Returns the sum of a value of all shares. @param {'sharedSeries' | 'sharedSeriesLimit'} name */
  const sumShares = (name) => shares.reduce((total, share) => total + share[name], 0);
  metrics.setGauge('groups', groups.groupCount);
  metrics.setGauge('series', groups.size);
  metrics.setGauge('series_limit', limits.series);
  metrics.setGauge('shared_series', sumShares('sharedSeries'));
  metrics.setGauge('shared_series_limit', limits.total?.sharedSeries ?? sumShares('sharedSeriesLimit'));
  metrics.setGauge('nodes', groups.holderCount);
  metrics.setGauge('nodes_limit', limits.nodes);
  for (const { group, ...share } of ofGroups) {
    metrics.setGauge('group_shared_series', share.sharedSeries, { group });
    metrics.setGauge('group_shared_series_limit', share.sharedSeriesLimit, { group });
    metrics.setGauge('group_nodes', share.nodes, { group });
    metrics.setGauge('group_nodes_limit', share.nodesLimit, { group });
  }
}
