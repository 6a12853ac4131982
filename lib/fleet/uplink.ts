import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { DEFAULT_BATCH_WAIT } from '../contracts/metrics-sink';
import { bytes, type Duration, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { DAY, HEADROOM, LOGS, UPLINK } from './coefficients';
import { type FleetGroup, verifyGroup } from './fleet';
import { logBytesOf, sendingsOf, sum } from './sendings';

/** What one node of a group takes, in bytes. */
export interface NodeNeeds {
  /** Name of the group. */
  readonly group: string;
  /** Of its uplink in a day, both ways, for its metrics. */
  readonly metrics: number;
  /** The same for its logs. */
  readonly logs: number;
  /** Of its disk, for samples that wait until the longest outage ends; a Pushgateway is sent to at once, or never. */
  readonly queue: number;
}

/** What a node of a group takes until the longest outage ends. */
export const nodeNeedsOf = (group: FleetGroup, outage: Duration): NodeNeeds => ({
  group: group.name,
  ...uplinkOf(group),
  queue: queueOf(group, outage),
});

/**
 * Checks what the nodes of one group send.
 *
 * @throws InvalidOptionError when a number is out of range, or when they would send more than their budget.
 */
export function verifyTraffic(where: string, group: FleetGroup): void {
  verifyGroup(where, group);
  refuseOverBudget(where, [group]);
}

/** Of its uplink in a day. */
const uplinkOf = (group: FleetGroup): Pick<NodeNeeds, 'metrics' | 'logs'> => ({
  metrics: group.transport === 'pushgateway' ? pushedBytesOf(group) : batchesOf(group).bytes,
  logs: loggedBytesOf(group),
});

/** Of pushes in a day. */
const pushedBytesOf = (group: FleetGroup): number =>
  sum(
    sendingsOf(group),
    ({ count, series, interval }) =>
      ((DAY * count) / seconds(interval)) * (UPLINK.bytesPerPush + series * UPLINK.bytesPerPushedSample),
  );

/** Of an agent's batches in a day; those that are packed are what its queue holds. */
function batchesOf(group: FleetGroup): { readonly bytes: number; readonly packed: number } {
  const wait = seconds(group.batchWait ?? DEFAULT_BATCH_WAIT) * UPLINK.jitter;
  const batches = DAY / wait;
  const packed = sum(sendingsOf(group), ({ count, series, interval }) => {
    const samples = DAY / seconds(interval);
    // Of several samples in a batch, the first one brings the labels.
    const named = Math.min(samples, batches) * UPLINK.bytesPerSeriesOfBatch;
    return count * series * (named + samples * UPLINK.bytesPerWrittenSample);
  });
  const connection = wait > UPLINK.idleSeconds ? UPLINK.bytesPerConnection : 0;
  return { bytes: packed + batches * (UPLINK.bytesPerBatch + connection), packed };
}

/** Of lines in a day: a batch as often as may be, where there are lines for it. */
function loggedBytesOf(group: FleetGroup): number {
  const written = logBytesOf(group);
  const mostBatches = DAY / seconds(group.logBatchWait ?? DEFAULT_LOG_BATCH_WAIT);
  const batches = Math.min(mostBatches, written / LOGS.bytesPerLine);
  return written * LOGS.sent + batches * LOGS.bytesPerBatch;
}

/** What waits on the disk of one node of a group when an outage ends. */
export const queueOf = (group: FleetGroup, outage: Duration): number =>
  group.transport === 'remote-write' ? batchesOf(group).packed * (seconds(outage) / DAY) * HEADROOM : 0;

/** @throws InvalidOptionError when nodes would send more than their budget. */
export function refuseOverBudget(where: string, groups: readonly FleetGroup[]): void {
  const problems = groups.flatMap((group) => {
    const { name, uplinkBudget, interval, transport } = group;
    const { metrics, logs } = uplinkOf(group);
    if (!uplinkBudget || metrics + logs <= bytes(uplinkBudget)) return [];
    return [
      `a node of group ${name} sends ${mebibytes(metrics + logs)} a day, and its uplinkBudget is ${uplinkBudget}: ` +
        `metrics ${mebibytes(metrics)} (${transport}, every ${interval}), logs ${mebibytes(logs)}; ` +
        'measure less often or less, send fewer lines, or raise the budget',
    ];
  });
  if (problems.length) throw invalid(where, problems.join('; '));
}

const mebibytes = (amount: number): string => `${Math.ceil(amount / 2 ** 20)}Mi`;
