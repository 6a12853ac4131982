import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Pod } from '../../test/runtime/pod';

/** A pod, or an object with some of its containers. */
export type Measurable = Pick<Pod, 'containers'>;

/**
 * Ticks per second: the unit of CPU time in /proc, which is the same on all Linux systems that this project supports.
 */
const TICKS_PER_SECOND = 100;

/** Returns the CPU seconds (user and system) that all running processes of a pod have used. */
export const podCpuSeconds = (pod: Measurable): number => sumOf(processIds(pod).map(processCpuSeconds));

/** Returns the CPU seconds (user and system) that one process has used. */
export function processCpuSeconds(pid: string | number): number {
  const [user = 0, system = 0] = readStatFields(pid).slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

/**
 * Returns the CPU seconds that a process and all its descendants have used, including ended children.
 * @param root process ID
 */
export function processTreeCpuSeconds(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcessTimes);
  const descendantCpuSeconds = (parent: number): number =>
    sumOf(
      all
        .filter((one) => one.parent === parent)
        .map(({ pid, seconds }) => seconds + descendantCpuSeconds(pid)),
    );
  return (
    sumOf(all.filter(({ pid }) => pid === root).map(({ seconds }) => seconds)) + descendantCpuSeconds(root)
  );
}

function readProcessTimes(name: string) {
  try {
    const fields = readStatFields(name);
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

/** Returns the resident memory of all processes of a pod in bytes, including mapped files. */
export const podResidentBytes = (pod: Measurable): number => sumStatusField(pod, 'VmRSS');

/**
 * Returns the memory of all processes of a pod in bytes, without mapped files. The kernel can reclaim mapped files
 * before a memory limit kills the pod.
 */
export const podAnonymousBytes = (pod: Measurable): number => sumStatusField(pod, 'RssAnon');

/**
 * Returns the memory that a pod would need on its own node, in bytes. Pages that processes of a container share count
 * once. Mapped files count once too, even if other pods of this machine also map them
 * (https://docs.kernel.org/filesystems/proc.html, smaps_rollup).
 */
const podBytesOnOwnNode = ({ containers }: Measurable): number =>
  sumOf(
    containers.map((container) => {
      const own = { containers: [container] };
      const [anonymous, shared] = ['Pss_Anon', 'Pss_Shmem'].map((name) =>
        sumMemoryField(own, 'smaps_rollup', name),
      );
      const files = processIds(own).map((pid) => readMemoryField(pid, 'status', 'RssFile'));
      return (anonymous ?? 0) + (shared ?? 0) + Math.max(0, ...files);
    }),
  );

/**
 * Runs a task, and measures the memory of a pod's processes ten times per second meanwhile. Resolves to the result of
 * the task with the peak memory in bytes.
 */
export async function measurePeakBytes<T>(
  pod: Measurable,
  work: () => Promise<T>,
): Promise<T & { memory: number }> {
  let memory = 0;
  const timer = setInterval(() => {
    memory = Math.max(memory, podBytesOnOwnNode(pod));
  }, 100);
  const result = await work().finally(() => clearInterval(timer));
  return { ...result, memory };
}

/** Returns the memory of one process in bytes, without mapped files. */
export const processAnonymousBytes = (pid: string | number): number =>
  readMemoryField(`${pid}`, 'status', 'RssAnon');

const sumStatusField = (pod: Measurable, field: string): number => sumMemoryField(pod, 'status', field);

const sumMemoryField = (pod: Measurable, file: 'status' | 'smaps_rollup', field: string): number =>
  sumOf(processIds(pod).map((pid) => readMemoryField(pid, file, field)));

function readMemoryField(pid: string, file: 'status' | 'smaps_rollup', field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm');
  const [, kibibytes] = line.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8')) ?? [];
  return Number(kibibytes ?? 0) * 1_024;
}

const processIds = (pod: Measurable): string[] =>
  pod.containers.flatMap(({ memory }) => readFileSync(memory.processes, 'utf8').match(/\d+/g) ?? []);

/** Returns the fields of /proc/PID/stat that follow the name of the process. The name may contain spaces. */
const readStatFields = (pid: string | number): string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Returns the CPU seconds that all processes of this machine have used since it started. */
export const machineCpuSeconds = (): number =>
  sumOf(cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq)) / 1_000;
