import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { Dashboard, DashboardFolder, DashboardSource } from '../../contracts/dashboards';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { ingressOption, storageOptionTable } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { renderIni } from '../../core/config-files';
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
import { yaml } from '../../core/yaml';
import { type ExternalDataSource, externalDataSources, networkServerOf } from './external-data-source';
import { ADMIN_DIR, mergeIni, PORT, referencesSecret, SECRETS_DIR, serverPorts, stackIni } from './ini';
import { type GrafanaIni, grafanaIni } from './ini-sections';
import { dashboardProviders, folderPath, provisioningOf } from './provisioning';
import { sourceAccess } from './source-access';

/** Properties for `Grafana`. */
export interface GrafanaProps {
  /** Name of the objects and of the scrape job. @default "grafana" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Ingress that exposes Grafana with a password of its own. @default - only reachable inside the cluster */
  readonly ingress?: BasicAuthIngress;
  /** Base URL of the runbooks that panels link to. @default - docs/runbooks of this project */
  readonly runbooks?: string;
  /**
   * Secret of type `kubernetes.io/basic-auth` with the administrator's user name and password. Grafana only
   * reads it at the first start; change the password in Grafana afterwards.
   * @default "grafana-admin"
   */
  readonly adminSecretName?: string;
  /**
   * Sections of grafana.ini, such as `smtp` and `auth.generic_oauth`, with Grafana's names.
   * @default - those of the stack
   */
  readonly ini?: GrafanaIni;
  /** Additional data sources outside of this stack. @default - none */
  readonly dataSources?: readonly ExternalDataSource[];
  /**
   * Secret with the values that `ini` and `dataSources` reference by `secretKey`.
   * @default "grafana-secrets"
   */
  readonly secretName?: string;
  /** Title of the folder with the stack's dashboards. @default "Edge observability" */
  readonly folder?: string;
  /** Size of the volume for users, preferences and dashboards created in the UI. @default "2Gi" */
  readonly storage?: Quantity;
  /** @default - requests: 50m CPU, 128Mi memory; limit: 512Mi memory */
  readonly resources?: Resources;
}

/** The options of `Grafana`. */
export const GRAFANA_OPTIONS = {
  ...storageOptionTable('grafana', '2Gi', { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' }),
  ingress: { rule: ingressOption, default: undefined },
  runbooks: { rule: runbooksAddress, default: undefined },
  adminSecretName: { rule: objectName, default: 'grafana-admin' },
  ini: { rule: grafanaIni, default: {} },
  dataSources: { rule: externalDataSources, default: [] },
  secretName: { rule: objectName, default: 'grafana-secrets' },
  folder: { rule: folderTitle, default: 'Edge observability' },
} satisfies OptionTable<GrafanaProps>;

type GrafanaOptions = Options<GrafanaProps, typeof GRAFANA_OPTIONS>;

/** Grafana: shows metrics and logs. Add data sources and dashboards to it. */
export class Grafana extends Construct implements ScrapeTarget {
  readonly component = 'grafana';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly dataSources: GrafanaDataSource[] = [];
  private readonly dashboards = new Set<string>();

  private readonly folders: DashboardFolder[];
  private readonly options: GrafanaOptions;

  /** @throws InvalidOptionError when an option is invalid. */
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
   * @throws InvalidOptionError when the data source is invalid, or its name or uid is a duplicate.
   */
  addDataSource(source: DataSource): void {
    verify(this, { source: [source ?? null, dataSourceRule] });
    this.refuseDuplicateSources([...this.dataSources, source.dataSource]);
    const access = sourceAccess(source);
    access.volumes.forEach((volume, index) => {
      this.workload.addVolume(volume, ...access.volumeMounts.slice(index, index + 1));
    });
    this.dataSources.push(access.dataSource);
    this.workload.network.connect(source.queryServer);
  }

  /**
   * Adds the read-only dashboards of a source, in the source's folder or that of this stack.
   * @throws InvalidOptionError when the uid of a dashboard is a duplicate, or two sources give a folder
   * different titles.
   */
  addDashboards(source: DashboardSource): void {
    verify(this, {
      dashboards: [source?.dashboards ?? null, dashboards],
      folder: [source?.folder, dashboardFolder],
    });
    const folder = this.knownFolder(source);
    for (const dashboard of source.dashboards) {
      if (this.dashboards.has(dashboard.uid)) {
        throw invalid(this, `the dashboard ${dashboard.uid} already exists: change one uid`);
      }
      this.dashboards.add(dashboard.uid);
      this.addDashboard(dashboard, folder);
    }
  }

  /** Each dashboard has its own ConfigMap: a single one would be too large for a client-side apply. */
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

  private knownFolder({ folder = this.ownFolder }: DashboardSource): DashboardFolder {
    const known = this.folders.find(({ uid }) => uid === folder.uid);
    if (!known) this.folders.push(folder);
    else if (known.title !== folder.title) {
      throw invalid(
        this,
        `folder ${folder.uid} has the titles "${known.title}" and "${folder.title}"; allowed: one title per uid`,
      );
    }
    return folder;
  }

  private refuseDuplicateSources(added: readonly GrafanaDataSource[]): void {
    const all = [...this.options.dataSources, ...added];
    for (const field of ['uid', 'name'] as const) {
      const values = all.map((source) => source[field]);
      const twice = values.find((value, index) => values.indexOf(value) !== index);
      if (twice === undefined) continue;
      throw invalid(this, `two data sources have the ${field} "${twice}"; allowed: unique values`);
    }
  }

  /** Opens the network policy for servers outside of the stack. */
  private reachServers({ ini: given, dataSources }: GrafanaOptions): void {
    this.refuseDuplicateSources([]);
    const ports = [...new Set(serverPorts(given))].sort((one, other) => one - other);
    if (ports.length) this.workload.network.reach({ anywhere: true }, ...ports);
    for (const { peer, port } of dataSources.map(networkServerOf)) this.workload.network.reach(peer, port);
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
          files: () => ({ 'grafana.ini': renderIni(mergeIni(stackIni(options.ingress?.host), options.ini)) }),
        },
        {
          name: 'datasources',
          mountPath: '/etc/grafana/provisioning/datasources',
          files: () => ({ 'datasources.yaml': yaml(provisioningOf(this.dataSources, options.dataSources)) }),
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
        // The first start runs all database migrations.
        ...httpProbes({ ready: '/api/health', live: '/api/health', startSeconds: 300 }),
      },
    });
  }
}

const needsSecret = ({ ini: given, dataSources }: GrafanaOptions): boolean =>
  referencesSecret(given) ||
  dataSources.some(({ secureJsonData = {} }) => Object.keys(secureJsonData).length > 0);
