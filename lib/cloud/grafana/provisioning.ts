import type { DashboardFolder } from '../../contracts/dashboards';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { type ExternalDataSource, provisionedSource } from './external-data-source';

/** Where the dashboards of a folder are mounted. */
export const folderPath = ({ uid }: DashboardFolder, own: DashboardFolder): string =>
  uid === own.uid ? '/etc/grafana/dashboards' : `/etc/grafana/folders/${uid}`;

/** Folders of dashboards; what is in the manifests cannot be changed in Grafana, copies of it can. */
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

/** Read-only in Grafana, and gone from it when they are gone from here. */
export function provisioned(
  dataSources: readonly GrafanaDataSource[],
  external: readonly ExternalDataSource[],
): object {
  return {
    apiVersion: 1,
    prune: true,
    datasources: [...related(dataSources), ...external.map(provisionedSource)].map((source) => ({
      access: 'proxy',
      editable: false,
      ...source,
    })),
  };
}

/**
 * From a line to the metrics of its node, and from metrics to the lines of their node. Two dollar signs
 * stand for one: Grafana expands variables of its environment in provisioned files.
 */
function related(dataSources: readonly GrafanaDataSource[]): object[] {
  const uidOf = (wanted: GrafanaDataSource['type']) => dataSources.find(({ type }) => type === wanted)?.uid;
  const [metrics, logs] = [uidOf('prometheus'), uidOf('loki')];
  return dataSources.map((source) => {
    if (source.type === 'loki' && metrics) {
      return { ...source, jsonData: { ...source.jsonData, derivedFields: [metricsOfNode(metrics)] } };
    }
    if (source.type === 'prometheus' && logs) return { ...source, correlations: [logsOfNode(logs)] };
    return source;
  });
}

function metricsOfNode(datasourceUid: string): object {
  return {
    name: 'Metrics of the node',
    matcherType: 'label',
    matcherRegex: 'node',
    datasourceUid,
    url: '100 - 100 * avg by (node) (rate(node_cpu_seconds_total{mode="idle", node="$${__value.raw}"}[5m]))',
    urlDisplayLabel: 'CPU of the node',
  };
}

function logsOfNode(targetUID: string): object {
  return {
    targetUID,
    type: 'query',
    label: 'Logs of the node',
    description: 'The lines of all containers of the node',
    config: { field: 'node', target: { expr: '{node="$${node}"}' } },
  };
}
