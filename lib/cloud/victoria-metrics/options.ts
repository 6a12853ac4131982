import { resources } from '../../core/kubernetes-rules';
import { interval, quantity, wholeNumber } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type Duration, type Quantity, seconds } from '../../core/units';
import { invalid } from '../../core/validation';
import { replicationFactor, storageNodes } from '../../fleet/fleet';
import { EVALUATION_OPTIONS, type EvaluationOptions } from '../evaluated-store';

/** Options of `victoriaMetricsCluster()`. */
export interface VictoriaMetricsClusterOptions extends EvaluationOptions {
  /**
   * Number of vmstorage nodes that keep each sample. All samples can be queried while one node less than that is down.
   * @default 2
   */
  readonly replicationFactor?: number;
  /**
   * Number of vmstorage nodes. New samples keep their number of copies while nodes are down if there are at least
   * `2 * replicationFactor - 1`.
   * @default - what `edge.fleet` needs, at least 3
   */
  readonly storageNodes?: number;
  /** Number of vminsert pods, at least 2: one of them may be down. @default - what `edge.fleet` needs, at least 2 */
  readonly insertNodes?: number;
  /** Number of vmselect pods, at least 2: one of them may be down. @default - what `edge.fleet` needs, at least 2 */
  readonly selectNodes?: number;
  /** Volume of each vmstorage node. @default - what `edge.fleet` needs, at least 20Gi */
  readonly storage?: Quantity;
  /**
   * Keeps only the last sample of each series in each of these intervals, which thins out samples. At most the scrape interval.
   * @default - only copies of the same sample are removed (`1ms`)
   */
  readonly dedupInterval?: Duration;
  /** Volume of the vmagent's queue, for what waits while the cluster is unavailable. @default "2Gi" */
  readonly scraperStorage?: Quantity;
  /** Resources of each vmstorage. @default - requests: 200m CPU, 512Mi memory; limit: 2Gi memory; or what `edge.fleet` needs */
  readonly storageResources?: Resources;
  /** Resources of each vminsert. @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory; or what `edge.fleet` needs */
  readonly insertResources?: Resources;
  /** Resources of each vmselect. @default - requests: 100m CPU, 256Mi memory; limit: 1Gi memory; or what `edge.fleet` needs */
  readonly selectResources?: Resources;
}

/** Default number of copies of a sample. */
export const DEFAULT_COPIES = 2;

/** Options of `victoriaMetricsCluster()`. The defaults follow from the fleet. */
export const VICTORIA_METRICS_CLUSTER_OPTIONS = {
  ...EVALUATION_OPTIONS,
  replicationFactor: { rule: replicationFactor, default: DEFAULT_COPIES },
  storageNodes: { rule: storageNodes, default: undefined },
  insertNodes: { rule: wholeNumber(2, 100), default: undefined },
  selectNodes: { rule: wholeNumber(2, 100), default: undefined },
  storage: { rule: quantity, default: undefined },
  dedupInterval: { rule: interval, default: undefined },
  scraperStorage: { rule: quantity, default: '2Gi' },
  storageResources: { rule: resources, default: undefined },
  insertResources: { rule: resources, default: undefined },
  selectResources: { rule: resources, default: undefined },
} satisfies OptionTable<VictoriaMetricsClusterOptions>;

/** The options of `victoriaMetricsCluster()` with defaults. */
export type ClusterSettings = Options<VictoriaMetricsClusterOptions, typeof VICTORIA_METRICS_CLUSTER_OPTIONS>;

const WHERE = 'victoriaMetricsCluster';

/**
 * Checks options, also against each other.
 * @throws InvalidOptionError when an option is invalid, or contradicts another one.
 */
export function clusterSettings(given: VictoriaMetricsClusterOptions): ClusterSettings {
  const settings = optionsOf(WHERE, given, VICTORIA_METRICS_CLUSTER_OPTIONS);
  const problem = clusterContradiction(settings);
  if (problem) throw invalid(WHERE, problem);
  return settings;
}

function clusterContradiction(settings: ClusterSettings): string | undefined {
  const { replicationFactor: copies, storageNodes: nodes, dedupInterval, scrapeInterval } = settings;
  if (nodes !== undefined && copies > nodes) {
    return `replicationFactor is ${copies}, and storageNodes ${nodes}; allowed: at most as many copies as nodes, better ${2 * copies - 1} nodes or more`;
  }
  if (!dedupInterval) return undefined;
  if (copies === 1) {
    return `dedupInterval is ${dedupInterval}, and replicationFactor 1, so that there are no copies; allowed: leave dedupInterval out, or a replicationFactor of at least 2`;
  }
  return seconds(dedupInterval) > seconds(scrapeInterval)
    ? `dedupInterval is ${dedupInterval}, and scrapeInterval ${scrapeInterval}; allowed: at most scrapeInterval, since other samples would be lost`
    : undefined;
}
