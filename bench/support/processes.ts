import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Pod } from '../../test/runtime/pod';

/** A pod, or some of its containers. */
export type Measurable = Pick<Pod, 'containers'>;

/** Unit of /proc: hundredths of a second on every Linux that this project knows. */
const TICKS_PER_SECOND = 100;

/** Returns the CPU seconds (user and system) of all processes of a pod. */
export const cpuSeconds = (pod: Measurable): number => sumOf(processIds(pod).map(processorSeconds));

/** Returns the CPU seconds of one process. */
export function processorSeconds(pid: string | number): number {
  const [user = 0, system = 0] = fieldsAfterName(pid).slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

/** Returns the CPU seconds of a process and its children, including those that ended. */
export function treeSeconds(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(tryReadProcess);
  const secondsBelow = (parent: number): number =>
    sumOf(all.filter((one) => one.parent === parent).map(({ pid, seconds }) => seconds + secondsBelow(pid)));
  return sumOf(all.filter(({ pid }) => pid === root).map(({ seconds }) => seconds)) + secondsBelow(root);
}

function tryReadProcess(name: string) {
  try {
    const fields = fieldsAfterName(name);
    return [
      {
        pid: Number(name),
        parent: Number(fields[1]),
        seconds: sumOf(fields.slice(11, 15).map(Number)) / TICKS_PER_SECOND,
      },
    ];
  } catch {
    return []; // The process has ended meanwhile.
  }
}

/** Returns the memory of all processes of a pod in bytes, including mapped files. */
export const residentBytes = (pod: Measurable): number => statusBytes(pod, 'VmRSS');

/** Returns the memory without files, which the kernel can reclaim; a memory limit applies to it. */
export const anonymousBytes = (pod: Measurable): number => statusBytes(pod, 'RssAnon');

/**
 * Returns the memory of a pod as on a node of its own: pages that processes of a container share count once, and so do
 * mapped files, even if other pods of this machine map them, too (https://docs.kernel.org/filesystems/proc.html,
 * smaps_rollup).
 */
const ownBytes = ({ containers }: Measurable): number =>
  sumOf(
    containers.map((container) => {
      const own = { containers: [container] };
      const [anonymous, shared] = ['Pss_Anon', 'Pss_Shmem'].map((name) =>
        memoryBytes(own, 'smaps_rollup', name),
      );
      const files = processIds(own).map((pid) => fieldBytes(pid, 'status', 'RssFile'));
      return (anonymous ?? 0) + (shared ?? 0) + Math.max(0, ...files);
    }),
  );

/** Runs a task and resolves to its result with the peak memory of a pod's processes, sampled ten times per second. */
export async function measurePeakBytes<T>(
  pod: Measurable,
  work: () => Promise<T>,
): Promise<T & { memory: number }> {
  let memory = 0;
  const timer = setInterval(() => {
    memory = Math.max(memory, ownBytes(pod));
  }, 100);
  const result = await work().finally(() => clearInterval(timer));
  return { ...result, memory };
}

/** Returns the memory of one process without files. */
export const anonymousBytesOf = (pid: string | number): number => fieldBytes(`${pid}`, 'status', 'RssAnon');

const statusBytes = (pod: Measurable, field: string): number => memoryBytes(pod, 'status', field);

const memoryBytes = (pod: Measurable, file: 'status' | 'smaps_rollup', field: string): number =>
  sumOf(processIds(pod).map((pid) => fieldBytes(pid, file, field)));

function fieldBytes(pid: string, file: 'status' | 'smaps_rollup', field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm');
  const [, kibibytes] = line.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8')) ?? [];
  return Number(kibibytes ?? 0) * 1_024;
}

const processIds = (pod: Measurable): string[] =>
  pod.containers.flatMap(({ memory }) => readFileSync(memory.processes, 'utf8').match(/\d+/g) ?? []);

/** Returns the fields of /proc/PID/stat after the name, which may contain spaces. */
const fieldsAfterName = (pid: string | number): string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Returns the CPU seconds of this machine since its start. */
export const busySeconds = (): number =>
  sumOf(cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq)) / 1_000;
