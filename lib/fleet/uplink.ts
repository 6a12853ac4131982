import { bytes, type Duration, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { DAY, HEADROOM, LOGS, UPLINK } from './coefficients';
import { type FleetGroup, verifyGroup } from './fleet';
import { logBytesOf, rate, sendingsOf, sum } from './sendings';

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
function uplinkOf(group: FleetGroup): Pick<NodeNeeds, 'metrics' | 'logs'> {
  const perSample =
    group.transport === 'pushgateway' ? UPLINK.bytesPerPushedSample : UPLINK.bytesPerWrittenSample;
  const perPush = group.transport === 'pushgateway' ? UPLINK.bytesPerPush : 0;
  return {
    metrics: sum(
      sendingsOf(group),
      ({ count, series, interval }) => ((DAY * count) / seconds(interval)) * (perPush + series * perSample),
    ),
    logs: logBytesOf(group) * LOGS.sent,
  };
}

/** What waits on the disk of one node of a group when an outage ends. */
export const queueOf = (group: FleetGroup, outage: Duration): number =>
  group.transport === 'remote-write'
    ? rate([{ ...group, nodes: 1 }]) * seconds(outage) * UPLINK.bytesPerWrittenSample * HEADROOM
    : 0;

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
