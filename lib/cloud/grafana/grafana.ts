import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { Dashboard, DashboardSource } from '../../contracts/dashboards';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { ingressOption, storedOptions } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { ini, yaml } from '../../core/config-files';
import { dataSource as dataSourceRule } from '../../core/contract-rules';
import { dashboardJson } from '../../core/dashboard-model';
import { dashboards } from '../../core/dashboard-rules';
import { objectName } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { runbooksAddress } from '../../core/rule-rules';
import type { Quantity } from '../../core/units';
import { invalid, verify } from '../../core/validation';

/** Properties for `Grafana`. */
export interface GrafanaProps {
  /** Name of its objects, and of the job that reads it. @default "grafana" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it on the Internet, behind a password of its own. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** Where the runbooks are that panels link to. @default - docs/runbooks of this project */
  readonly runbooks?: string;
  /**
   * Secret of type `kubernetes.io/basic-auth` with the administrator's name and password. It is read at
   * the first start; later the password is changed in Grafana.
   * @default "grafana-admin"
   */
  readonly adminSecretName?: string;
  /** Volume for users, preferences and dashboards made by hand. @default "2Gi" */
  readonly storage?: Quantity;
  /** @default - 50m of a core, 128Mi of memory, at most 512Mi */
  readonly resources?: Resources;
}

/** The options of `Grafana`. */
export const GRAFANA_OPTIONS = {
  ...storedOptions('grafana', '2Gi', { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' }),
  ingress: { rule: ingressOption, default: undefined },
  runbooks: { rule: runbooksAddress, default: undefined },
  adminSecretName: { rule: objectName, default: 'grafana-admin' },
} satisfies OptionTable<GrafanaProps>;

type GrafanaOptions = Options<GrafanaProps, typeof GRAFANA_OPTIONS>;

const PORT = 3000;
const DASHBOARDS_DIR = '/etc/grafana/dashboards';
const ADMIN_DIR = '/etc/grafana/admin';

/** Shows metrics and logs. Data sources and dashboards are added to it. */
export class Grafana extends Construct implements ScrapeTarget {
  readonly component = 'grafana';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly dataSources: GrafanaDataSource[] = [];
  private readonly dashboards = new Set<string>();

  private readonly runbooks?: string;

  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(scope: Construct, id: string, props: GrafanaProps = {}) {
    super(scope, id);
    const options = optionsOf(this, props, GRAFANA_OPTIONS);
    this.runbooks = options.runbooks;
    this.workload = this.makeWorkload(options);
    this.scrapeServers = [this.workload.server('http')];
    this.scrapeConfigs = [
      { job_name: this.workload.name, static_configs: [{ targets: [this.workload.address('http')] }] },
    ];
    options.ingress?.expose({
      namespace: this.workload.namespace,
      serviceName: this.workload.name,
      server: this.workload.server('http'),
      paths: ['/'],
    });
  }

  /** Offers a data source to everybody who may read. @throws InvalidOptionError when it is none. */
  addDataSource(source: DataSource): void {
    verify(this, { source: [source ?? null, dataSourceRule] });
    this.dataSources.push(source.dataSource);
    this.workload.network.connect(source.queryServer);
  }

  /**
   * Shows dashboards, read-only, in the folder of this stack.
   *
   * @throws InvalidOptionError when a dashboard of that uid is there already.
   */
  addDashboards(source: DashboardSource): void {
    verify(this, { dashboards: [source?.dashboards ?? null, dashboards] });
    for (const dashboard of source.dashboards) {
      if (this.dashboards.has(dashboard.uid)) {
        throw invalid(this, `the dashboard ${dashboard.uid} is there already: give one another uid`);
      }
      this.dashboards.add(dashboard.uid);
      this.addDashboard(dashboard);
    }
  }

  /** In a ConfigMap of its own: all together would be too long for a client-side apply. */
  private addDashboard(dashboard: Dashboard): void {
    const { runbooks } = this;
    let json: string | undefined;
    this.workload.addConfig({
      name: `dashboard-${dashboard.uid}`,
      mountPath: `${DASHBOARDS_DIR}/${dashboard.uid}`,
      files: () => {
        json ??= dashboardJson(dashboard, { runbooks });
        return { [`${dashboard.uid}.json`]: json };
      },
    });
  }

  private makeWorkload(options: GrafanaOptions): CloudWorkload {
    return new CloudWorkload(this, 'Default', {
      name: options.name,
      namespace: options.namespace,
      image: 'grafana',
      uid: 472,
      ports: { http: PORT },
      storage: { size: options.storage, mountPath: '/var/lib/grafana' },
      secrets: { [ADMIN_DIR]: options.adminSecretName },
      config: [
        {
          name: 'config',
          mountPath: '/etc/grafana/config',
          files: () => ({ 'grafana.ini': ini(settings(options.ingress?.host)) }),
        },
        {
          name: 'datasources',
          mountPath: '/etc/grafana/provisioning/datasources',
          files: () => ({ 'datasources.yaml': yaml(provisioned(this.dataSources)) }),
        },
        {
          name: 'dashboards',
          mountPath: '/etc/grafana/provisioning/dashboards',
          files: () => ({ 'dashboards.yaml': yaml(DASHBOARD_PROVIDER) }),
        },
      ],
      container: {
        env: [{ name: 'GF_PATHS_CONFIG', value: '/etc/grafana/config/grafana.ini' }],
        resources: options.resources,
        // The first start migrates an empty database.
        ...httpProbes({ ready: '/api/health', live: '/api/health', startSeconds: 300 }),
      },
    });
  }
}

/** Nothing is sent home, fetched from outside, or open to whoever comes by. */
function settings(host?: string): Parameters<typeof ini>[0] {
  return {
    server: host ? { http_port: PORT, domain: host, root_url: `https://${host}/` } : { http_port: PORT },
    analytics: {
      reporting_enabled: false,
      check_for_updates: false,
      check_for_plugin_updates: false,
      feedback_links_enabled: false,
    },
    security: {
      admin_user: `$__file{${ADMIN_DIR}/username}`,
      admin_password: `$__file{${ADMIN_DIR}/password}`,
      disable_gravatar: true,
      cookie_secure: host !== undefined,
    },
    users: { allow_sign_up: false, allow_org_create: false },
    // The Authorization header that reaches it is the ingress's.
    'auth.basic': { enabled: false },
    plugins: {
      plugin_admin_enabled: false,
      preinstall_disabled: true,
      preinstall_auto_update: false,
      public_key_retrieval_disabled: true,
    },
    news: { news_feed_enabled: false },
    snapshots: { external_enabled: false },
    log: { mode: 'console' },
  };
}

/** What stands in the manifests cannot be changed in Grafana; copies of it can. */
const DASHBOARD_PROVIDER = {
  apiVersion: 1,
  providers: [
    {
      name: 'edge-observability',
      folder: 'Edge observability',
      folderUid: 'edge-observability',
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: DASHBOARDS_DIR },
    },
  ],
};

/** Read-only in Grafana, and gone from it when they are gone from here. */
function provisioned(dataSources: readonly GrafanaDataSource[]): object {
  return {
    apiVersion: 1,
    prune: true,
    datasources: related(dataSources).map((source) => ({ access: 'proxy', editable: false, ...source })),
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
