import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import { signalProcess } from './programs';
import { eventually } from './wait';

/** Names of folders and files in version 1 of control groups. The names in version 2 follow below. */
const V1 = {
  root: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  events: 'memory.oom_control',
};
const V2 = { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', events: 'memory.events' };

const NAMES = existsSync(V1.root) ? V1 : V2;

/** A control group that limits the memory of a container. */
export class MemoryLimit {
  private readonly folder: string;

  constructor(name: string, limit: number | undefined, cleanup: Cleanup) {
    this.folder = join(NAMES.root, name);
    mkdirSync(this.folder);
    cleanup.add(() => removeGroup(this.folder));
    if (limit) writeFileSync(join(this.folder, NAMES.limit), `${limit}`);
  }

  /** Path of the file with the IDs of the processes in the group. */
  get processes(): string {
    return join(this.folder, 'cgroup.procs');
  }

  /** Number of processes that the kernel killed because the group exceeded its limit. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.read(NAMES.events))?.[1] ?? 0);
  }

  /** Peak memory of the group in bytes, including page cache. */
  get peak(): number {
    return Number(this.read(NAMES.peak));
  }

  /** Peak resident memory of the largest running process since its start, in bytes, without page cache. */
  get residentPeak(): number {
    const pids = readFileSync(this.processes, 'utf8').match(/\d+/g) ?? [];
    const peaks = pids.map(
      (pid) => /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
    );
    return Math.max(...peaks.map(Number)) * 1024;
  }

  /** Kills all processes in the group. The main process of a container may have left children behind. */
  killAll(): void {
    killGroup(this.folder);
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}

/** Kills the processes in groups that earlier runs left behind, and removes the groups. */
export async function removeMemoryLimits(isStale: (name: string) => boolean): Promise<void> {
  for (const name of readdirSync(NAMES.root).filter(isStale)) {
    killGroup(join(NAMES.root, name));
    await removeGroup(join(NAMES.root, name));
  }
}

function killGroup(folder: string): void {
  const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').match(/\d+/g) ?? [];
  for (const pid of pids) signalProcess(Number(pid), 'SIGKILL');
}

/** Removes a group. Waits, because a group is busy for a moment after its last process has ended. */
async function removeGroup(folder: string): Promise<void> {
  const remove = () => {
    rmdirSync(folder);
    return true;
  };
  await eventually(`${folder} is empty`, remove, { pauseMs: 20 });
}
