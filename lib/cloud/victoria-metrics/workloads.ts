import type { Construct } from 'constructs';
import { CloudWorkload } from '../../core/cloud-workload';
import { goMemoryLimitEnvVar } from '../../core/go-memory';
import { emptyDirVolume, type Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { type Duration, toBytes } from '../../core/units';
import type { ClusterSizes } from './sizing';

/** Properties for `createStorageWorkload`, `createInsertWorkload` and `createSelectWorkload`. */
export interface ClusterProps extends ClusterSizes {
  readonly replicationFactor: number;
  readonly dedupInterval?: Duration;
  readonly retention: Duration;
}

/**
 * Ports of each program. vminsert connects to the port `insert` of vmstorage. vmselect connects to the port
 * `select` of vmstorage.
 */
const PORTS = {
  vminsert: { http: 8480 },
  vmselect: { http: 8481 },
  vmstorage: { http: 8482, insert: 8400, select: 8401 },
} as const;

const DATA_DIR = '/var/lib/vmstorage';
const CACHE_DIR = '/var/lib/vmselect';

/**
 * Flag that enables IPv6. Without this flag, the programs neither listen on IPv6 addresses nor connect to
 * IPv6 addresses.
 */
const IPV6 = '-enableTCP6=true';

/**
 * Returns the name of the headless Service of a program. The DNS name of the Service has the addresses of all
 * pods.
 */
export const headlessServiceName = (program: 'vminsert' | 'vmselect'): string => `${program}-replicas`;

const commonWorkloadOptions = (replicas: number, resources: Resources) => ({
  uid: 65_534,
  replicas,
  spreadOverZones: replicas > 1,
  container: {
    resources,
    env: [goMemoryLimitEnvVar(resources)],
    ...httpProbes({ ready: '/health', live: '/health' }),
  },
});

/**
 * Returns the flag for the deduplication interval. vmstorage and vmselect must use the same interval. The
 * copies of a sample have the same timestamp, so VictoriaMetrics keeps only one copy. The samples that both
 * vmalerts record also have the same timestamp.
 */
const dedupIntervalFlag = ({ dedupInterval = '1ms' }: { readonly dedupInterval?: string }) =>
  `-dedup.minScrapeInterval=${dedupInterval}`;

/**
 * Creates the vmstorage pods, which store samples. The flags of all three programs were checked against
 * v1.146.0-cluster and https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/.
 */
export function createStorageWorkload(scope: Construct, props: ClusterProps): CloudWorkload {
  const { storageResources: resources, storage: size } = props;
  const base = commonWorkloadOptions(props.storageNodes, resources);
  return new CloudWorkload(scope, 'Storage', {
    ...base,
    name: 'vmstorage',
    image: 'vmstorage',
    headless: true,
    ports: PORTS.vmstorage,
    storage: { size, mountPath: DATA_DIR },
    // vmstorage needs this time to close the connections of all vminsert pods one by one, and to write its
    // memory to disk.
    terminationGracePeriodSeconds: 180,
    container: {
      ...base.container,
      args: [
        `-httpListenAddr=:${PORTS.vmstorage.http}`,
        `-vminsertAddr=:${PORTS.vmstorage.insert}`,
        `-vmselectAddr=:${PORTS.vmstorage.select}`,
        `-storageDataPath=${DATA_DIR}/data`,
        `-retentionPeriod=${props.retention}`,
        dedupIntervalFlag(props),
        // With less free space, vmstorage becomes read-only, and vminsert writes to the other vmstorage pods.
        `-storage.minFreeDiskSpaceBytes=${Math.floor(toBytes(size) * 0.05)}`,
        IPV6,
      ],
      ...httpProbes({ ready: '/health', live: '/health', startSeconds: 1_200 }),
    },
  });
}

/** Creates the vminsert pods, which distribute samples over all vmstorage pods. */
export function createInsertWorkload(
  scope: Construct,
  props: ClusterProps,
  storage: CloudWorkload,
): CloudWorkload {
  const base = commonWorkloadOptions(props.insertNodes, props.insertResources);
  const workload = new CloudWorkload(scope, 'Insert', {
    ...base,
    name: 'vminsert',
    image: 'vminsert',
    replicasService: headlessServiceName('vminsert'),
    ports: PORTS.vminsert,
    container: {
      ...base.container,
      args: [
        `-httpListenAddr=:${PORTS.vminsert.http}`,
        ...storage.replicaAddresses('insert').map((address) => `-storageNode=${address}`),
        `-replicationFactor=${props.replicationFactor}`,
        // The metrics gateway has the same limit.
        '-maxLabelsPerTimeseries=64',
        '-enableMetadata=false',
        // During this delay, vminsert is not ready, so the Service already sends requests to the other pods.
        '-http.shutdownDelay=10s',
        IPV6,
      ],
    },
  });
  workload.network.allowConnectionTo(storage.serverForNetworkPolicies('insert'));
  return workload;
}

/** Creates the vmselect pods, which answer queries from the samples of all vmstorage pods. */
export function createSelectWorkload(
  scope: Construct,
  props: ClusterProps,
  storage: CloudWorkload,
): CloudWorkload {
  const base = commonWorkloadOptions(props.selectNodes, props.selectResources);
  const workload = new CloudWorkload(scope, 'Select', {
    ...base,
    name: 'vmselect',
    image: 'vmselect',
    replicasService: headlessServiceName('vmselect'),
    ports: PORTS.vmselect,
    volumes: [emptyDirVolume('cache', '4Gi')],
    container: {
      ...base.container,
      volumeMounts: [{ name: 'cache', mountPath: CACHE_DIR }],
      args: [
        `-httpListenAddr=:${PORTS.vmselect.http}`,
        ...storage.replicaAddresses('select').map((address) => `-storageNode=${address}`),
        `-replicationFactor=${props.replicationFactor}`,
        dedupIntervalFlag(props),
        `-cacheDataPath=${CACHE_DIR}/cache`,
        // After an outage, edge nodes send late samples, which cached results would not contain.
        '-search.disableCache=true',
        // Without this flag, a query during a failure of vmstorage would return incomplete results, and edge
        // nodes would look silent.
        '-search.denyPartialResponse=true',
        // As in Prometheus, a query returns the last sample of a series for five minutes.
        '-search.minStalenessInterval=5m',
        '-search.maxQueryDuration=2m',
        '-http.shutdownDelay=10s',
        IPV6,
      ],
    },
  });
  workload.network.allowConnectionTo(storage.serverForNetworkPolicies('select'));
  return workload;
}
