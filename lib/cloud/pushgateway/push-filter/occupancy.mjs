// Exports the usage of a Pushgateway as metrics: in total, and by node group.

/** Metrics of the push filter, by their names without prefix. */
export const OCCUPANCY = {
  groups: 'Groups that the Pushgateway holds',
  series: 'Series that the Pushgateway holds, each group as 20 more and a long series as several',
  series_limit: 'Most series that it may come to hold',
  shared_series: 'Series beyond those that each node has for itself',
  shared_series_limit: 'Most series beyond those that each node has for itself',
  nodes: 'Nodes that have groups, and jobs of those that are of no node',
  nodes_limit: 'Most nodes that may come to have groups',
  group_shared_series: 'Series of a group of nodes beyond those that each of its nodes has for itself',
  group_shared_series_limit:
    'Most series of a group of nodes beyond those that each of its nodes has for itself',
  group_nodes: 'Nodes of a group of nodes that have groups in the Pushgateway',
  group_nodes_limit: 'Most nodes of a group of nodes that may come to have groups in the Pushgateway',
};

/**
 * @param {import('../../../programs/metrics.mjs').Metrics} metrics @param {import('./groups.mjs').Groups} groups
 * @param {import('./groups.mjs').Limits & { nodes: number, series: number }} limits
 */
export function setOccupancy(metrics, groups, limits) {
  const { shares: all } = groups;
  // If there are node groups, series that belong to none are caused by a mistake, and have a small share.
  const ofGroups = all.filter(({ group }) => group);
  const shares = ofGroups.length ? ofGroups : all;
  /** @param {'sharedSeries' | 'sharedSeriesLimit'} name */
  const sum = (name) => shares.reduce((total, share) => total + share[name], 0);
  metrics.set('groups', groups.count);
  metrics.set('series', groups.size);
  metrics.set('series_limit', limits.series);
  metrics.set('shared_series', sum('sharedSeries'));
  metrics.set('shared_series_limit', limits.total?.sharedSeries ?? sum('sharedSeriesLimit'));
  metrics.set('nodes', groups.holders);
  metrics.set('nodes_limit', limits.nodes);
  for (const { group, ...share } of ofGroups) {
    metrics.set('group_shared_series', share.sharedSeries, { group });
    metrics.set('group_shared_series_limit', share.sharedSeriesLimit, { group });
    metrics.set('group_nodes', share.nodes, { group });
    metrics.set('group_nodes_limit', share.nodesLimit, { group });
  }
}
