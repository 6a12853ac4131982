import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { Dashboard, DashboardFolder, DashboardSource } from '../../contracts/dashboards';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { ingressOption, storedOptions } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { ini, yaml } from '../../core/config-files';
import { dataSource as dataSourceRule } from '../../core/contract-rules';
import { dashboardJson } from '../../core/dashboard-model';
import { dashboardFolder, dashboards, folderTitle } from '../../core/dashboard-rules';
import { objectName } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { runbooksAddress } from '../../core/rule-rules';
import type { Quantity } from '../../core/units';
import { invalid, verify } from '../../core/validation';
import { type ExternalDataSource, externalDataSources, serverOf } from './external-data-source';
import { ADMIN_DIR, merged, namesSecret, PORT, SECRETS_DIR, serverPorts, stackIni } from './ini';
import { type GrafanaIni, grafanaIni } from './ini-sections';
import { dashboardProviders, folderPath, provisioned } from './provisioning';

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
  /** Sections of grafana.ini, such as `smtp` and `auth.generic_oauth`, in Grafana's own names. @default - those of the stack */
  readonly ini?: GrafanaIni;
  /** Data sources outside of this stack. @default - none */
  readonly dataSources?: readonly ExternalDataSource[];
  /** Secret with the values that `ini` and `dataSources` name by `secretKey`. @default "grafana-secrets" */
  readonly secretName?: string;
  /** Title of the folder of the stack's dashboards. @default "Edge observability" */
  readonly folder?: string;
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
  ini: { rule: grafanaIni, default: {} },
  dataSources: { rule: externalDataSources, default: [] },
  secretName: { rule: objectName, default: 'grafana-secrets' },
  folder: { rule: folderTitle, default: 'Edge observability' },
} satisfies OptionTable<GrafanaProps>;

type GrafanaOptions = Options<GrafanaProps, typeof GRAFANA_OPTIONS>;

/** Shows metrics and logs. Data sources and dashboards are added to it. */
export class Grafana extends Construct implements ScrapeTarget {
  readonly component = 'grafana';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly dataSources: GrafanaDataSource[] = [];
  private readonly dashboards = new Set<string>();

  private readonly folders: DashboardFolder[];
  private readonly options: GrafanaOptions;

  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(scope: Construct, id: string, props: GrafanaProps = {}) {
    super(scope, id);
    const options = optionsOf(this, props, GRAFANA_OPTIONS);
    this.options = options;
    this.folders = [{ uid: 'edge-observability', title: options.folder }];
    this.workload = this.makeWorkload(options);
    this.reachServers(options);
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

  /**
   * Adds a data source.
   *
   * @throws InvalidOptionError when it is none, or another one has its name or uid.
   */
  addDataSource(source: DataSource): void {
    verify(this, { source: [source ?? null, dataSourceRule] });
    this.refuseTwice([...this.dataSources, source.dataSource]);
    this.dataSources.push(source.dataSource);
    this.workload.network.connect(source.queryServer);
  }

  /**
   * Shows dashboards, read-only, in the folder of their source, or in that of this stack.
   *
   * @throws InvalidOptionError when a dashboard of that uid is there already, or the folder has two titles.
   */
  addDashboards(source: DashboardSource): void {
    verify(this, {
      dashboards: [source?.dashboards ?? null, dashboards],
      folder: [source?.folder, dashboardFolder],
    });
    const folder = this.folderOf(source);
    for (const dashboard of source.dashboards) {
      if (this.dashboards.has(dashboard.uid)) {
        throw invalid(this, `the dashboard ${dashboard.uid} is there already: give one another uid`);
      }
      this.dashboards.add(dashboard.uid);
      this.addDashboard(dashboard, folder);
    }
  }

  /** In a ConfigMap of its own: all together would be too long for a client-side apply. */
  private addDashboard(dashboard: Dashboard, folder: DashboardFolder): void {
    const { runbooks } = this.options;
    this.workload.addConfig({
      name: `dashboard-${dashboard.uid}`,
      mountPath: `${folderPath(folder, this.ownFolder)}/${dashboard.uid}`,
      files: () => ({ [`${dashboard.uid}.json`]: dashboardJson(dashboard, { runbooks }) }),
    });
  }

  private get ownFolder(): DashboardFolder {
    return { uid: 'edge-observability', title: this.options.folder };
  }

  private folderOf({ folder = this.ownFolder }: DashboardSource): DashboardFolder {
    const known = this.folders.find(({ uid }) => uid === folder.uid);
    if (!known) this.folders.push(folder);
    else if (known.title !== folder.title) {
      throw invalid(
        this,
        `folder ${folder.uid} has the titles "${known.title}" and "${folder.title}"; allowed: one title for a uid`,
      );
    }
    return folder;
  }

  private refuseTwice(added: readonly GrafanaDataSource[]): void {
    const all = [...this.options.dataSources, ...added];
    for (const field of ['uid', 'name'] as const) {
      const values = all.map((source) => source[field]);
      const twice = values.find((value, index) => values.indexOf(value) !== index);
      if (twice === undefined) continue;
      throw invalid(this, `two data sources have the ${field} "${twice}"; allowed: one of its own for each`);
    }
  }

  /** Opens the way to servers outside of the stack. */
  private reachServers({ ini: given, dataSources }: GrafanaOptions): void {
    this.refuseTwice([]);
    const ports = [...new Set(serverPorts(given))].sort((one, other) => one - other);
    if (ports.length) this.workload.network.reach({ anywhere: true }, ...ports);
    for (const { peer, port } of dataSources.map(serverOf)) this.workload.network.reach(peer, port);
  }

  private makeWorkload(options: GrafanaOptions): CloudWorkload {
    return new CloudWorkload(this, 'Default', {
      name: options.name,
      namespace: options.namespace,
      image: 'grafana',
      uid: 472,
      ports: { http: PORT },
      storage: { size: options.storage, mountPath: '/var/lib/grafana' },
      secrets: {
        [ADMIN_DIR]: options.adminSecretName,
        ...(needsSecret(options) && { [SECRETS_DIR]: options.secretName }),
      },
      config: [
        {
          name: 'config',
          mountPath: '/etc/grafana/config',
          files: () => ({ 'grafana.ini': ini(merged(stackIni(options.ingress?.host), options.ini)) }),
        },
        {
          name: 'datasources',
          mountPath: '/etc/grafana/provisioning/datasources',
          files: () => ({ 'datasources.yaml': yaml(provisioned(this.dataSources, options.dataSources)) }),
        },
        {
          name: 'dashboards',
          mountPath: '/etc/grafana/provisioning/dashboards',
          files: () => ({ 'dashboards.yaml': yaml(dashboardProviders(this.folders, this.ownFolder)) }),
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

const needsSecret = ({ ini: given, dataSources }: GrafanaOptions): boolean =>
  namesSecret(given) || dataSources.some(({ secureJsonData = {} }) => Object.keys(secureJsonData).length > 0);
