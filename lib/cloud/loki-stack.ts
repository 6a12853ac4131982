import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { AlertSink } from '../contracts/alert-sink';
import type { DataSource, GrafanaDataSource } from '../contracts/data-source';
import type { IngressBackend, PublicEndpoint } from '../contracts/endpoint';
import { LOKI_PUSH_PATH, type LogSink } from '../contracts/log-sink';
import type { NetworkServer } from '../contracts/network';
import type { RuleSource } from '../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { CloudWorkload } from '../core/cloud-workload';
import { yaml } from '../core/config-files';
import { k8s } from '../core/k8s';
import { portOf } from '../core/network-access';
import { apiObject } from '../core/objects';
import type { Resources } from '../core/pods';
import { httpProbes } from '../core/probes';
import { type RuleOptions, RuleSet } from '../core/rule-set';
import { type Duration, type Quantity, seconds } from '../core/units';
import {
  duration,
  invalid,
  listOf,
  objectName,
  oneOf,
  quantity,
  type Rule,
  verify,
  wholeNumber,
} from '../core/validation';
import {
  GOSSIP_PORT,
  LOKI_DATA_DIR,
  LOKI_PORTS,
  LOKI_RULES_DIR,
  type LokiLimits,
  lokiConfig,
  membersOf,
  NO_TENANT,
  S3_CREDENTIALS_DIR,
  type StreamRetention,
} from './loki-config';
import { type LokiDeployment, REPLICATION_FACTOR, type S3Storage, singleBinary } from './loki-deployment';

/** Whose lines are kept apart. */
export interface MultiTenancy {
  /** Users of the ingress that Grafana shows; each is a tenant. */
  readonly tenants: readonly string[];
}

/** What a LokiStack is made of. */
export interface LokiStackProps {
  /** Name of its objects, and of the job that reads it. @default "loki" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** As how many processes it runs. @default - `singleBinary()`: one Loki on a volume */
  readonly deployment?: LokiDeployment;
  /** How long lines are kept, at least `1d`: an index file holds a day. @default "30d" */
  readonly retention?: Duration;
  /** Streams that are kept for another time. @default - none */
  readonly streamRetention?: readonly StreamRetention[];
  /**
   * How old a line may be that an edge delivers after an outage.
   * @default "8d" - an edge that was away for a week
   */
  readonly maxLineAge?: Duration;
  /** @default - for a fleet of some hundred nodes */
  readonly limits?: LokiLimits;
  /**
   * The lines of each user of the ingress for themselves; those of cloud nodes are the tenant `cloud`.
   * @default - all lines together
   */
  readonly multiTenancy?: MultiTenancy;
  /** Where runbooks are, and which alerts are changed or left out. @default - none are */
  readonly rules?: RuleOptions;
  /** Size of each replica's volume. @default "50Gi" */
  readonly storage?: Quantity;
  /** @default - 100m of a core, 256Mi of memory, at most 1Gi */
  readonly resources?: Resources;
}

/** How old a line may be where nobody says otherwise. */
export const MAX_LINE_AGE = '8d';

/** The tenant of the cloud nodes' lines. */
const CLOUD_TENANT = 'cloud';

const LIMITS: Required<LokiLimits> = { streams: 50_000, ingestionRate: '16Mi', lineSize: '256Ki' };

const retention: Rule = {
  allowed: 'a duration of at least a day, such as "30d"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) >= seconds('1d'),
};

const selector: Rule = {
  allowed: 'a LogQL selector, such as {namespace="audit"}',
  accepts: (value) => typeof value === 'string' && /^\{[^{}]*=[^{}]*\}$/.test(value),
};

const bucket: Rule = {
  allowed: 'the name of a bucket, such as "our-logs"',
  accepts: (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value),
};

const endpoint: Rule = {
  allowed:
    'http:// or https:// with a host and, where needed, a port, such as "https://minio.example.com:9000"',
  accepts: (value) => typeof value === 'string' && /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/.test(value),
};

const tenant: Rule = {
  allowed: "a name of up to 150 letters, digits and !-_.*'()",
  accepts: (value) => typeof value === 'string' && /^[A-Za-z0-9!_.*'()-]{1,150}$/.test(value),
};

/** Loki: it takes lines from edge and cloud, and forgets them in time. */
export class LokiStack extends Construct implements LogSink, DataSource, ScrapeTarget {
  /** Where collectors inside the cluster push to. */
  readonly clusterPushUrl: string;
  /** The tenant that collectors inside the cluster name; none where lines are kept together. */
  readonly clusterTenant?: string;
  /** What collectors inside the cluster connect to, so that network policies open exactly that. */
  readonly pushServer: NetworkServer;
  readonly queryServer: NetworkServer;
  readonly dataSource: GrafanaDataSource;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly publicEndpoint?: PublicEndpoint;
  private readonly alertmanagers: string[] = [];
  private readonly rules: RuleSet;

  /** @throws InvalidOptionError when an option is not allowed, or the push path of the ingress is taken. */
  constructor(scope: Construct, id: string, props: LokiStackProps = {}) {
    super(scope, id);
    verifyProps(this, props);
    this.rules = new RuleSet(this, 'LogQL', props.rules);
    this.node.addValidation({ validate: () => this.rules.unknownOverrides() });
    this.workload = this.makeWorkload(props);
    const address = this.workload.address('http');
    const server = this.workload.server('http');
    this.clusterPushUrl = `http://${address}${LOKI_PUSH_PATH}`;
    this.clusterTenant = props.multiTenancy && CLOUD_TENANT;
    this.pushServer = server;
    this.queryServer = server;
    this.dataSource = dataSource(`http://${address}`, props.multiTenancy);
    this.scrapeConfigs = [{ job_name: this.workload.name, static_configs: [{ targets: [address] }] }];
    this.scrapeServers = [server];
    if (props.deployment?.mode === 'replicated') this.connectReplicas(props.deployment.objectStorage);
    this.publicEndpoint = props.ingress?.expose(this.backend(props));
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint) throw invalid(this, 'nothing at the edge can reach it: give it an `ingress`');
    return this.publicEndpoint;
  }

  /**
   * Has the ruler evaluate rules about lines; of each tenant for itself, where lines are kept apart.
   *
   * @throws InvalidOptionError that names the rule and its group, when one is not allowed: an expression that
   * is not LogQL, a name that is there already, no runbook.
   */
  addRules(source: RuleSource): void {
    this.rules.add(source);
  }

  /** Tells Alertmanagers of the alerts that the ruler raises. */
  addAlertSink({ alertmanagers, alertServer }: AlertSink): void {
    this.alertmanagers.push(...alertmanagers);
    this.workload.network.connect(alertServer);
  }

  private makeWorkload(props: LokiStackProps): CloudWorkload {
    const deployment = props.deployment ?? singleBinary();
    const storage = deployment.mode === 'replicated' ? deployment.objectStorage : undefined;
    const name = props.name ?? 'loki';
    return new CloudWorkload(this, 'Default', {
      name,
      namespace: props.namespace,
      image: 'loki',
      uid: 10_001,
      ports: LOKI_PORTS,
      replicas: deployment.mode === 'replicated' ? deployment.replicas : 1,
      spreadOverZones: deployment.mode === 'replicated',
      serviceAccountAnnotations: storage?.identityAnnotations,
      secrets: storage?.credentialsSecretName ? { [S3_CREDENTIALS_DIR]: storage.credentialsSecretName } : {},
      storage: { size: props.storage ?? '50Gi', mountPath: LOKI_DATA_DIR },
      config: [
        {
          name: 'config',
          mountPath: '/etc/loki/config',
          files: () => ({ 'loki.yaml': yaml(this.configuration(props, deployment)) }),
        },
        { name: 'rules', mountPath: tenantsOf(props).map(rulesOf), files: () => this.rules.files() },
      ],
      // It writes what it holds in memory to disk before it stops.
      terminationGracePeriodSeconds: 300,
      container: {
        args: ['-config.file=/etc/loki/config/loki.yaml', '-target=all'],
        ...(storage?.credentialsSecretName && {
          env: [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: `${S3_CREDENTIALS_DIR}/credentials` }],
        }),
        resources: props.resources ?? { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' },
        ...httpProbes({ ready: '/ready', live: '/loki/api/v1/status/buildinfo', startSeconds: 600 }),
      },
    });
  }

  private configuration(props: LokiStackProps, deployment: LokiDeployment): object {
    const { name, namespace } = this.workload;
    return lokiConfig({
      name,
      namespace,
      deployment,
      retention: props.retention ?? '30d',
      streamRetention: props.streamRetention ?? [],
      maxLineAge: props.maxLineAge ?? MAX_LINE_AGE,
      limits: { ...LIMITS, ...props.limits },
      tenants: props.multiTenancy !== undefined,
      alertmanagers: this.alertmanagers,
    });
  }

  /** Replicas gossip, ask each other, and reach the bucket. */
  private connectReplicas({ endpoint: server }: S3Storage): void {
    const { network, name, namespace, identity } = this.workload;
    const ports = [GOSSIP_PORT, LOKI_PORTS.grpc];
    network.admit(network.peer, ...ports);
    network.reach(network.peer, ...ports);
    network.reach({ cidrs: ['0.0.0.0/0'] }, server ? portOf(server) : 443);
    apiObject(
      this,
      'Members',
      k8s.KubeService.manifest({
        metadata: { name: membersOf(name), namespace, labels: identity.labels },
        spec: {
          type: 'ClusterIP',
          clusterIp: 'None',
          // They have to find each other before they are ready.
          publishNotReadyAddresses: true,
          selector: identity.selector,
          ports: [
            {
              name: 'gossip',
              port: GOSSIP_PORT,
              protocol: 'TCP',
              targetPort: k8s.IntOrString.fromNumber(GOSSIP_PORT),
            },
          ],
        },
      }),
    );
  }

  /** Only pushes come in; the guard spreads them over the replicas and says whose lines they are. */
  private backend({ multiTenancy }: LokiStackProps): IngressBackend {
    const { name: serviceName, namespace } = this.workload;
    return {
      namespace,
      serviceName,
      server: this.pushServer,
      paths: [LOKI_PUSH_PATH],
      pushes: { methods: ['POST'], path: LOKI_PUSH_PATH },
      ...(multiTenancy && { userHeader: 'X-Scope-OrgID' }),
    };
  }
}

/** Whose lines there are. */
function tenantsOf({ multiTenancy }: LokiStackProps): string[] {
  return multiTenancy ? [CLOUD_TENANT, ...multiTenancy.tenants] : [NO_TENANT];
}

const rulesOf = (tenant: string): string => `${LOKI_RULES_DIR}/${tenant}`;

function verifyProps(scope: Construct, props: LokiStackProps): void {
  const { deployment, limits = {}, streamRetention = [] } = props;
  verify(scope, {
    'deployment.mode': [deployment?.mode, oneOf('singleBinary', 'replicated')],
    retention: [props.retention, retention],
    maxLineAge: [props.maxLineAge, duration],
    storage: [props.storage, quantity],
    'limits.streams': [limits.streams, wholeNumber(1, 10_000_000)],
    'limits.ingestionRate': [limits.ingestionRate, quantity],
    'limits.lineSize': [limits.lineSize, quantity],
    'multiTenancy.tenants': [props.multiTenancy && (props.multiTenancy.tenants ?? null), listOf(tenant)],
    ...Object.fromEntries(
      streamRetention.flatMap((one, index) => [
        [`streamRetention[${index}].selector`, [one.selector ?? null, selector]],
        [`streamRetention[${index}].period`, [one.period ?? null, retention]],
      ]),
    ),
  });
  if (deployment?.mode === 'replicated') verifyReplicated(scope, deployment);
}

function verifyReplicated(
  scope: Construct,
  { replicas, objectStorage }: Extract<LokiDeployment, { mode: 'replicated' }>,
): void {
  const at = 'deployment.objectStorage';
  verify(scope, {
    'deployment.replicas': [replicas, wholeNumber(REPLICATION_FACTOR, 100)],
    [`${at}.bucket`]: [objectStorage?.bucket ?? null, bucket],
    [`${at}.endpoint`]: [objectStorage?.endpoint, endpoint],
    [`${at}.credentialsSecretName`]: [objectStorage?.credentialsSecretName, objectName],
  });
  if (objectStorage.credentialsSecretName && objectStorage.identityAnnotations) {
    throw invalid(scope, `${at} has credentialsSecretName and identityAnnotations; allowed: one of them`);
  }
}

/** Grafana reads the lines of all tenants together. */
function dataSource(url: string, multiTenancy?: MultiTenancy): GrafanaDataSource {
  const source = { name: 'Loki', uid: 'loki', type: 'loki', url } as const;
  if (!multiTenancy) return source;
  return {
    ...source,
    jsonData: { httpHeaderName1: 'X-Scope-OrgID' },
    // Names, not secrets; Grafana takes the values of headers nowhere else.
    secureJsonData: { httpHeaderValue1: [CLOUD_TENANT, ...multiTenancy.tenants].join('|') },
  };
}
