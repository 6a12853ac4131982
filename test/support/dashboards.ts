/** Returns a query as Grafana sends it when all clusters, groups and nodes are chosen. */
export const replaceDashboardVariables = (expr: string): string =>
  expr
    .replaceAll(/\$(cluster|group|node)\b/g, '.*')
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__interval', '15s')
    .replaceAll(/\$__(auto|range)\b/g, '5m');
