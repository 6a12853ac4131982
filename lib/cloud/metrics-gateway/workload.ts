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
import { caFilePath, caMounts, caVolumes } from '../../core/private-ca';
import { httpProbes } from '../../core/probes';
import { CLIENT_SAMPLE_RELABELING } from '../../core/reserved-relabeling';
import { type Cpu, scaleCpu } from '../../core/units';
import { yaml } from '../../core/yaml';
import {
  type FilteredStore,
  type GatewayWriteFilter,
  listWriteFilters,
  needsWriteFilter,
  urlsToWhichVmagentWrites,
} from './filters';
import { vmagentArgsAndEnvForInsertLimits } from './insert-limits';
import { type MetricsGatewayOptions, maxQueueSizeForVolume } from './options';
import {
  gatewaySeriesLimits,
  type LabelsAddedByGuard,
  SERIES_LIMITER_FILES,
  seriesLimiterContainer,
} from './series-limiter';
import { GATEWAY } from './sizing';
import { WRITE_FILTER_FILES, writeFilterContainer } from './write-filter';

const FILTER_DIR = '/opt/write-filter';
/** Series limiter: the port to which the guard forwards requests of edge nodes, and the mount path of the program. */
const LIMITER = { port: 8432, programDir: '/opt/series-limiter' };

const CONFIG_DIR = '/etc/metrics-gateway/config';
const CREDENTIALS_DIR = '/etc/metrics-gateway/credentials';
const CA_DIR = '/etc/metrics-gateway/ca';
const QUEUE_DIR = '/var/lib/metrics-gateway';

/**
 * Creates the workload of a metrics gateway. Its containers are the series limiter, vmagent and, for a store that needs
 * write filters, one write filter for each URL of the store.
 */
export function createGatewayWorkload(
  scope: Construct,
  options: MetricsGatewayOptions,
  guardLabels: () => LabelsAddedByGuard,
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
      ...Object.fromEntries(
        listWriteFilters(target).map(({ portName, metricsPort }) => [portName, metricsPort]),
      ),
    },
    storage: { size, mountPath: QUEUE_DIR },
    config: configAndProgramFolders(scope, options, guardLabels),
    secrets: credentials ? { [CREDENTIALS_DIR]: credentials } : {},
    volumes: caVolumes(target),
    // After SIGTERM, vmagent needs time to write the samples in memory to the queue.
    terminationGracePeriodSeconds: 60,
    container: {
      args: vmagentArgs(options),
      env: [...vmagentArgsAndEnvForInsertLimits(resources).env],
      resources,
      volumeMounts: needsWriteFilter(target) ? [] : caMounts(CA_DIR, target),
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
    sidecars: [
      gatewaySeriesLimiterContainer(scope, options),
      ...(needsWriteFilter(target)
        ? listWriteFilters(target).map((filter) =>
            gatewayWriteFilterContainer(scope, options, target, filter),
          )
        : []),
    ],
  });
}

/**
 * Returns the CPU request of a sidecar container, from the CPU request of vmagent. All containers process the same
 * samples, so their CPU requests are proportional to their CPU time per sample.
 */
const sidecarCpuRequest = ({ resources }: MetricsGatewayOptions, container: 'limiter' | 'filter'): Cpu => {
  const { secondsPerSample } = GATEWAY;
  return scaleCpu(resources.cpu, secondsPerSample[container] / secondsPerSample.vmagent);
};

/** Returns vmagent's flags. vmagent writes to the write filters or, if the store needs no filters, to the store. */
function vmagentArgs(options: MetricsGatewayOptions): string[] {
  const { store: target, storage, samplesPerSecond } = options;
  const direct = !needsWriteFilter(target);
  return [
    `-httpListenAddr=:${VMAGENT_PORT}`,
    `-remoteWrite.relabelConfig=${CONFIG_DIR}/relabel.yaml`,
    ...remoteWriteArgs({
      urls: urlsToWhichVmagentWrites(target),
      encoding: direct ? target.encoding : 'snappy',
      queueDir: `${QUEUE_DIR}/queue`,
      queueSize: maxQueueSizeForVolume(storage, target.writeUrls.length),
      ...(direct && {
        credentialsDir: target.credentialsSecretName && CREDENTIALS_DIR,
        caFile: caFilePath(CA_DIR, target),
        headers: target.headers,
      }),
    }),
    // A second limit, twice the limit of the series limiter. This limit also applies if the series limiter loses its
    // state. vmagent resets its count every hour.
    `-remoteWrite.maxHourlySeries=${2 * gatewaySeriesLimits(options).mostSeries}`,
    ...(samplesPerSecond ? [`-maxIngestionRate=${samplesPerSecond}`] : []),
    '-remoteWrite.retryMaxInterval=30s',
    // Twice vmagent's default. With larger requests there are fewer requests, and the write filter and the store have
    // a fixed cost per request.
    '-remoteWrite.maxRowsPerBlock=20000',
    ...vmagentArgsAndEnvForInsertLimits(options.resources).args,
  ];
}

/** Returns the folders with vmagent's relabeling, the series limits and the programs of the sidecar containers. */
function configAndProgramFolders(
  scope: Construct,
  { store: target, ...options }: MetricsGatewayOptions,
  guardLabels: () => LabelsAddedByGuard,
): ConfigFolder[] {
  const { cluster } = Platform.of(scope);
  /**
   * Renders the relabeling and the series limits. This function is called at the end of the synthesis, when the guard's
   * labels are known.
   */
  const renderConfigFiles = () => ({
    'relabel.yaml': yaml(relabelConfigsForClientSamples(cluster, guardLabels())),
    'limits.json': gatewaySeriesLimits(options).renderFile(guardLabels()),
  });
  return [
    { name: 'config', mountPath: CONFIG_DIR, files: renderConfigFiles },
    { name: 'series-limiter', files: () => SERIES_LIMITER_FILES },
    ...(needsWriteFilter(target) ? [{ name: 'write-filter', files: () => WRITE_FILTER_FILES }] : []),
  ];
}

/**
 * Relabeling for nodes with client certificates: sets the labels `node` and `group` to the values that the
 * guard added. For a node without a group, the guard adds the group `NO_GROUP`, and the relabeling removes the label.
 */
const CERTIFIED_NODE_RELABELING: readonly RelabelConfig[] = [
  { action: 'labelmap', regex: STAMPED_NODE, replacement: 'node' },
  { action: 'labelmap', regex: STAMPED_GROUP, replacement: 'group' },
  { source_labels: ['group'], regex: NO_GROUP, target_label: 'group', replacement: '' },
];

/**
 * Returns the relabeling of samples that clients sent. The relabeling drops series with reserved names, and overwrites
 * the labels `cluster` and `side`. The relabeling also overwrites `group` if users belong to groups, and `node` and
 * `group` if nodes have certificates. A client can send a label with the guard's label name, but the guard appends its
 * own value, and labelmap keeps the last value.
 */
function relabelConfigsForClientSamples(cluster: string, guardLabels: LabelsAddedByGuard): RelabelConfig[] {
  return [
    ...(guardLabels.group
      ? [
          { action: 'labeldrop' as const, regex: 'group' },
          { action: 'labelmap' as const, regex: STAMPED_GROUP, replacement: 'group' },
        ]
      : []),
    ...(guardLabels.node ? CERTIFIED_NODE_RELABELING : []),
    ...CLIENT_SAMPLE_RELABELING,
    { target_label: 'cluster', replacement: cluster },
  ];
}

/** Returns the container of the series limiter for the gateway's options. */
function gatewaySeriesLimiterContainer(scope: Construct, options: MetricsGatewayOptions): ContainerSpec {
  return seriesLimiterContainer({
    ...LIMITER,
    image: Platform.of(scope).image('node'),
    limits: gatewaySeriesLimits(options),
    cpu: sidecarCpuRequest(options, 'limiter'),
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

/** Returns the container of one write filter for the gateway's options. */
function gatewayWriteFilterContainer(
  scope: Construct,
  options: MetricsGatewayOptions,
  target: FilteredStore,
  filter: GatewayWriteFilter,
): ContainerSpec {
  const { credentialsSecretName: secret } = target;
  return writeFilterContainer({
    ...filter,
    programDir: FILTER_DIR,
    image: Platform.of(scope).image('node'),
    cpu: sidecarCpuRequest(options, 'filter'),
    store: target,
    credentialsDir: secret && CREDENTIALS_DIR,
    caFile: caFilePath(CA_DIR, target),
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'write-filter', mountPath: FILTER_DIR, readOnly: true },
      ...(secret ? [secretMount(CREDENTIALS_DIR)] : []),
      ...caMounts(CA_DIR, target),
    ],
  });
}
