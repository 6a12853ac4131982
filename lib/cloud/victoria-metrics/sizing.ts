import type { Resources } from '../../core/pods';
import { type Quantity, toBytes, toSeconds } from '../../core/units';
import { MEBI, roundUpCpu, roundUpMemory, roundUpToGibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { countSamplesPerSecondOfGroups, countSeriesOfGroups, sumBy } from '../../fleet/node-requests';
import { formatBytes, formatNumber, type Sizing } from '../../fleet/sizing';
import { DEFAULT_COPIES } from './options';

/**
 * Coefficients for the size of a VictoriaMetrics cluster 1.146, measured by `npm run bench:stores` on a busy
 * machine. The benchmark compares the CPU time with Prometheus. The CPU coefficients are therefore multiples of
 * Prometheus's coefficients, which `npm run bench:prometheus` measured.
 */
export const VICTORIA_METRICS = {
  /** Memory in bytes that each program needs without series. */
  baseBytes: 64 * MEBI,
  /** Memory of vmstorage per copy of a series, in bytes: 1,200 to 1,500. */
  bytesPerSeries: 1_500,
  /**
   * Disk space of vmstorage per copy of a sample, in bytes. Measured: 0.31 after all merges, up to 1.07
   * before the merges. VictoriaMetrics documents 1 or less:
   * https://docs.victoriametrics.com/guides/understand-your-setup-size/.
   */
  diskBytesPerSample: 0.8,
  /** Disk space of vmstorage's index per copy of a series and day, in bytes. */
  diskBytesPerSeriesAndDay: 50,
  /**
   * CPU seconds of vminsert per sample, and of vmstorage per copy of a sample: 0.38 and 0.46 times the CPU
   * seconds of Prometheus per sample.
   */
  secondsPerSample: { insert: 2.2e-6, storage: 2.7e-6 },
  /**
   * CPU cores of vmselect and vmstorage per edge node for all rules of this project, which two vmalerts
   * evaluate. Measured: 2.1 and 3.2 times the cores of Prometheus for 400 nodes; a part does not depend on
   * the number of nodes.
   */
  ruleCoresPerNode: { select: 110e-6, storage: 150e-6 },
  /** Memory in bytes that vmselect needs for all rules, without edge nodes. */
  selectBytes: 170 * MEBI,
  /** Memory in bytes that vmselect needs per edge node, for rules that are evaluated at the same time. */
  selectBytesPerNode: 100_000,
} as const;

/**
 * Maximum number of series of a vmstorage pod. With more series, a pod takes long to start, and its failure
 * moves too much load to the other pods.
 */
const MOST_SERIES_OF_POD = 4e6;
/** Maximum number of CPU cores of a vminsert or vmselect pod. A higher load needs more pods. */
const MOST_CORES_OF_POD = 4;

/**
 * Sizes of a VictoriaMetrics cluster: the number of pods and the resources of each program, and the size of
 * the volume of each vmstorage pod.
 */
export interface ClusterSizes {
  readonly storageNodes: number;
  readonly storage: Quantity;
  readonly storageResources: Resources;
  readonly insertNodes: number;
  readonly insertResources: Resources;
  readonly selectNodes: number;
  readonly selectResources: Resources;
}

/**
 * Returns the minimum number of vmstorage pods. With this number, all copies of new samples are still stored
 * while `copies - 1` pods are down. The result is at least 3.
 * @param copies number of vmstorage pods that store each sample
 */
export const minStorageNodeCount = (copies: number): number => Math.max(3, 2 * copies - 1);

/**
 * Sizes of a VictoriaMetrics cluster if the settings do not contain `edge.fleet`. The number of vmstorage
 * pods is not included, because it depends on `replicationFactor`.
 */
export const DEFAULT_SIZES: Omit<ClusterSizes, 'storageNodes'> = {
  storage: '20Gi',
  storageResources: { cpu: '200m', memory: '512Mi', memoryLimit: '2Gi' },
  insertNodes: 2,
  insertResources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' },
  selectNodes: 2,
  selectResources: { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' },
};

/**
 * Number of pods of a program, and the CPU cores and the memory in bytes of each pod. Each pod has reserves for its
 * share of the load when another pod is down.
 */
interface ProgramNeeds {
  readonly pods: number;
  readonly cores: number;
  readonly memory: number;
}

/** Planned resources of a VictoriaMetrics cluster. */
export interface VictoriaMetricsPlan {
  /**
   * Number of pods, CPU cores and memory for each program. `volume` is the size of the volume of each
   * vmstorage pod in bytes. All numbers are 0 if another store is used.
   */
  readonly victoriaMetrics: {
    readonly storage: ProgramNeeds & { readonly volume: number };
    readonly insert: ProgramNeeds;
    readonly select: ProgramNeeds;
  };
}

/**
 * Sizes of a VictoriaMetrics cluster, computed for the fleet. The field `victoriaMetrics` is missing
 * if another store is used.
 */
export interface VictoriaMetricsSizes {
  readonly victoriaMetrics?: ClusterSizes;
}

const NO_NEEDS = { pods: 0, cores: 0, memory: 0 };

/** Plans the pods of each program of the cluster. All numbers are 0 if another store is used. */
function computeVictoriaMetricsNeeds(fleet: Fleet): VictoriaMetricsPlan['victoriaMetrics'] {
  const { groups, store } = fleet;
  if (store?.kind !== 'victoria-metrics') {
    return { storage: { ...NO_NEEDS, volume: 0 }, insert: NO_NEEDS, select: NO_NEEDS };
  }
  const { secondsPerSample, ruleCoresPerNode, baseBytes, selectBytes, selectBytesPerNode } = VICTORIA_METRICS;
  const nodes = sumBy(groups, (group) => group.nodes);
  return {
    storage: computeStoragePodNeeds(fleet, nodes * ruleCoresPerNode.storage),
    insert: computeStatelessPodNeeds(
      countSamplesPerSecondOfGroups(groups) * secondsPerSample.insert,
      baseBytes * 2,
    ),
    select: computeStatelessPodNeeds(
      nodes * ruleCoresPerNode.select,
      selectBytes + nodes * selectBytesPerNode,
    ),
  };
}

/**
 * Plans the vmstorage pods. Each pod has reserves for its share of the load when another pod is down.
 * @param ruleCores CPU cores that all vmstorage pods together need for the queries of rules
 */
function computeStoragePodNeeds({ groups, store, retention }: Fleet, ruleCores: number) {
  const copies = store?.replicationFactor ?? DEFAULT_COPIES;
  const series = countSeriesOfGroups(groups) * copies;
  const samples = countSamplesPerSecondOfGroups(groups) * copies;
  const pods =
    store?.storageNodes ?? Math.max(minStorageNodeCount(copies), Math.ceil(series / MOST_SERIES_OF_POD) + 1);
  const sharing = Math.max(pods - 1, 1);
  const kept = toSeconds(retention.metrics);
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

/**
 * Plans the pods of vminsert or vmselect: as many pods as the load needs, plus one pod that can be down.
 * @param cores CPU cores that all pods together need
 * @param memoryOfEach memory of each pod in bytes
 */
function computeStatelessPodNeeds(cores: number, memoryOfEach: number): ProgramNeeds {
  const sharing = Math.max(1, Math.ceil(cores / MOST_CORES_OF_POD));
  return { pods: sharing + 1, cores: cores / sharing, memory: memoryOfEach };
}

/** Plans the resources of a VictoriaMetrics cluster for a fleet, and converts the plan to `ClusterSizes`. */
export const victoriaMetricsSizing: Sizing<VictoriaMetricsPlan, VictoriaMetricsSizes> = {
  needs: (fleet) => ({ victoriaMetrics: computeVictoriaMetricsNeeds(fleet) }),
  rows: ({ victoriaMetrics: { storage, insert, select } }) =>
    storage.pods
      ? [
          ...rowsAboutProgramInPlanTable('vmstorage', storage),
          ['vmstorage: volume of each pod', formatBytes(storage.volume)],
          ...rowsAboutProgramInPlanTable('vminsert', insert),
          ...rowsAboutProgramInPlanTable('vmselect', select),
        ]
      : [],
  sizes: ({ victoriaMetrics: { storage, insert, select } }) =>
    storage.pods
      ? {
          victoriaMetrics: {
            storageNodes: storage.pods,
            storage: roundUpToGibibytes(Math.max(storage.volume, toBytes(DEFAULT_SIZES.storage))),
            storageResources: podResourcesFromNeeds(storage, 512 * MEBI),
            insertNodes: insert.pods,
            insertResources: podResourcesFromNeeds(insert, 128 * MEBI),
            selectNodes: select.pods,
            selectResources: podResourcesFromNeeds(select, 256 * MEBI),
          },
        }
      : {},
};

/** Returns the rows about a program, such as vminsert, in the table of planned resources. */
const rowsAboutProgramInPlanTable = (
  name: string,
  { pods, cores, memory: used }: ProgramNeeds,
): [string, string][] => [
  [`${name}: pods`, formatNumber(pods)],
  [`${name}: cores of each pod`, cores.toFixed(2)],
  [`${name}: memory of each pod`, formatBytes(used)],
];

/**
 * Returns the resources of a pod: requests for its planned usage, and a memory limit of about twice the
 * usage. VictoriaMetrics' documentation recommends to keep half of the memory free for the page cache and for
 * queries.
 * @param least minimum memory request in bytes
 */
const podResourcesFromNeeds = ({ cores, memory: used }: ProgramNeeds, least: number): Resources => ({
  cpu: roundUpCpu(cores * HEADROOM),
  memory: roundUpMemory(Math.max(used, least)),
  memoryLimit: roundUpMemory(Math.max(used, least) * 2 + 256 * MEBI),
});
