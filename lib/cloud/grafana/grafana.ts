import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { Dashboard, DashboardFolder, DashboardSource } from '../../contracts/dashboards';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { ingressOption, optionTableWithStorage } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { renderIni } from '../../core/config-files';
import { dataSource as dataSourceRule } from '../../core/contract-rules';
import { renderDashboardJson } from '../../core/dashboard-model';
import { dashboardFolder, dashboards, folderTitle } from '../../core/dashboard-rules';
import { objectName } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { runbooksAddress } from '../../core/rule-rules';
import type { Quantity } from '../../core/units';
import { optionError, validateOptions } from '../../core/validation';
import { yaml } from '../../core/yaml';
import { type ExternalDataSource, externalDataSources, networkPeerAndPort } from './external-data-source';
import {
  ADMIN_DIR,
  defaultIni,
  externalServerPorts,
  hasSecretReference,
  mergeIni,
  PORT,
  SECRETS_DIR,
} from './ini';
import { type GrafanaIni, grafanaIni } from './ini-sections';
import { dashboardFolderPath, dashboardProvisioning, dataSourceProvisioning } from './provisioning';
import { dataSourceWithCredentialsAndVolumes } from './source-access';

/** Properties for `Grafana`. */
export interface GrafanaProps {
  /** Name of the Kubernetes objects and of the scrape job. @default "grafana" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Ingress that exposes Grafana, with basic auth in front of Grafana's own login.
   * @default - Grafana is only reachable inside the cluster
   */
  readonly ingress?: BasicAuthIngress;
  /** Base URL of the runbooks that dashboards link to. @default - docs/runbooks of this project */
  readonly runbooks?: string;
  /**
   * Name of the Secret of type `kubernetes.io/basic-auth` with the administrator's user name and password. Grafana uses
   * the user name and password only at its first start. To change the password later, use Grafana's user interface or
   * API.
   * @default "grafana-admin"
   */
  readonly adminSecretName?: string;
  /**
   * Sections and keys of grafana.ini, such as `smtp`, merged into the stack's defaults.
   * @default - the stack's defaults: no telemetry, no sign-up
   */
  readonly ini?: GrafanaIni;
  /** Data sources in addition to the data sources of this stack. @default - no additional data sources */
  readonly dataSources?: readonly ExternalDataSource[];
  /** Secret with the values that `ini` and `dataSources` reference by `secretKey`. @default "grafana-secrets" */
  readonly secretName?: string;
  /** Title of the Grafana folder with the stack's dashboards. @default "Edge observability" */
  readonly folder?: string;
  /** Size of the volume for users, preferences, and dashboards that were created in the UI. @default "2Gi" */
  readonly storage?: Quantity;
  /** Resources of Grafana. @default - requests: 50m CPU, 128Mi memory; limit: 512Mi memory */
  readonly resources?: Resources;
}

/** Validation rule and default of each option of `Grafana`. */
export const GRAFANA_OPTIONS = {
  ...optionTableWithStorage('grafana', '2Gi', { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' }),
  ingress: { rule: ingressOption, default: undefined },
  runbooks: { rule: runbooksAddress, default: undefined },
  adminSecretName: { rule: objectName, default: 'grafana-admin' },
  ini: { rule: grafanaIni, default: {} },
  dataSources: { rule: externalDataSources, default: [] },
  secretName: { rule: objectName, default: 'grafana-secrets' },
  folder: { rule: folderTitle, default: 'Edge observability' },
} satisfies OptionTable<GrafanaProps>;

type GrafanaOptions = Options<GrafanaProps, typeof GRAFANA_OPTIONS>;

/** Grafana with the data sources and dashboards that you add with `addDataSource` and `addDashboards`. */
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
    const options = validateAndApplyDefaults(this, props, GRAFANA_OPTIONS);
    this.options = options;
    this.folders = [{ uid: 'edge-observability', title: options.folder }];
    this.workload = this.createWorkload(options);
    this.requireUniqueDataSources([]);
    this.allowEgressToExternalServers(options);
    this.scrapeServers = [this.workload.serverForNetworkPolicies('http')];
    this.scrapeConfigs = [
      { job_name: this.workload.name, static_configs: [{ targets: [this.workload.serviceAddress('http')] }] },
    ];
    options.ingress?.expose({
      namespace: this.workload.namespace,
      serviceName: this.workload.name,
      server: this.workload.serverForNetworkPolicies('http'),
      paths: ['/'],
    });
  }

  /**
   * Adds a data source, and opens the network policy for its server.
   * @throws InvalidOptionError when the data source is invalid, or when another data source has the same name or uid.
   */
  addDataSource(source: DataSource): void {
    validateOptions(this, { source: [source ?? null, dataSourceRule] });
    this.requireUniqueDataSources([...this.dataSources, source.dataSource]);
    const access = dataSourceWithCredentialsAndVolumes(source);
    access.volumes.forEach((volume, index) => {
      this.workload.addVolume(volume, ...access.volumeMounts.slice(index, index + 1));
    });
    this.dataSources.push(access.dataSource);
    this.workload.network.allowConnectionTo(source.queryServer);
  }

  /**
   * Adds the read-only dashboards of a source to the source's folder, by default to the stack's folder.
   * @throws InvalidOptionError when two dashboards have the same uid, or when a folder uid has two titles.
   */
  addDashboards(source: DashboardSource): void {
    validateOptions(this, {
      dashboards: [source?.dashboards ?? null, dashboards],
      folder: [source?.folder, dashboardFolder],
    });
    const folder = this.registerDashboardFolder(source);
    for (const dashboard of source.dashboards) {
      if (this.dashboards.has(dashboard.uid)) {
        throw optionError(
          this,
          `two dashboards have the uid ${JSON.stringify(dashboard.uid)}: change the uid of one of them`,
        );
      }
      this.dashboards.add(dashboard.uid);
      this.addDashboard(dashboard, folder);
    }
  }

  /** Adds a ConfigMap with one dashboard. A ConfigMap with all dashboards would be too large for `kubectl apply`. */
  private addDashboard(dashboard: Dashboard, folder: DashboardFolder): void {
    const { runbooks } = this.options;
    this.workload.addConfigFolder({
      name: `dashboard-${dashboard.uid}`,
      mountPath: `${dashboardFolderPath(folder, this.ownFolder)}/${dashboard.uid}`,
      files: () => ({ [`${dashboard.uid}.json`]: renderDashboardJson(dashboard, { runbooks }) }),
    });
  }

  private get ownFolder(): DashboardFolder {
    return { uid: 'edge-observability', title: this.options.folder };
  }

  /** Registers and returns the folder of a source. @throws InvalidOptionError when a folder uid has two titles. */
  private registerDashboardFolder({ folder = this.ownFolder }: DashboardSource): DashboardFolder {
    const known = this.folders.find(({ uid }) => uid === folder.uid);
    if (!known) this.folders.push(folder);
    else if (known.title !== folder.title) {
      throw optionError(
        this,
        `the folder with the uid ${JSON.stringify(folder.uid)} has the titles "${known.title}" and "${folder.title}"; allowed: one title per uid`,
      );
    }
    return folder;
  }

  /** @throws InvalidOptionError when two internal or external data sources have the same name or uid. */
  private requireUniqueDataSources(added: readonly GrafanaDataSource[]): void {
    const all = [...this.options.dataSources, ...added];
    for (const field of ['uid', 'name'] as const) {
      const values = all.map((source) => source[field]);
      const twice = values.find((value, index) => values.indexOf(value) !== index);
      if (twice === undefined) continue;
      throw optionError(
        this,
        `two data sources have the ${field} "${twice}": change the ${field} of one of them`,
      );
    }
  }

  /** Opens the network policy for identity providers, the mail server, LDAP and external data sources. */
  private allowEgressToExternalServers({ ini: given, dataSources }: GrafanaOptions): void {
    const ports = [...new Set(externalServerPorts(given))].sort((one, other) => one - other);
    if (ports.length) this.workload.network.allowEgressTo({ anywhere: true }, ...ports);
    for (const { peer, port } of dataSources.map(networkPeerAndPort))
      this.workload.network.allowEgressTo(peer, port);
  }

  private createWorkload(options: GrafanaOptions): CloudWorkload {
    return new CloudWorkload(this, 'Default', {
      name: options.name,
      namespace: options.namespace,
      image: 'grafana',
      uid: 472,
      ports: { http: PORT },
      storage: { size: options.storage, mountPath: '/var/lib/grafana' },
      secrets: {
        [ADMIN_DIR]: options.adminSecretName,
        ...(needsGrafanaSecret(options) && { [SECRETS_DIR]: options.secretName }),
      },
      config: [
        {
          name: 'config',
          mountPath: '/etc/grafana/config',
          files: () => ({
            'grafana.ini': renderIni(mergeIni(defaultIni(options.ingress?.host), options.ini)),
          }),
        },
        {
          name: 'datasources',
          mountPath: '/etc/grafana/provisioning/datasources',
          files: () => ({
            'datasources.yaml': yaml(dataSourceProvisioning(this.dataSources, options.dataSources)),
          }),
        },
        {
          name: 'dashboards',
          mountPath: '/etc/grafana/provisioning/dashboards',
          files: () => ({ 'dashboards.yaml': yaml(dashboardProvisioning(this.folders, this.ownFolder)) }),
        },
      ],
      container: {
        env: [{ name: 'GF_PATHS_CONFIG', value: '/etc/grafana/config/grafana.ini' }],
        resources: options.resources,
        // Grafana's first start takes long, because it runs all database migrations.
        ...httpProbes({ ready: '/api/health', live: '/api/health', startSeconds: 300 }),
      },
    });
  }
}

/** Returns whether `ini` or an external data source references a key of Grafana's Secret. */
const needsGrafanaSecret = ({ ini: given, dataSources }: GrafanaOptions): boolean =>
  hasSecretReference(given) ||
  dataSources.some(({ secureJsonData = {} }) => Object.keys(secureJsonData).length > 0);
