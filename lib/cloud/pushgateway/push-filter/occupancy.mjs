// Exports the usage of a Pushgateway and its limits as metrics: in total, and for each node group.

/** Help text of each metric about the usage of a Pushgateway, by the name of the metric without its prefix. */
export const USAGE_METRICS = {
  groups: 'Number of metric groups (grouping keys) in the Pushgateway',
  series:
    'Number of series in the Pushgateway; each metric group counts as 20 additional series, and a large series as several series',
  series_limit: 'Maximum number of series in the Pushgateway',
  shared_series:
    'Number of shared series: for each node, only the series above its reserved number are counted',
  shared_series_limit: 'Maximum number of shared series',
  nodes:
    'Number of nodes with metrics in the Pushgateway; a job that pushes without the label hostname counts as a node',
  nodes_limit: 'Maximum number of nodes with metrics in the Pushgateway',
  group_shared_series: 'Number of shared series of the nodes in a node group',
  group_shared_series_limit: 'Maximum number of shared series of the nodes in a node group',
  group_nodes: 'Number of nodes with metrics in the Pushgateway, by node group',
  group_nodes_limit: 'Maximum number of nodes with metrics in the Pushgateway, by node group',
};

/**
 * Sets the metrics about the numbers of metric groups, series and nodes, and about their limits.
 * @param {import('../../../programs/metrics.mjs').Metrics} metrics metrics of the filter
 * @param {import('./groups.mjs').Groups} groups metric groups in the Pushgateway
 * @param {import('./groups.mjs').Limits & { nodes: number, series: number }} limits limits of the Pushgateway
 */
export function setUsageMetrics(metrics, groups, limits) {
  const { shares: all } = groups;
  // If there are node groups, pushes without a group are mistakes and have a small limit. They do not count
  // in the totals.
  const ofGroups = all.filter(({ group }) => group);
  const shares = ofGroups.length ? ofGroups : all;
  /**
   * Returns the sum of a number over all node groups.
   * @param {'sharedSeries' | 'sharedSeriesLimit'} name of the number
   */
  const sumOverNodeGroups = (name) => shares.reduce((total, share) => total + share[name], 0);
  metrics.setGauge('groups', groups.groupCount);
  metrics.setGauge('series', groups.seriesCount);
  metrics.setGauge('series_limit', limits.series);
  metrics.setGauge('shared_series', sumOverNodeGroups('sharedSeries'));
  metrics.setGauge(
    'shared_series_limit',
    limits.total?.sharedSeries ?? sumOverNodeGroups('sharedSeriesLimit'),
  );
  metrics.setGauge('nodes', groups.nodeAndJobCount);
  metrics.setGauge('nodes_limit', limits.nodes);
  for (const { group, ...share } of ofGroups) {
    metrics.setGauge('group_shared_series', share.sharedSeries, { group });
    metrics.setGauge('group_shared_series_limit', share.sharedSeriesLimit, { group });
    metrics.setGauge('group_nodes', share.nodes, { group });
    metrics.setGauge('group_nodes_limit', share.nodesLimit, { group });
  }
}
