import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineCpuSeconds, podCpuSeconds } from './processes';
import type { Series } from './samples';
import type { WritingFleet } from './writing-fleet';

/** Interval between samples in seconds. */
export const INTERVAL_SECONDS = 10;
/** Duration of the measurement in seconds. A fleet that is too large is late after this time. */
const RUN_SECONDS = 60;
const WARM_UP_SECONDS = 20;

/** Result of a fleet that writes samples in real time. */
export interface RealTimeResult {
  readonly nodes: number;
  /** Whether all samples arrived within `INTERVAL_SECONDS`, and none was lost. */
  readonly isOnTime: boolean;
  /** Peak memory of Prometheus in bytes. */
  readonly memory: number;
  /** Average number of cores that each program uses, and that all processes on this machine use. */
  readonly cores: Readonly<Record<'gateway' | 'prometheus' | 'simulated' | 'all', number>>;
}

/** Lets this number of nodes write samples in real time for one minute, and measures the programs. */
export async function measureRealTimeFleet(
  fleet: WritingFleet,
  series: readonly Series[],
  nodes: number,
): Promise<RealTimeResult> {
  const importSamples = (seconds: number) =>
    fleet.importSamples({
      series,
      nodes,
      from: Math.floor(Date.now() / 1_000) + 2,
      seconds,
      interval: INTERVAL_SECONDS,
      paced: true,
    });
  await importSamples(WARM_UP_SECONDS);
  await fleet.waitUntilDrained();
  await fleet.waitUntilSettled();
  const readCpuSeconds = () => [
    podCpuSeconds(fleet.gateway),
    podCpuSeconds(fleet.prometheus),
    machineCpuSeconds(),
  ];
  const [before, samplesBefore] = [readCpuSeconds(), await fleet.countStoredSamples()];
  const { peak: memory, result } = await fleet.measurePeak(importSamples(RUN_SECONDS));
  const { samples, latest, cpuSeconds: simulated } = result;
  await sleep(INTERVAL_SECONDS * 1_000);
  const cores = readCpuSeconds().map((value, index) => (value - (before[index] ?? 0)) / RUN_SECONDS);
  const [gateway = 0, prometheus = 0, all = 0] = cores;
  const isOnTime = latest < INTERVAL_SECONDS && (await fleet.countStoredSamples()) - samplesBefore >= samples;
  await fleet.waitUntilDrained();
  return { nodes, isOnTime, memory, cores: { gateway, prometheus, simulated: simulated / RUN_SECONDS, all } };
}

/** Describes the resource that limits a fleet: the processors of the machine, or the program that uses most cores. */
export function describeBottleneck({ nodes, cores }: RealTimeResult): string {
  const there = availableParallelism();
  if (cores.all > 0.85 * there) {
    const ours = cores.gateway + cores.prometheus + cores.simulated;
    return `processors: ${there} cores, of which this benchmark used ${ours.toFixed(2)} and other processes ${(cores.all - ours).toFixed(2)}`;
  }
  const { all, ...each } = cores;
  const [name, most] = Object.entries(each).sort(([, one], [, other]) => other - one)[0] as [string, number];
  return `${name}, which used ${most.toFixed(2)} cores at ${nodes} nodes`;
}
