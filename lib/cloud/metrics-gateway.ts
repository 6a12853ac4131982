import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import { remoteWriteArgs, SMALLEST_QUEUE } from '../agents/vmagent';
import { type PublicEndpoint, STAMPED_GROUP } from '../contracts/endpoint';
import { REMOTE_WRITE_2, REMOTE_WRITE_PATH, type RemoteWriteSink } from '../contracts/metrics-sink';
import type { NetworkServer } from '../contracts/network';
import type { RemoteWriteStore } from '../contracts/remote-write-store';
import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { CloudWorkload } from '../core/cloud-workload';
import type { ConfigFolder } from '../core/cloud-workload-options';
import { yaml } from '../core/config-files';
import { quantity, wholeNumber } from '../core/option-rules';
import { Platform } from '../core/platform';
import type { ContainerSpec, Resources } from '../core/pods';
import { caFileIn, caMounts, caVolumes } from '../core/private-ca';
import { httpProbes } from '../core/probes';
import { WRITTEN_BY_CLIENTS } from '../core/reserved-relabeling';
import { bytes, type Quantity } from '../core/units';
import { invalid, type Rule, verify } from '../core/validation';
import { type SeriesLimits, verifySeriesLimits } from '../fleet/series-limits';
import { insertLimits } from './insert-limits';
import { SERIES_LIMITER_FILES, seriesLimiter, seriesLimits } from './series-limiter';
import { WRITE_FILTER_FILES, writeFilter } from './write-filter';

/** What a MetricsGateway is made of. */
export interface MetricsGatewayProps {
  /** Where samples go: a Prometheus of this stack, or `toRemoteWrite`. */
  readonly store: RemoteWriteStore;
  /** Name of its objects, and of the job that reads it. @default "metrics-gateway" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** How many share the nodes. @default 2 - samples come in while a node is drained */
  readonly replicas?: number;
  /** Volume of each replica, for what waits while the store is away. @default "5Gi" */
  readonly storage?: Quantity;
  /** How many series nodes may write; what is beyond is refused, and counted. @default - for 500 nodes */
  readonly limits?: SeriesLimits;
  /** The same of each group, where users are those of groups. @default - all groups share `limits` */
  readonly groupLimits?: Readonly<Record<string, SeriesLimits>>;
  /** Most samples in a second, for each replica; beyond, whoever writes has to wait. @default - no limit */
  readonly samplesPerSecond?: number;
  /** @default - 100m of a core, 128Mi of memory, at most 512Mi */
  readonly resources?: Resources;
}

/** What a replica takes where nobody says how many nodes there are. */
export const GATEWAY_DEFAULTS = {
  resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' },
} as const;

const PORT = 8429;
/** Of the filter, on the pod's loopback address, and for its metrics. */
const FILTER = { port: 8430, metricsPort: 8431, programDir: '/opt/write-filter' };
/** Of the limiter, to which the edge writes. */
const LIMITER = { port: 8432, programDir: '/opt/series-limiter' };

const CONFIG_DIR = '/etc/metrics-gateway/config';
const CREDENTIALS_DIR = '/etc/metrics-gateway/credentials';
const CA_DIR = '/etc/metrics-gateway/ca';
const QUEUE_DIR = '/var/lib/metrics-gateway';

const store: Rule = {
  allowed: 'a Prometheus of this stack, or toRemoteWrite({ url: "https://mimir.example.com/api/v1/push" })',
  accepts: (value) => typeof (value as RemoteWriteStore)?.writeUrl === 'string',
};

const storage: Rule = {
  allowed: '1Gi or more: the queue of a vmagent is at least 512Mi',
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= 2 * bytes(SMALLEST_QUEUE),
};

/**
 * Takes the samples of all edge nodes by remote write, says which cluster and group they are of, and hands them
 * to a store; while that is away they wait on a volume. vmagents, which are pushed to through a guard.
 */
export class MetricsGateway extends Construct implements RemoteWriteSink, ScrapeTarget {
  readonly protocol = 'remote-write';
  readonly encoding = 'zstd';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly publicEndpoint?: PublicEndpoint;

  /** @throws InvalidOptionError when an option is not allowed, or when its path of the ingress is taken. */
  constructor(scope: Construct, id: string, props: MetricsGatewayProps) {
    super(scope, id);
    verify(this, {
      store: [props.store ?? null, store],
      storage: [props.storage, storage],
      replicas: [props.replicas, wholeNumber(1, 100)],
      samplesPerSecond: [props.samplesPerSecond, wholeNumber(1, 100_000_000)],
    });
    for (const limits of [props.limits, ...Object.values(props.groupLimits ?? {})]) {
      verifySeriesLimits(this, limits);
    }
    const workload = makeWorkload(this, props, () => this.publicEndpoint?.groups !== undefined);
    workload.network.connect(props.store.writeServer);
    const ports = ['http', 'write', ...(filtered(props.store) ? ['filter'] : [])];
    this.scrapeConfigs = ports.map((port) => scrapeJob(workload, port));
    this.scrapeServers = ports.map((port) => workload.server(port));
    this.publicEndpoint = props.ingress && expose(workload, props.ingress);
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint) throw invalid(this, 'nothing at the edge can reach it: give it an `ingress`');
    return this.publicEndpoint;
  }
}

type FilteredStore = RemoteWriteStore & { readonly outOfOrderSeconds: number };

function filtered(target: RemoteWriteStore): target is FilteredStore {
  return target.outOfOrderSeconds !== undefined;
}

/** What its programs are called in the names of jobs. */
const JOBS: Readonly<Record<string, string>> = { http: '', write: '-limiter', filter: '-filter' };

/** Series of the programs beside the vmagent are about nodes, and keep the nodes' labels. */
const scrapeJob = (workload: CloudWorkload, port: string): ScrapeConfig => ({
  job_name: `${workload.name}${JOBS[port]}`,
  ...(port !== 'http' && { honor_labels: true }),
  static_configs: [{ targets: workload.replicaAddresses(port) }],
});

function makeWorkload(scope: Construct, props: MetricsGatewayProps, hasGroups: () => boolean): CloudWorkload {
  const { name = 'metrics-gateway', store: target, storage: size = '5Gi' } = props;
  const credentials = target.credentialsSecretName;
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace: props.namespace,
    image: 'vmagent',
    uid: 65_534,
    replicas: props.replicas ?? 2,
    replicasService: `${name}-replicas`,
    ports: { http: PORT, write: LIMITER.port, ...(filtered(target) && { filter: FILTER.metricsPort }) },
    storage: { size, mountPath: QUEUE_DIR },
    config: configFolders(scope, props, hasGroups),
    secrets: credentials ? { [CREDENTIALS_DIR]: credentials } : {},
    volumes: caVolumes(target),
    // It writes what it holds in memory to the queue before it stops.
    terminationGracePeriodSeconds: 60,
    container: {
      args: args(props, size),
      env: [...insertLimits(resourcesOf(props)).env],
      resources: resourcesOf(props),
      volumeMounts: filtered(target) ? [] : caMounts(CA_DIR, target),
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
    sidecars: [limiterContainer(scope, props), ...(filtered(target) ? [filterContainer(scope, target)] : [])],
  });
}

const resourcesOf = ({ resources = GATEWAY_DEFAULTS.resources }: MetricsGatewayProps): Resources => resources;

function args(props: MetricsGatewayProps, size: Quantity): string[] {
  const { store: target } = props;
  const direct = !filtered(target);
  return [
    `-httpListenAddr=:${PORT}`,
    `-remoteWrite.relabelConfig=${CONFIG_DIR}/relabel.yaml`,
    ...remoteWriteArgs({
      url: direct ? target.writeUrl : `http://127.0.0.1:${FILTER.port}${REMOTE_WRITE_PATH}`,
      encoding: direct ? target.encoding : 'snappy',
      queueDir: `${QUEUE_DIR}/queue`,
      // Beside its limit it holds the file that it is reading.
      queueSize: `${Math.max(Math.floor((bytes(size) / 2 ** 20) * 0.8), 512)}Mi`,
      ...(direct && {
        credentialsDir: target.credentialsSecretName && CREDENTIALS_DIR,
        caFile: caFileIn(CA_DIR, target),
        headers: target.headers,
      }),
    }),
    // A fuse above what the limiter lets through, also when that begins anew: this one forgets all series each hour.
    `-remoteWrite.maxHourlySeries=${2 * seriesLimits(props).mostSeries}`,
    ...(props.samplesPerSecond ? [`-maxIngestionRate=${props.samplesPerSecond}`] : []),
    '-remoteWrite.retryMaxInterval=30s',
    // Half as many requests as vmagent makes by itself: what the filter and the store do once for each is a part of their cost.
    '-remoteWrite.maxRowsPerBlock=20000',
    ...insertLimits(resourcesOf(props)).args,
  ];
}

function configFolders(
  scope: Construct,
  { store: target, ...props }: MetricsGatewayProps,
  hasGroups: () => boolean,
): ConfigFolder[] {
  const { cluster } = Platform.of(scope);
  const files = () => ({
    'relabel.yaml': yaml(relabelConfigs(cluster, hasGroups())),
    'limits.json': seriesLimits(props).file(hasGroups()),
  });
  return [
    { name: 'config', mountPath: CONFIG_DIR, files },
    { name: 'series-limiter', files: () => SERIES_LIMITER_FILES },
    ...(filtered(target) ? [{ name: 'write-filter', files: () => WRITE_FILTER_FILES }] : []),
  ];
}

/**
 * What a client says of its cluster does not count, nor what it says in the name of the cloud side, and of its group
 * only where there are no groups. A stamp
 * that a client forged comes before the guard's own: labelmap writes both, one after the other.
 */
function relabelConfigs(cluster: string, hasGroups: boolean): RelabelConfig[] {
  return [
    ...(hasGroups
      ? [
          { action: 'labeldrop' as const, regex: 'group' },
          { action: 'labelmap' as const, regex: STAMPED_GROUP, replacement: 'group' },
        ]
      : []),
    ...WRITTEN_BY_CLIENTS,
    { target_label: 'cluster', replacement: cluster },
  ];
}

function limiterContainer(scope: Construct, props: MetricsGatewayProps): ContainerSpec {
  return seriesLimiter({
    ...LIMITER,
    image: Platform.of(scope).image('node'),
    limits: seriesLimits(props),
    limitsFile: `${CONFIG_DIR}/limits.json`,
    stateFile: `${QUEUE_DIR}/series-limiter/state.json`,
    targetUrl: `http://127.0.0.1:${PORT}${REMOTE_WRITE_PATH}`,
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
      { name: 'series-limiter', mountPath: LIMITER.programDir, readOnly: true },
      { name: 'data', mountPath: QUEUE_DIR },
    ],
  });
}

function filterContainer(scope: Construct, target: FilteredStore): ContainerSpec {
  const { credentialsSecretName: secret } = target;
  return writeFilter({
    ...FILTER,
    image: Platform.of(scope).image('node'),
    store: target,
    credentialsDir: secret && CREDENTIALS_DIR,
    caFile: caFileIn(CA_DIR, target),
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'write-filter', mountPath: FILTER.programDir, readOnly: true },
      ...(secret ? [{ name: secret, mountPath: CREDENTIALS_DIR, readOnly: true }] : []),
      ...caMounts(CA_DIR, target),
    ],
  });
}

/** Only pushes come in; the guard spreads them over the replicas, and says whose they are. */
function expose(workload: CloudWorkload, ingress: BasicAuthIngress): PublicEndpoint {
  return ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.server('write'),
    paths: [REMOTE_WRITE_PATH],
    pushes: {
      methods: ['POST'],
      path: REMOTE_WRITE_PATH,
      unsupported: REMOTE_WRITE_2,
    },
    groupStamp: 'extra-label',
  });
}
