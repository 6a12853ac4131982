import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { DEFAULT_BATCH_WAIT } from '../contracts/metrics-sink';
import { bytes, type Duration, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { DAY, HEADROOM, LOGS, UPLINK } from './coefficients';
import { type FleetGroup, verifyGroup } from './fleet';
import { logBytesPerNode, sendingsOf, sumOf } from './sendings';

/** Uplink traffic and disk usage of a node of a group, in bytes. */
export interface NodeNeeds {
  /** Name of the group. */
  readonly group: string;
  /** Daily uplink traffic of its metrics, in both directions. */
  readonly metrics: number;
  /** Daily uplink traffic of its logs, in both directions. */
  readonly logs: number;
  /**
   * Disk usage of queued samples at the end of the longest outage; 0 with Pushgateway, which has no queue.
   */
  readonly queue: number;
}

/** Computes the uplink traffic and disk usage of a node. */
export const nodeNeedsOf = (group: FleetGroup, outage: Duration): NodeNeeds => ({
  group: group.name,
  ...uplinkOf(group),
  queue: queueBytes(group, outage),
});

/**
 * Checks the traffic of a node group.
 * @throws InvalidOptionError when a number is out of range, or the traffic exceeds the budget.
 */
export function verifyTraffic(where: string, group: FleetGroup): void {
  verifyGroup(where, group);
  refuseOverBudget(where, [group]);
}

/** Uplink traffic per day. */
const uplinkOf = (group: FleetGroup): Pick<NodeNeeds, 'metrics' | 'logs'> => ({
  metrics: group.transport === 'pushgateway' ? pushedBytesPerDay(group) : remoteWriteBatches(group).bytes,
  logs: logBytesPerDay(group),
});

/** Bytes of pushes per day. */
const pushedBytesPerDay = (group: FleetGroup): number =>
  sumOf(
    sendingsOf(group),
    ({ count, series, interval }) =>
      ((DAY * count) / seconds(interval)) * (UPLINK.bytesPerPush + series * UPLINK.bytesPerPushedSample),
  );

/** Bytes of an agent's batches per day; the compressed size is what its queue contains. */
function remoteWriteBatches(group: FleetGroup): { readonly bytes: number; readonly packed: number } {
  const wait = seconds(group.batchWait ?? DEFAULT_BATCH_WAIT) * UPLINK.jitter;
  const batches = DAY / wait;
  const packed = sumOf(sendingsOf(group), ({ count, series, interval }) => {
    const samples = DAY / seconds(interval);
    // If a batch contains several samples, only the first one includes the labels.
    const named = Math.min(samples, batches) * UPLINK.bytesPerSeriesOfBatch;
    return count * series * (named + samples * UPLINK.bytesPerWrittenSample);
  });
  const connection = wait > UPLINK.idleSeconds ? UPLINK.bytesPerConnection : 0;
  return { bytes: packed + batches * (UPLINK.bytesPerBatch + connection), packed };
}

/** Bytes of log lines per day, with a batch as often as possible if there are lines for it. */
function logBytesPerDay(group: FleetGroup): number {
  const written = logBytesPerNode(group);
  const mostBatches = DAY / seconds(group.logBatchWait ?? DEFAULT_LOG_BATCH_WAIT);
  const batches = Math.min(mostBatches, written / LOGS.bytesPerLine);
  return written * LOGS.sent + batches * LOGS.bytesPerBatch;
}

/** Computes the disk usage of queued samples of a node at the end of an outage. */
export const queueBytes = (group: FleetGroup, outage: Duration): number =>
  group.transport === 'remote-write'
    ? remoteWriteBatches(group).packed * (seconds(outage) / DAY) * HEADROOM
    : 0;

/** Refuses traffic above the budget. @throws InvalidOptionError when nodes would exceed their budget. */
export function refuseOverBudget(where: string, groups: readonly FleetGroup[]): void {
  const problems = groups.flatMap((group) => {
    const { name, uplinkBudget, interval, transport } = group;
    const { metrics, logs } = uplinkOf(group);
    if (!uplinkBudget || metrics + logs <= bytes(uplinkBudget)) return [];
    return [
      `a node of group ${name} sends ${toMebibytes(metrics + logs)} per day, but its uplinkBudget is ${uplinkBudget}: ` +
        `metrics ${toMebibytes(metrics)} (${transport}, every ${interval}), logs ${toMebibytes(logs)}; ` +
        'scrape less often or fewer metrics, send fewer log lines, or raise the budget',
    ];
  });
  if (problems.length) throw invalid(where, problems.join('; '));
}

const toMebibytes = (amount: number): string => `${Math.ceil(amount / 2 ** 20)}Mi`;
