import type { DashboardFolder } from '../../contracts/dashboards';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { type ExternalDataSource, provisionedDataSource } from './external-data-source';

/** Returns the mount path of a folder's dashboards. */
export const folderPath = ({ uid }: DashboardFolder, own: DashboardFolder): string =>
  uid === own.uid ? '/etc/grafana/dashboards' : `/etc/grafana/folders/${uid}`;

/**
 * Returns the dashboard providers: one for each folder. Dashboards from manifests are read-only in Grafana,
 * but can be copied.
 */
export const dashboardProviders = (folders: readonly DashboardFolder[], own: DashboardFolder): object => ({
  apiVersion: 1,
  providers: folders.map((folder) => ({
    name: folder.uid,
    folder: folder.title,
    folderUid: folder.uid,
    type: 'file',
    disableDeletion: true,
    allowUiUpdates: false,
    options: { path: folderPath(folder, own) },
  })),
});

/** Returns a read-only dashboard provider that removes dashboards which are no longer in the manifests. */
export function provisioningOf(
  dataSources: readonly GrafanaDataSource[],
  external: readonly ExternalDataSource[],
): object {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [...linkDataSources(dataSources), ...external.map(provisionedDataSource)].map((source) => ({
      access: 'proxy',
      editable: false,
      ...source,
    })),
  };
}

/**
 * Adds links between data sources: from a log line to its node's metrics, and back. Dollar signs are doubled,
 * since Grafana expands variables in provisioning files.
 */
function linkDataSources(dataSources: readonly GrafanaDataSource[]): object[] {
  const findUid = (wanted: GrafanaDataSource['type']) => dataSources.find(({ type }) => type === wanted)?.uid;
  const [metrics, logs] = [findUid('prometheus'), findUid('loki')];
  return dataSources.map((source) => {
    if (source.type === 'loki' && metrics) {
      return withNodeMetricsLink(source, metrics);
    }
    if (source.type === 'prometheus' && logs) return { ...source, correlations: [nodeLogsLink(logs)] };
    return source;
  });
}

/** Adds a link from log lines to the metrics of their node, in the data source of that uid. */
export const withNodeMetricsLink = (source: GrafanaDataSource, metrics: string): GrafanaDataSource => ({
  ...source,
  jsonData: { ...source.jsonData, derivedFields: [nodeMetricsLink(metrics)] },
});

function nodeMetricsLink(datasourceUid: string): object {
  return {
    name: 'Metrics of the node',
    matcherType: 'label',
    matcherRegex: 'node',
    datasourceUid,
    url: '100 - 100 * avg by (node) (rate(node_cpu_seconds_total{mode="idle", node="$${__value.raw}"}[5m]))',
    urlDisplayLabel: 'CPU of the node',
  };
}

function nodeLogsLink(targetUID: string): object {
  return {
    targetUID,
    type: 'query',
    label: 'Logs of the node',
    description: 'The lines of all containers of the node',
    config: { field: 'node', target: { expr: '{node="$${node}"}' } },
  };
}
