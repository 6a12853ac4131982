import type { DashboardFolder } from '../../contracts/dashboards';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { dataSourceProvisioningEntry, type ExternalDataSource } from './external-data-source';

/** Returns the mount path for the dashboards of a Grafana folder. @param own folder with the stack's dashboards */
export const dashboardFolderPath = ({ uid }: DashboardFolder, own: DashboardFolder): string =>
  uid === own.uid ? '/etc/grafana/dashboards' : `/etc/grafana/folders/${uid}`;

/**
 * Returns Grafana's provisioning file for dashboards, with a provider for each folder. Dashboards from
 * manifests are read-only in Grafana, but users can save copies.
 * @param own folder with the stack's dashboards
 */
export const dashboardProvisioning = (folders: readonly DashboardFolder[], own: DashboardFolder): object => ({
  apiVersion: 1,
  providers: folders.map((folder) => ({
    name: folder.uid,
    folder: folder.title,
    folderUid: folder.uid,
    type: 'file',
    disableDeletion: true,
    allowUiUpdates: false,
    options: { path: dashboardFolderPath(folder, own) },
  })),
});

/**
 * Returns Grafana's provisioning file for data sources. Data sources are read-only, and Grafana removes data
 * sources that are no longer in this file.
 */
export function dataSourceProvisioning(
  dataSources: readonly GrafanaDataSource[],
  external: readonly ExternalDataSource[],
): object {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      ...addLinksBetweenDataSources(dataSources),
      ...external.map(dataSourceProvisioningEntry),
    ].map((source) => ({
      access: 'proxy',
      editable: false,
      ...source,
    })),
  };
}

/**
 * Returns the data sources with links between them: from a log line to the metrics of its node, and from metrics to the
 * logs of their node. Returns the data sources unchanged if Loki or Prometheus is missing.
 */
function addLinksBetweenDataSources(dataSources: readonly GrafanaDataSource[]): object[] {
  /** Returns the uid of the first data source of a type; undefined if no data source has the type. */
  const findDataSourceUid = (wanted: GrafanaDataSource['type']) =>
    dataSources.find(({ type }) => type === wanted)?.uid;
  const [metrics, logs] = [findDataSourceUid('prometheus'), findDataSourceUid('loki')];
  return dataSources.map((source) => {
    if (source.type === 'loki' && metrics) {
      return addNodeMetricsLinkToLokiDataSource(source, metrics);
    }
    if (source.type === 'prometheus' && logs) return { ...source, correlations: [nodeLogsLink(logs)] };
    return source;
  });
}

/**
 * Returns a Loki data source in which each log line has a link to the metrics of the line's node.
 * @param metrics uid of the data source with the metrics
 */
export const addNodeMetricsLinkToLokiDataSource = (
  source: GrafanaDataSource,
  metrics: string,
): GrafanaDataSource => ({
  ...source,
  jsonData: { ...source.jsonData, derivedFields: [nodeMetricsLink(metrics)] },
});

/**
 * Returns Grafana's derived field with the link from a log line to the CPU usage of its node. Dollar signs are doubled,
 * because Grafana expands variables in provisioning files.
 */
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

/**
 * Returns Grafana's correlation with the link from metrics to the logs of their node. Dollar signs are doubled, because
 * Grafana expands variables in provisioning files.
 */
function nodeLogsLink(targetUID: string): object {
  return {
    targetUID,
    type: 'query',
    label: 'Logs of the node',
    description: 'The lines of all containers of the node',
    config: { field: 'node', target: { expr: '{node="$${node}"}' } },
  };
}
