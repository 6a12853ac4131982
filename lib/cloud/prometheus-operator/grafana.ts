import { Construct } from 'constructs';
import type { DashboardServer, DashboardSource } from '../../contracts/dashboards';
import type { DataSource } from '../../contracts/data-source';
import type { NetworkPeer } from '../../contracts/network';
import { ConfigFiles } from '../../core/config-files';
import { dataSource as dataSourceRule } from '../../core/contract-rules';
import { Identity } from '../../core/labels';
import { optionError, validateOptions } from '../../core/validation';
import { yaml } from '../../core/yaml';
import { addNodeMetricsLinkToLokiDataSource, DashboardResources } from '../grafana';
import type { OperatedGrafana } from './options';

/** Properties for `SidecarGrafana`. */
export interface SidecarGrafanaProps extends Required<OperatedGrafana> {
  /** Namespace of this stack, in which the ConfigMaps for Grafana's sidecar are created. */
  readonly ownNamespace: string;
  /** Base URL of the runbooks that dashboards link to. */
  readonly runbooks?: string;
}

/** A Grafana whose sidecar loads dashboards and data sources from labeled ConfigMaps. */
export class SidecarGrafana extends Construct implements DashboardServer {
  private readonly dashboards: DashboardResources;
  private readonly peer: NetworkPeer;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SidecarGrafanaProps,
  ) {
    super(scope, id);
    const { namespace, podLabels, dashboardLabels: labels, metricsUid: metrics } = props;
    const { ownNamespace, runbooks } = props;
    this.peer = { namespace, podLabels };
    this.dashboards = new DashboardResources(this, 'dashboards', {
      namespace: ownNamespace,
      labels,
      metrics,
      runbooks,
    });
  }

  addDashboards(source: DashboardSource): void {
    this.dashboards.addDashboards(source);
  }

  addDataSource(source: DataSource): void {
    validateOptions(this, { source: [source ?? null, dataSourceRule] });
    const { dataSource, queryServer, queryAccess = {} } = source;
    const { metricsUid, dataSourceLabels, ownNamespace } = this.props;
    // kube-prometheus-stack already adds the data source of Prometheus to this Grafana.
    if (dataSource.uid === metricsUid) return;
    if (this.node.tryFindChild(dataSource.uid)) {
      throw optionError(
        this,
        `two data sources have the uid "${dataSource.uid}": change the uid of one of them`,
      );
    }
    if (Object.keys(queryAccess).length > 0) {
      throw optionError(
        this,
        `the data source ${dataSource.name} needs a password, a private CA certificate or headers, which a ConfigMap for Grafana's sidecar cannot contain: add this data source in the Helm values of Grafana`,
      );
    }
    queryServer.admit(this.peer);
    const entry =
      dataSource.type === 'loki' ? addNodeMetricsLinkToLokiDataSource(dataSource, metricsUid) : dataSource;
    new ConfigFiles(this, dataSource.uid, {
      name: `edge-observability-datasource-${dataSource.uid}`,
      namespace: ownNamespace,
      identity: new Identity('edge-observability', undefined, dataSourceLabels),
      files: () => ({
        [`edge-observability-${dataSource.uid}.yaml`]: yaml({
          apiVersion: 1,
          datasources: [{ access: 'proxy', editable: false, ...entry, isDefault: false }],
        }),
      }),
    });
  }
}
