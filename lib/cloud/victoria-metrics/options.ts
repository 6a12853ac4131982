import { resources } from '../../core/kubernetes-rules';
import { interval, quantity, wholeNumberRule } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type Duration, type Quantity, toSeconds } from '../../core/units';
import { optionError } from '../../core/validation';
import { replicationFactor, storageNodes } from '../../fleet/fleet';
import { EVALUATION_OPTIONS, type EvaluationOptions } from '../evaluated-store';

/** Options of `victoriaMetricsCluster()`. */
export interface VictoriaMetricsClusterOptions extends EvaluationOptions {
  /**
   * Number of vmstorage pods that store each sample. With 2, all samples can still be queried while one
   * vmstorage pod is down.
   * @default 2
   */
  readonly replicationFactor?: number;
  /**
   * Number of vmstorage pods. With at least `2 * replicationFactor - 1` pods, such as 3 pods for a factor of 2, all
   * copies of new samples are still stored while `replicationFactor - 1` pods are down.
   * @default - computed from `edge.fleet`, at least 3
   */
  readonly storageNodes?: number;
  /**
   * Number of vminsert pods; at least 2, so that one pod can be down. @default - computed from `edge.fleet`,
   * at least 2
   */
  readonly insertNodes?: number;
  /**
   * Number of vmselect pods; at least 2, so that one pod can be down. @default - computed from `edge.fleet`,
   * at least 2
   */
  readonly selectNodes?: number;
  /** Size of the volume of each vmstorage pod. @default - computed from `edge.fleet`, at least 20Gi */
  readonly storage?: Quantity;
  /**
   * Deduplication interval. VictoriaMetrics keeps only the last sample of a series in each interval. Set it
   * to at most the scrape interval, because samples would otherwise be lost.
   * @default - `1ms`, which only removes copies of the same sample
   */
  readonly dedupInterval?: Duration;
  /**
   * Size of the volume on which vmagent queues the samples that it scrapes in the cloud, while
   * VictoriaMetrics is unavailable.
   * @default "2Gi"
   */
  readonly scraperStorage?: Quantity;
  /**
   * Resources of each vmstorage pod.
   * @default - computed from `edge.fleet`; without it, requests: 200m CPU, 512Mi memory; limit: 2Gi memory
   */
  readonly storageResources?: Resources;
  /**
   * Resources of each vminsert pod.
   * @default - computed from `edge.fleet`; without it, requests: 100m CPU, 128Mi memory; limit: 512Mi memory
   */
  readonly insertResources?: Resources;
  /**
   * Resources of each vmselect pod.
   * @default - computed from `edge.fleet`; without it, requests: 100m CPU, 256Mi memory; limit: 1Gi memory
   */
  readonly selectResources?: Resources;
}

/** Default of the option `replicationFactor`. */
export const DEFAULT_COPIES = 2;

/**
 * Validation rule and default of each option of `victoriaMetricsCluster()`. The values of options without a
 * default are computed for the fleet.
 */
export const VICTORIA_METRICS_CLUSTER_OPTIONS = {
  ...EVALUATION_OPTIONS,
  replicationFactor: { rule: replicationFactor, default: DEFAULT_COPIES },
  storageNodes: { rule: storageNodes, default: undefined },
  insertNodes: { rule: wholeNumberRule(2, 100), default: undefined },
  selectNodes: { rule: wholeNumberRule(2, 100), default: undefined },
  storage: { rule: quantity, default: undefined },
  dedupInterval: { rule: interval, default: undefined },
  scraperStorage: { rule: quantity, default: '2Gi' },
  storageResources: { rule: resources, default: undefined },
  insertResources: { rule: resources, default: undefined },
  selectResources: { rule: resources, default: undefined },
} satisfies OptionTable<VictoriaMetricsClusterOptions>;

/**
 * The options of `victoriaMetricsCluster()`, with the defaults filled in. Options without a default can be
 * undefined.
 */
export type ClusterSettings = Options<VictoriaMetricsClusterOptions, typeof VICTORIA_METRICS_CLUSTER_OPTIONS>;

const WHERE = 'victoriaMetricsCluster';

/**
 * Validates the options of `victoriaMetricsCluster()` and fills in their defaults.
 * @throws InvalidOptionError when an option is invalid or contradicts another option.
 */
export function resolveVictoriaMetricsOptions(given: VictoriaMetricsClusterOptions): ClusterSettings {
  const settings = validateAndApplyDefaults(WHERE, given, VICTORIA_METRICS_CLUSTER_OPTIONS);
  const problem = victoriaMetricsOptionsProblem(settings);
  if (problem) throw optionError(WHERE, problem);
  return settings;
}

function victoriaMetricsOptionsProblem(settings: ClusterSettings): string | undefined {
  const { replicationFactor: copies, storageNodes: nodes, dedupInterval, scrapeInterval } = settings;
  if (nodes !== undefined && copies > nodes) {
    return `replicationFactor is ${copies}, but storageNodes is ${nodes}; allowed: storageNodes of at least ${copies}, better ${2 * copies - 1} or more`;
  }
  if (!dedupInterval) return undefined;
  if (copies === 1) {
    return `dedupInterval is ${dedupInterval}, but replicationFactor is 1, so there are no copies to remove: remove dedupInterval, or set replicationFactor to at least 2`;
  }
  return toSeconds(dedupInterval) > toSeconds(scrapeInterval)
    ? `dedupInterval is ${dedupInterval}; allowed: at most ${scrapeInterval}, the value of scrapeInterval, because a longer interval removes samples that are not copies`
    : undefined;
}
