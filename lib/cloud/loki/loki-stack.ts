import { Construct } from 'constructs';
import type { AlertSink } from '../../contracts/alert-sink';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import { CERTIFIED_NODE_HEADER, type IngressBackend, type PublicEndpoint } from '../../contracts/endpoint';
import { LOKI_PUSH_PATH, type LogSink } from '../../contracts/log-sink';
import type { NetworkServer } from '../../contracts/network';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { CloudWorkload } from '../../core/cloud-workload';
import { alertSink } from '../../core/contract-rules';
import { goMemoryLimitEnvVar } from '../../core/go-memory';
import type { k8s } from '../../core/k8s';
import { withFixedDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { envFromField } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { RuleSet } from '../../core/rule-set';
import { optionError, validateOptions } from '../../core/validation';
import { yaml } from '../../core/yaml';
import { lokiConfig, tenantLimitOverrides } from './config';
import type { S3Storage } from './deployment';
import {
  GOSSIP_PORT,
  LOKI_CONFIG_DIR,
  LOKI_DATA_DIR,
  LOKI_OVERRIDES,
  LOKI_PORTS,
  LOKI_RULES_DIR,
  memberlistServiceName,
  S3_CREDENTIALS_DIR,
} from './layout';
import { LOKI_LIMITS } from './limits';
import { allowTrafficBetweenReplicasAndToBucket } from './members';
import { NODE_FILTER, NODE_FILTER_FOLDER, NODE_FILTER_PORT, nodeFilterContainer } from './node-filter';
import { type LokiOptions, type LokiStackProps, resolveLokiOptions } from './options';
import { CLOUD_TENANT, lokiDataSource, resolveTenancy, TENANT_HEADER, type Tenancy } from './tenants';

/** Loki, which stores the log lines of edge nodes and cloud nodes for the retention period. */
export class LokiStack extends Construct implements LogSink, DataSource, ScrapeTarget {
  readonly component = 'loki';
  /** URL to which log collectors inside the cluster push log lines. */
  readonly clusterPushUrl: string;
  /** Tenant of the log lines of log collectors inside the cluster. `undefined` if Loki has no tenants. */
  readonly clusterTenant?: string;
  /** Loki's pods and HTTP port, for the network policies of log collectors inside the cluster. */
  readonly pushServer: NetworkServer;
  readonly queryServer: NetworkServer;
  readonly dataSource: GrafanaDataSource;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly publicEndpoint?: PublicEndpoint;
  private readonly alertmanagers: string[] = [];
  private readonly rules: RuleSet;
  private readonly tenancy: Tenancy;

  /**
   * @throws InvalidOptionError when an option is invalid, or when another backend of the ingress uses Loki's
   * push path.
   */
  constructor(scope: Construct, id: string, props: LokiStackProps = {}) {
    super(scope, id);
    const options = resolveLokiOptions(this, props);
    const { deployment, ingress } = options;
    this.tenancy = resolveTenancy(this, options.multiTenancy, ingress?.groups);
    this.rules = new RuleSet(this, 'LogQL', options.rules);
    this.node.addValidation({ validate: () => this.rules.problemsOfOverridesOfUnknownAlerts() });
    this.workload = this.createWorkload(options);
    const address = this.workload.serviceAddress('http');
    const server = this.workload.serverForNetworkPolicies('http');
    this.clusterPushUrl = `http://${address}${LOKI_PUSH_PATH}`;
    this.clusterTenant = this.tenancy.separate ? CLOUD_TENANT : undefined;
    this.pushServer = server;
    this.queryServer = server;
    this.dataSource = lokiDataSource(`http://${address}`, this.tenancy);
    const targets = isReplicated(options) ? this.workload.replicaAddresses('http') : [address];
    this.scrapeConfigs = [{ job_name: this.workload.name, static_configs: [{ targets }] }];
    this.scrapeServers = [server];
    if (deployment.mode === 'replicated')
      allowTrafficBetweenReplicasAndToBucket(this.workload, deployment.objectStorage);
    this.publicEndpoint = ingress?.expose(this.lokiIngressBackend(needsNodeFilter(options)));
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint)
      throw optionError(
        this,
        'edge nodes cannot reach Loki, because it has no ingress: set the option "ingress"',
      );
    return this.publicEndpoint;
  }

  /**
   * Adds LogQL rules to Loki's ruler. If there are tenants, the ruler evaluates the rules for each tenant.
   * @throws InvalidOptionError when a rule has an invalid LogQL expression, a duplicate name or no runbook. The message
   * contains the names of the rule and its group.
   */
  addRules(source: RuleSource): void {
    this.rules.addRules(source);
  }

  /**
   * Adds Alertmanagers to which Loki's ruler sends alerts.
   * @throws InvalidOptionError when the sink is invalid.
   */
  addAlertSink(sink: AlertSink): void {
    validateOptions(this, { sink: [sink ?? null, alertSink] });
    this.alertmanagers.push(...sink.alertmanagers);
    this.workload.network.allowConnectionTo(sink.alertServer);
  }

  private createWorkload(options: LokiOptions): CloudWorkload {
    const { name, namespace, deployment, resources } = options;
    const storage = deployment.mode === 'replicated' ? deployment.objectStorage : undefined;
    return new CloudWorkload(this, 'Default', {
      name,
      namespace,
      image: 'loki',
      uid: 10_001,
      ports: portsOfLokiPod(options),
      sidecars: needsNodeFilter(options) ? [nodeFilterContainer(Platform.of(this).image('node'))] : [],
      replicas: deployment.mode === 'replicated' ? deployment.replicas : 1,
      replicasService: isReplicated(options) ? memberlistServiceName(name) : undefined,
      spreadOverZones: isReplicated(options),
      serviceAccountAnnotations: storage?.identityAnnotations,
      secrets: storage?.credentialsSecretName ? { [S3_CREDENTIALS_DIR]: storage.credentialsSecretName } : {},
      storage: { size: options.storage, mountPath: LOKI_DATA_DIR },
      config: [
        {
          name: 'config',
          mountPath: LOKI_CONFIG_DIR,
          files: () => this.renderConfigFiles(options),
        },
        {
          name: 'rules',
          mountPath: this.tenancy.writers.map(tenantRulesFolder),
          files: () => this.rules.renderFiles(),
        },
        ...(needsNodeFilter(options) ? [NODE_FILTER_FOLDER] : []),
      ],
      // After SIGTERM, Loki needs time to write the data in memory to disk.
      terminationGracePeriodSeconds: 300,
      container: {
        args: [
          `-config.file=${LOKI_CONFIG_DIR}/loki.yaml`,
          '-target=all',
          ...(isReplicated(options) ? ['-config.expand-env=true'] : []),
        ],
        env: [...(isReplicated(options) ? replicaEnvVariables(storage) : []), goMemoryLimitEnvVar(resources)],
        resources,
        ...httpProbes({ ready: '/ready', live: '/loki/api/v1/status/buildinfo', startSeconds: 600 }),
      },
    });
  }

  /** Renders Loki's configuration file and, if tenants have their own limits, the file with these limits. */
  private renderConfigFiles(options: LokiOptions): Record<string, string> {
    const overrides = tenantLimitOverrides(this.tenancy);
    return {
      'loki.yaml': yaml(this.buildLokiConfig(options)),
      ...(overrides && { [LOKI_OVERRIDES]: yaml(overrides) }),
    };
  }

  /**
   * Returns the content of Loki's configuration file. Called at the end of the synthesis, when all Alertmanagers have
   * been added.
   */
  private buildLokiConfig(options: LokiOptions): object {
    const { name, namespace, deployment, retention, streamRetention, maxLineAge, limits = {} } = options;
    return lokiConfig({
      name,
      namespace,
      deployment,
      retention,
      streamRetention,
      maxLineAge,
      limits: withFixedDefaults(LOKI_LIMITS, limits),
      tenancy: this.tenancy,
      alertmanagers: this.alertmanagers,
      ipv6: Platform.of(this).hasIpv6,
    });
  }

  /**
   * Returns Loki as a backend of the ingress. The backend only accepts pushes. The guard (nginx behind the ingress)
   * balances pushes over Loki's replicas and, if Loki has tenants, sets the tenant header.
   * @param isFiltered whether pushes go through the node filter
   */
  private lokiIngressBackend(isFiltered: boolean): IngressBackend {
    const { name: serviceName, namespace } = this.workload;
    return {
      namespace,
      serviceName,
      server: isFiltered ? this.workload.serverForNetworkPolicies(NODE_FILTER) : this.pushServer,
      ...(isFiltered && { nodeHeader: CERTIFIED_NODE_HEADER }),
      paths: [LOKI_PUSH_PATH],
      pushes: {
        methods: ['POST'],
        path: LOKI_PUSH_PATH,
        retriesRefusedUsers: true,
        inFlight: MAX_PUSHES_IN_FLIGHT,
      },
      pushedByNodes: true,
      ...(this.tenancy.separate && { userHeader: TENANT_HEADER }),
    };
  }
}

/**
 * Maximum number of pushes that each replica of the guard (nginx behind the ingress) forwards to Loki at the same
 * time for one group or user. All nodes with certificates share one limit.
 */
const MAX_PUSHES_IN_FLIGHT = 8;

/**
 * Returns the environment variables of a replicated Loki: the pod's address and, if there is a Secret with credentials
 * for the bucket, the path of the credentials file.
 */
const replicaEnvVariables = (storage: S3Storage | undefined): k8s.EnvVar[] => [
  envFromField('POD_IP', 'status.podIP'),
  ...(storage?.credentialsSecretName
    ? [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: `${S3_CREDENTIALS_DIR}/credentials` }]
    : []),
];

/** Returns the folder with the rule files of a tenant. */
const tenantRulesFolder = (tenant: string): string => `${LOKI_RULES_DIR}/${tenant}`;

/**
 * Returns whether edge nodes authenticate by certificates. If so, Loki needs the node filter, which sets the label
 * `node` of log lines to the node name in the certificate.
 */
const needsNodeFilter = ({ ingress }: LokiOptions): boolean =>
  ingress?.authentication.certificates !== undefined;

/** Returns the ports of the pod by name: Loki's ports and, if there is a node filter, the port of the node filter. */
const portsOfLokiPod = (options: LokiOptions): Record<string, number> => ({
  ...LOKI_PORTS,
  ...(isReplicated(options) && { gossip: GOSSIP_PORT }),
  ...(needsNodeFilter(options) && { [NODE_FILTER]: NODE_FILTER_PORT }),
});

const isReplicated = ({ deployment }: LokiOptions): boolean => deployment.mode === 'replicated';
