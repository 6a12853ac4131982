import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { busySeconds, cpuSeconds } from './processes';
import type { Series } from './samples';
import type { WritingFleet } from './writing-fleet';

/** Interval of samples in real time. */
export const INTERVAL_SECONDS = 10;
/** After this time, a fleet that is too large is behind. */
const RUN_SECONDS = 60;
const WARM_UP_SECONDS = 20;

/** Result of a fleet in real time. */
export interface Held {
  readonly nodes: number;
  /** Whether no sample was late or lost. */
  readonly isHeld: boolean;
  /** Peak memory of Prometheus in bytes. */
  readonly memory: number;
  /** Cores of each program, and of all processes on this machine. */
  readonly cores: Readonly<Record<'gateway' | 'prometheus' | 'simulated' | 'all', number>>;
}

/** Has this number of nodes write their samples in real time. */
export async function holdFleet(
  fleet: WritingFleet,
  series: readonly Series[],
  nodes: number,
): Promise<Held> {
  const importSamples = (seconds: number) =>
    fleet.import({
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
  const usedSeconds = () => [cpuSeconds(fleet.gateway), cpuSeconds(fleet.prometheus), busySeconds()];
  const [before, samplesBefore] = [usedSeconds(), await fleet.storedSamples()];
  const { peak: memory, result } = await fleet.measurePeak(importSamples(RUN_SECONDS));
  const { samples, latest, cpuSeconds: simulated } = result;
  await sleep(INTERVAL_SECONDS * 1_000);
  const cores = usedSeconds().map((value, index) => (value - (before[index] ?? 0)) / RUN_SECONDS);
  const [gateway = 0, prometheus = 0, all = 0] = cores;
  const isHeld = latest < INTERVAL_SECONDS && (await fleet.storedSamples()) - samplesBefore >= samples;
  await fleet.waitUntilDrained();
  return { nodes, isHeld, memory, cores: { gateway, prometheus, simulated: simulated / RUN_SECONDS, all } };
}

/** Returns the resource that was insufficient for a fleet. */
export function limitingFactor({ nodes, cores }: Held): string {
  const there = availableParallelism();
  if (cores.all > 0.85 * there) {
    const ours = cores.gateway + cores.prometheus + cores.simulated;
    return `processors: of ${there} cores ${ours.toFixed(2)} were theirs, ${(cores.all - ours).toFixed(2)} of others`;
  }
  const { all, ...each } = cores;
  const [name, most] = Object.entries(each).sort(([, one], [, other]) => other - one)[0] as [string, number];
  return `${name}, which took ${most.toFixed(2)} cores at ${nodes} nodes`;
}
