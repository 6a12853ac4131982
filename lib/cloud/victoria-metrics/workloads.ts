import type { Construct } from 'constructs';
import { CloudWorkload } from '../../core/cloud-workload';
import { goMemoryLimit } from '../../core/go-memory';
import { emptyDirVolume, type Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { bytes, type Duration } from '../../core/units';
import type { ClusterSizes } from './sizing';

/** Properties for `storageWorkload` and the other workloads of a VictoriaMetrics cluster. */
export interface ClusterProps extends ClusterSizes {
  readonly replicationFactor: number;
  readonly dedupInterval?: Duration;
  readonly retention: Duration;
}

/** Ports by program; those of vmstorage for the other two are `insert` and `select`. */
const PORTS = {
  vminsert: { http: 8480 },
  vmselect: { http: 8481 },
  vmstorage: { http: 8482, insert: 8400, select: 8401 },
} as const;

const DATA_DIR = '/var/lib/vmstorage';
const CACHE_DIR = '/var/lib/vmselect';

/** Without it, they neither listen on nor connect to IPv6 addresses. */
const IPV6 = '-enableTCP6=true';

/** Name of the headless Service with an address for each pod. */
export const replicasServiceOf = (program: 'vminsert' | 'vmselect'): string => `${program}-replicas`;

const commonOptions = (replicas: number, resources: Resources) => ({
  uid: 65_534,
  replicas,
  spreadOverZones: replicas > 1,
  container: {
    resources,
    env: [goMemoryLimit(resources)],
    ...httpProbes({ ready: '/health', live: '/health' }),
  },
});

/**
 * Copies of a sample, and what both vmalert record, have the same timestamp: one of them is left. vmstorage and vmselect must
 * have the same interval.
 */
const dedupFlag = ({ dedupInterval = '1ms' }: { readonly dedupInterval?: string }) =>
  `-dedup.minScrapeInterval=${dedupInterval}`;

/** Flags are checked against those of v1.146.0-cluster, https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/. */
export function storageWorkload(scope: Construct, props: ClusterProps): CloudWorkload {
  const { storageResources: resources, storage: size } = props;
  const base = commonOptions(props.storageNodes, resources);
  return new CloudWorkload(scope, 'Storage', {
    ...base,
    name: 'vmstorage',
    image: 'vmstorage',
    headless: true,
    ports: PORTS.vmstorage,
    storage: { size, mountPath: DATA_DIR },
    // On shutdown, it closes the connections of each vminsert one by one, and writes its memory to disk.
    terminationGracePeriodSeconds: 180,
    container: {
      ...base.container,
      args: [
        `-httpListenAddr=:${PORTS.vmstorage.http}`,
        `-vminsertAddr=:${PORTS.vmstorage.insert}`,
        `-vmselectAddr=:${PORTS.vmstorage.select}`,
        `-storageDataPath=${DATA_DIR}/data`,
        `-retentionPeriod=${props.retention}`,
        dedupFlag(props),
        // Below it, it only answers queries, and vminsert writes to the others.
        `-storage.minFreeDiskSpaceBytes=${Math.floor(bytes(size) * 0.05)}`,
        IPV6,
      ],
      ...httpProbes({ ready: '/health', live: '/health', startSeconds: 1_200 }),
    },
  });
}

/** Distributes samples over all vmstorage nodes. */
export function insertWorkload(scope: Construct, props: ClusterProps, storage: CloudWorkload): CloudWorkload {
  const base = commonOptions(props.insertNodes, props.insertResources);
  const workload = new CloudWorkload(scope, 'Insert', {
    ...base,
    name: 'vminsert',
    image: 'vminsert',
    replicasService: replicasServiceOf('vminsert'),
    ports: PORTS.vminsert,
    container: {
      ...base.container,
      args: [
        `-httpListenAddr=:${PORTS.vminsert.http}`,
        ...storage.replicaAddresses('insert').map((address) => `-storageNode=${address}`),
        `-replicationFactor=${props.replicationFactor}`,
        // As the gateway allows.
        '-maxLabelsPerTimeseries=64',
        '-enableMetadata=false',
        // While it ends, it is not ready, and the Service leads to the others.
        '-http.shutdownDelay=10s',
        IPV6,
      ],
    },
  });
  workload.network.connect(storage.server('insert'));
  return workload;
}

/** Answers queries from the samples of all vmstorage nodes. */
export function selectWorkload(scope: Construct, props: ClusterProps, storage: CloudWorkload): CloudWorkload {
  const base = commonOptions(props.selectNodes, props.selectResources);
  const workload = new CloudWorkload(scope, 'Select', {
    ...base,
    name: 'vmselect',
    image: 'vmselect',
    replicasService: replicasServiceOf('vmselect'),
    ports: PORTS.vmselect,
    volumes: [emptyDirVolume('cache', '4Gi')],
    container: {
      ...base.container,
      volumeMounts: [{ name: 'cache', mountPath: CACHE_DIR }],
      args: [
        `-httpListenAddr=:${PORTS.vmselect.http}`,
        ...storage.replicaAddresses('select').map((address) => `-storageNode=${address}`),
        `-replicationFactor=${props.replicationFactor}`,
        dedupFlag(props),
        `-cacheDataPath=${CACHE_DIR}/cache`,
        // Nodes send late samples after an outage, which cached answers would miss.
        '-search.disableCache=true',
        // Without it, nodes whose samples are on vmstorage nodes that are down would seem silent.
        '-search.denyPartialResponse=true',
        // As Prometheus: graphs show the last sample of a series for five minutes, and not for one interval between its samples.
        '-search.minStalenessInterval=5m',
        '-search.maxQueryDuration=2m',
        '-http.shutdownDelay=10s',
        IPV6,
      ],
    },
  });
  workload.network.connect(storage.server('select'));
  return workload;
}
