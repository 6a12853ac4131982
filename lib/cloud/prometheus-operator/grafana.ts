import { Construct } from 'constructs';
import type { DashboardServer, DashboardSource } from '../../contracts/dashboards';
import type { DataSource } from '../../contracts/data-source';
import type { NetworkPeer } from '../../contracts/network';
import { ConfigFiles } from '../../core/config-files';
import { dataSource as dataSourceRule } from '../../core/contract-rules';
import { Identity } from '../../core/labels';
import { invalid, verify } from '../../core/validation';
import { yaml } from '../../core/yaml';
import { DashboardResources, withMetricsOfNodes } from '../grafana';
import type { OperatedGrafana } from './options';

/** Properties for `SidecarGrafana`. */
export interface SidecarGrafanaProps extends Required<OperatedGrafana> {
  /** Namespace of the ConfigMaps. */
  readonly ownNamespace: string;
  /** Base URL of the runbooks that panels link to. */
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
    verify(this, { source: [source ?? null, dataSourceRule] });
    const { dataSource, queryServer, queryAccess = {} } = source;
    const { metricsUid, dataSourceLabels, ownNamespace } = this.props;
    // It has that of Prometheus already.
    if (dataSource.uid === metricsUid) return;
    if (this.node.tryFindChild(dataSource.uid)) {
      throw invalid(
        this,
        `two data sources have the uid "${dataSource.uid}"; allowed: one of its own for each`,
      );
    }
    if (Object.keys(queryAccess).length > 0) {
      throw invalid(
        this,
        `the data source ${dataSource.name} needs a password, a private CA certificate or headers, which its ConfigMap cannot contain: add it in the values of the chart of Grafana`,
      );
    }
    queryServer.admit(this.peer);
    const entry = dataSource.type === 'loki' ? withMetricsOfNodes(dataSource, metricsUid) : dataSource;
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
