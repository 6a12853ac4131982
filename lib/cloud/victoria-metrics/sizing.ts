import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { MEBI, roundCpu, roundMemory, toGibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { samplesPerSecond, sumOf, totalSeries } from '../../fleet/sendings';
import { formatCount, formatSize, type Sizing } from '../../fleet/sizing';
import { DEFAULT_COPIES } from './options';

/** Coefficients of a VictoriaMetrics cluster. Estimates until a benchmark of its programs measures them. */
export const VICTORIA_METRICS = {
  /** Memory of each program without series. */
  baseBytes: 64 * MEBI,
  /** Memory of vmstorage per copy of a series. */
  bytesPerSeries: 1_000,
  /** Disk bytes of vmstorage per copy of a sample. */
  diskBytesPerSample: 0.8,
  /** Disk bytes of the index per copy of a series and day. */
  diskBytesPerSeriesAndDay: 100,
  /** CPU seconds per sample: of vminsert, and of vmstorage for each copy. */
  secondsPerSample: { insert: 1e-6, storage: 1e-6 },
  /** CPU of vmselect and vmstorage per node for all rules of this project, which two vmalert evaluate. */
  ruleCoresPerNode: { select: 60e-6, storage: 30e-6 },
  /** Memory of vmselect per node, for the rules that are evaluated at the same time. */
  selectBytesPerNode: 100_000,
} as const;

/** A vmstorage with more series takes long to start, and its failure moves more load to the others. */
const SERIES_OF_NODE = 4e6;
/** vminsert and vmselect get more pods above this number of cores. */
const CORES_OF_POD = 4;

/** Options of the workloads that follow from a fleet. */
export interface ClusterSizes {
  readonly storageNodes: number;
  readonly storage: Quantity;
  readonly storageResources: Resources;
  readonly insertNodes: number;
  readonly insertResources: Resources;
  readonly selectNodes: number;
  readonly selectResources: Resources;
}

/** Number of storage nodes with which new samples have all copies while a replica fails, and at least 3. */
export const minStorageNodes = (copies: number): number => Math.max(3, 2 * copies - 1);

/** Sizes without a fleet, except for the number of storage nodes. */
export const DEFAULT_SIZES: Omit<ClusterSizes, 'storageNodes'> = {
  storage: '20Gi',
  storageResources: { cpu: '200m', memory: '512Mi', memoryLimit: '2Gi' },
  insertNodes: 2,
  insertResources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' },
  selectNodes: 2,
  selectResources: { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' },
};

/** Pods of a program, one of which may be down, with the needs of each. */
interface ProgramNeeds {
  readonly pods: number;
  readonly cores: number;
  readonly memory: number;
}

/** Planned resources of a VictoriaMetrics cluster. */
export interface VictoriaMetricsPlan {
  /** Pods of each program, with cores and memory of each; `volume` is that of each vmstorage. All are 0 with another store. */
  readonly victoriaMetrics: {
    readonly storage: ProgramNeeds & { readonly volume: number };
    readonly insert: ProgramNeeds;
    readonly select: ProgramNeeds;
  };
}

/** The part of an environment's sizes for a VictoriaMetrics cluster. */
export interface VictoriaMetricsSizes {
  readonly victoriaMetrics?: ClusterSizes;
}

const NOTHING = { pods: 0, cores: 0, memory: 0 };

function victoriaMetricsNeeds(fleet: Fleet): VictoriaMetricsPlan['victoriaMetrics'] {
  const { groups, store } = fleet;
  if (store?.kind !== 'victoria-metrics') {
    return { storage: { ...NOTHING, volume: 0 }, insert: NOTHING, select: NOTHING };
  }
  const { secondsPerSample, ruleCoresPerNode, baseBytes, selectBytesPerNode } = VICTORIA_METRICS;
  const nodes = sumOf(groups, (group) => group.nodes);
  return {
    storage: storageNeeds(fleet, nodes * ruleCoresPerNode.storage),
    insert: podNeeds(samplesPerSecond(groups) * secondsPerSample.insert, baseBytes * 2),
    select: podNeeds(nodes * ruleCoresPerNode.select, baseBytes + nodes * selectBytesPerNode),
  };
}

/** Each node also takes a share of the load while another one is unavailable. */
function storageNeeds({ groups, store, retention }: Fleet, ruleCores: number) {
  const copies = store?.replicationFactor ?? DEFAULT_COPIES;
  const series = totalSeries(groups) * copies;
  const samples = samplesPerSecond(groups) * copies;
  const pods =
    store?.storageNodes ?? Math.max(minStorageNodes(copies), Math.ceil(series / SERIES_OF_NODE) + 1);
  const sharing = Math.max(pods - 1, 1);
  const kept = seconds(retention.metrics);
  const disk =
    samples * kept * VICTORIA_METRICS.diskBytesPerSample +
    series * (kept / 86_400) * VICTORIA_METRICS.diskBytesPerSeriesAndDay;
  return {
    pods,
    cores: (samples * VICTORIA_METRICS.secondsPerSample.storage + ruleCores) / sharing,
    memory: VICTORIA_METRICS.baseBytes + (series * VICTORIA_METRICS.bytesPerSeries) / sharing,
    volume: (disk * HEADROOM) / sharing,
  };
}

/** Pods that share the load while one of them is down. */
function podNeeds(cores: number, memoryOfEach: number): ProgramNeeds {
  const sharing = Math.max(1, Math.ceil(cores / CORES_OF_POD));
  return { pods: sharing + 1, cores: cores / sharing, memory: memoryOfEach };
}

/** Computes the size of a VictoriaMetrics cluster for a fleet. */
export const victoriaMetricsSizing: Sizing<VictoriaMetricsPlan, VictoriaMetricsSizes> = {
  needs: (fleet) => ({ victoriaMetrics: victoriaMetricsNeeds(fleet) }),
  rows: ({ victoriaMetrics: { storage, insert, select } }) =>
    storage.pods
      ? [
          ...planRowsOf('vmstorage', storage),
          ['vmstorage: volume of each', formatSize(storage.volume)],
          ...planRowsOf('vminsert', insert),
          ...planRowsOf('vmselect', select),
        ]
      : [],
  sizes: ({ victoriaMetrics: { storage, insert, select } }) =>
    storage.pods
      ? {
          victoriaMetrics: {
            storageNodes: storage.pods,
            storage: toGibibytes(Math.max(storage.volume, bytes(DEFAULT_SIZES.storage))),
            storageResources: resourcesWithHeadroom(storage, 512 * MEBI),
            insertNodes: insert.pods,
            insertResources: resourcesWithHeadroom(insert, 128 * MEBI),
            selectNodes: select.pods,
            selectResources: resourcesWithHeadroom(select, 256 * MEBI),
          },
        }
      : {},
};

const planRowsOf = (name: string, { pods, cores, memory: used }: ProgramNeeds): [string, string][] => [
  [`${name}: pods`, formatCount(pods)],
  [`${name}: cores of each`, cores.toFixed(2)],
  [`${name}: memory of each`, formatSize(used)],
];

/** VictoriaMetrics' documentation advises half of the memory to be free; the other half is the page cache's, and for queries. */
const resourcesWithHeadroom = ({ cores, memory: used }: ProgramNeeds, least: number): Resources => ({
  cpu: roundCpu(cores * HEADROOM),
  memory: roundMemory(Math.max(used, least)),
  memoryLimit: roundMemory(Math.max(used, least) * 2 + 256 * MEBI),
});
