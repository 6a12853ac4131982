import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { DEFAULT_BATCH_WAIT } from '../contracts/metrics-sink';
import { type Duration, toBytes, toSeconds } from '../core/units';
import { optionError } from '../core/validation';
import { HEADROOM, LOGS, SECONDS_PER_DAY, UPLINK } from './coefficients';
import { type FleetGroup, validateFleetGroup } from './fleet';
import { bytesOfLogsWrittenPerDay, listMetricsPushesOfNode, sumBy } from './node-requests';

/** Uplink traffic and disk usage of one node of a group, in bytes. */
export interface NodeNeeds {
  /** Name of the node group. */
  readonly group: string;
  /** Uplink traffic of metrics in bytes per day, in both directions. */
  readonly metrics: number;
  /** Uplink traffic of logs in bytes per day, in both directions. */
  readonly logs: number;
  /**
   * Disk usage of the agent's queue in bytes at the end of the longest outage. The size is 0 with the
   * transport `pushgateway`, which uses no queue.
   */
  readonly queue: number;
}

/**
 * Computes the uplink traffic per day of one node of a group, and the disk usage of the node's queue after the longest
 * outage.
 * @param outage duration of the longest outage
 */
export const computeNodeTrafficAndQueue = (group: FleetGroup, outage: Duration): NodeNeeds => ({
  group: group.name,
  ...computeUplinkTrafficOfNode(group),
  queue: bytesInQueueAfterOutage(group, outage),
});

/**
 * Validates the options of a node group, and that the planned traffic of a node is within the uplink budget.
 * @param where path of the fleet in messages
 * @throws InvalidOptionError when an option is invalid, or when the planned traffic exceeds the uplink budget.
 */
export function validateGroupAndUplinkBudget(where: string, group: FleetGroup): void {
  validateFleetGroup(where, group);
  assertWithinUplinkBudget(where, [group]);
}

/** Computes the uplink traffic of one node of a group per day, in bytes. */
const computeUplinkTrafficOfNode = (group: FleetGroup): Pick<NodeNeeds, 'metrics' | 'logs'> => ({
  metrics:
    group.transport === 'pushgateway' ? pushgatewayBytesPerDay(group) : remoteWriteBytesPerDay(group).bytes,
  logs: uplinkBytesOfLogsPerDay(group),
});

/** Computes the uplink bytes per day of one node that pushes to a Pushgateway. */
const pushgatewayBytesPerDay = (group: FleetGroup): number =>
  sumBy(
    listMetricsPushesOfNode(group),
    ({ count, series, interval }) =>
      ((SECONDS_PER_DAY * count) / toSeconds(interval)) *
      (UPLINK.bytesPerPush + series * UPLINK.bytesPerPushedSample),
  );

/**
 * Computes the bytes per day of one node that uses remote write. `compressed` is the size of the compressed samples, as
 * in the queue on disk. `bytes` is the uplink traffic, which includes the overhead of requests and connections.
 */
function remoteWriteBytesPerDay(group: FleetGroup): { readonly bytes: number; readonly compressed: number } {
  const wait = toSeconds(group.batchWait ?? DEFAULT_BATCH_WAIT) * UPLINK.jitter;
  const batches = SECONDS_PER_DAY / wait;
  const compressed = sumBy(listMetricsPushesOfNode(group), ({ count, series, interval }) => {
    const samples = SECONDS_PER_DAY / toSeconds(interval);
    // If a batch contains several samples of a series, it contains the labels only once.
    const named = Math.min(samples, batches) * UPLINK.bytesPerSeriesOfBatch;
    return count * series * (named + samples * UPLINK.bytesPerWrittenSample);
  });
  const connection = wait > UPLINK.idleSeconds ? UPLINK.bytesPerConnection : 0;
  return { bytes: compressed + batches * (UPLINK.bytesPerBatch + connection), compressed };
}

/**
 * Computes the uplink bytes of one node's logs per day. The node sends a batch after each `logBatchWait`, but not more
 * batches than lines.
 */
function uplinkBytesOfLogsPerDay(group: FleetGroup): number {
  const written = bytesOfLogsWrittenPerDay(group);
  const mostBatches = SECONDS_PER_DAY / toSeconds(group.logBatchWait ?? DEFAULT_LOG_BATCH_WAIT);
  const batches = Math.min(mostBatches, written / LOGS.bytesPerLine);
  return written * LOGS.sent + batches * LOGS.bytesPerBatch;
}

/**
 * Computes the disk usage of one node's queue at the end of an outage, in bytes, with headroom. Returns 0 for
 * groups with the transport `pushgateway`, because push sidecars have no queue.
 */
export const bytesInQueueAfterOutage = (group: FleetGroup, outage: Duration): number =>
  group.transport === 'remote-write'
    ? remoteWriteBytesPerDay(group).compressed * (toSeconds(outage) / SECONDS_PER_DAY) * HEADROOM
    : 0;

/**
 * Throws if the planned traffic of a node exceeds the uplink budget of its group. Groups without a budget always pass.
 * @param where path of the fleet in messages
 * @throws InvalidOptionError with the planned traffic for each group whose nodes exceed the budget.
 */
export function assertWithinUplinkBudget(where: string, groups: readonly FleetGroup[]): void {
  const problems = groups.flatMap((group) => {
    const { name, uplinkBudget, interval, transport } = group;
    const { metrics, logs } = computeUplinkTrafficOfNode(group);
    if (!uplinkBudget || metrics + logs <= toBytes(uplinkBudget)) return [];
    return [
      `a node of the group ${name} sends ${formatMebibytes(metrics + logs)} per day, but uplinkBudget is ${uplinkBudget}: metrics ${formatMebibytes(metrics)} (${transport}, every ${interval}), logs ${formatMebibytes(logs)}; ` +
        'increase the scrape interval, choose a smaller profile, send fewer log lines, or increase uplinkBudget',
    ];
  });
  if (problems.length) throw optionError(where, problems.join('; '));
}

const formatMebibytes = (amount: number): string => `${Math.ceil(amount / 2 ** 20)}Mi`;
