import type { Construct } from 'constructs';
import { remoteWriteArgs, VMAGENT_PORT } from '../../agents/vmagent';
import { NO_GROUP, STAMPED_GROUP, STAMPED_NODE } from '../../contracts/endpoint';
import { REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { RelabelConfig } from '../../contracts/scrape-target';
import { secretMount } from '../../core/cloud-pod';
import { CloudWorkload } from '../../core/cloud-workload';
import type { ConfigFolder } from '../../core/cloud-workload-options';
import { Platform } from '../../core/platform';
import type { ContainerSpec } from '../../core/pods';
import { caFileIn, caMounts, caVolumes } from '../../core/private-ca';
import { httpProbes } from '../../core/probes';
import { WRITTEN_BY_CLIENTS } from '../../core/reserved-relabeling';
import { bytes, type Cpu, scaleCpu } from '../../core/units';
import { yaml } from '../../core/yaml';
import {
  type FilteredStore,
  needsWriteFilter,
  remoteWriteUrls,
  type StoreFilter,
  storeFilters,
} from './filters';
import { insertLimits } from './insert-limits';
import type { MetricsGatewayOptions } from './options';
import { gatewayLimits, SERIES_LIMITER_FILES, type Stamps, seriesLimiterContainer } from './series-limiter';
import { GATEWAY } from './sizing';
import { WRITE_FILTER_FILES, writeFilterContainer } from './write-filter';

const FILTER_DIR = '/opt/write-filter';
/** Limiter: the port that edge nodes write to. */
const LIMITER = { port: 8432, programDir: '/opt/series-limiter' };

const CONFIG_DIR = '/etc/metrics-gateway/config';
const CREDENTIALS_DIR = '/etc/metrics-gateway/credentials';
const CA_DIR = '/etc/metrics-gateway/ca';
const QUEUE_DIR = '/var/lib/metrics-gateway';

/** Creates the workload of a gateway: the limiter, vmagent and, in front of each Prometheus, a filter. */
export function gatewayWorkload(
  scope: Construct,
  options: MetricsGatewayOptions,
  stamps: () => Stamps,
): CloudWorkload {
  const { name, namespace, replicas, resources, store: target, storage: size } = options;
  const credentials = target.credentialsSecretName;
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace,
    image: 'vmagent',
    uid: 65_534,
    replicas,
    replicasService: `${name}-replicas`,
    ports: {
      http: VMAGENT_PORT,
      write: LIMITER.port,
      ...Object.fromEntries(storeFilters(target).map(({ portName, metricsPort }) => [portName, metricsPort])),
    },
    storage: { size, mountPath: QUEUE_DIR },
    config: configFolders(scope, options, stamps),
    secrets: credentials ? { [CREDENTIALS_DIR]: credentials } : {},
    volumes: caVolumes(target),
    // Time to write samples in memory to the queue before it stops.
    terminationGracePeriodSeconds: 60,
    container: {
      args: vmagentArgs(options),
      env: [...insertLimits(resources).env],
      resources,
      volumeMounts: needsWriteFilter(target) ? [] : caMounts(CA_DIR, target),
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
    sidecars: [
      limiterContainer(scope, options),
      ...(needsWriteFilter(target)
        ? storeFilters(target).map((filter) => filterContainer(scope, options, target, filter))
        : []),
    ],
  });
}

/** All containers process the same samples, so each gets a share of the CPU. */
const cpuShareOf = ({ resources }: MetricsGatewayOptions, container: 'limiter' | 'filter'): Cpu => {
  const { secondsPerSample } = GATEWAY;
  return scaleCpu(resources.cpu, secondsPerSample[container] / secondsPerSample.vmagent);
};

function vmagentArgs(options: MetricsGatewayOptions): string[] {
  const { store: target, storage: size, samplesPerSecond } = options;
  const direct = !needsWriteFilter(target);
  return [
    `-httpListenAddr=:${VMAGENT_PORT}`,
    `-remoteWrite.relabelConfig=${CONFIG_DIR}/relabel.yaml`,
    ...remoteWriteArgs({
      urls: remoteWriteUrls(target),
      encoding: direct ? target.encoding : 'snappy',
      queueDir: `${QUEUE_DIR}/queue`,
      // In addition to this limit, vmagent holds the file that it is reading.
      queueSize: `${Math.max(Math.floor(((bytes(size) / 2 ** 20) * 0.8) / target.writeUrls.length), 512)}Mi`,
      ...(direct && {
        credentialsDir: target.credentialsSecretName && CREDENTIALS_DIR,
        caFile: caFileIn(CA_DIR, target),
        headers: target.headers,
      }),
    }),
    // A safety limit above the limiter's, even if the limiter loses its state: vmagent forgets all series
    // each hour.
    `-remoteWrite.maxHourlySeries=${2 * gatewayLimits(options).mostSeries}`,
    ...(samplesPerSecond ? [`-maxIngestionRate=${samplesPerSecond}`] : []),
    '-remoteWrite.retryMaxInterval=30s',
    // Twice vmagent's default, which halves the number of requests: the filter and the store have a cost per
    // request.
    '-remoteWrite.maxRowsPerBlock=20000',
    ...insertLimits(options.resources).args,
  ];
}

function configFolders(
  scope: Construct,
  { store: target, ...options }: MetricsGatewayOptions,
  stamps: () => Stamps,
): ConfigFolder[] {
  const { cluster } = Platform.of(scope);
  const files = () => ({
    'relabel.yaml': yaml(relabelConfigs(cluster, stamps())),
    'limits.json': gatewayLimits(options).file(stamps()),
  });
  return [
    { name: 'config', mountPath: CONFIG_DIR, files },
    { name: 'series-limiter', files: () => SERIES_LIMITER_FILES },
    ...(needsWriteFilter(target) ? [{ name: 'write-filter', files: () => WRITE_FILTER_FILES }] : []),
  ];
}

/** Sets the node of a certificate, and its group if the labels of nodes define groups. */
const CERTIFIED: readonly RelabelConfig[] = [
  { action: 'labelmap', regex: STAMPED_NODE, replacement: 'node' },
  { action: 'labelmap', regex: STAMPED_GROUP, replacement: 'group' },
  { source_labels: ['group'], regex: NO_GROUP, target_label: 'group', replacement: '' },
];

/**
 * Returns the relabeling of clients' samples. The labels `cluster` and `side` of a client are replaced, its
 * `group` where there are groups, and its `node` where nodes have certificates. If a client adds the guard's
 * label itself, the guard's value comes later and wins: labelmap writes both in order.
 */
function relabelConfigs(cluster: string, stamps: Stamps): RelabelConfig[] {
  return [
    ...(stamps.group
      ? [
          { action: 'labeldrop' as const, regex: 'group' },
          { action: 'labelmap' as const, regex: STAMPED_GROUP, replacement: 'group' },
        ]
      : []),
    ...(stamps.node ? CERTIFIED : []),
    ...WRITTEN_BY_CLIENTS,
    { target_label: 'cluster', replacement: cluster },
  ];
}

function limiterContainer(scope: Construct, options: MetricsGatewayOptions): ContainerSpec {
  return seriesLimiterContainer({
    ...LIMITER,
    image: Platform.of(scope).image('node'),
    limits: gatewayLimits(options),
    cpu: cpuShareOf(options, 'limiter'),
    limitsFile: `${CONFIG_DIR}/limits.json`,
    stateFile: `${QUEUE_DIR}/series-limiter/state.json`,
    targetUrl: `http://127.0.0.1:${VMAGENT_PORT}${REMOTE_WRITE_PATH}`,
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
      { name: 'series-limiter', mountPath: LIMITER.programDir, readOnly: true },
      { name: 'data', mountPath: QUEUE_DIR },
    ],
  });
}

function filterContainer(
  scope: Construct,
  options: MetricsGatewayOptions,
  target: FilteredStore,
  filter: StoreFilter,
): ContainerSpec {
  const { credentialsSecretName: secret } = target;
  return writeFilterContainer({
    ...filter,
    programDir: FILTER_DIR,
    image: Platform.of(scope).image('node'),
    cpu: cpuShareOf(options, 'filter'),
    store: target,
    credentialsDir: secret && CREDENTIALS_DIR,
    caFile: caFileIn(CA_DIR, target),
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'write-filter', mountPath: FILTER_DIR, readOnly: true },
      ...(secret ? [secretMount(CREDENTIALS_DIR)] : []),
      ...caMounts(CA_DIR, target),
    ],
  });
}
