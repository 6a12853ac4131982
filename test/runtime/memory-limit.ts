import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import { signalProcess } from './programs';
import { eventually } from './wait';

/** The names of one thing in the two versions of control groups. */
const V1 = {
  root: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  events: 'memory.oom_control',
};
const V2 = { root: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak', events: 'memory.events' };

const NAMES = existsSync(V1.root) ? V1 : V2;

/** A control group that holds a container to its memory limit. */
export class MemoryLimit {
  private readonly folder: string;

  constructor(name: string, limit: number | undefined, cleanup: Cleanup) {
    this.folder = join(NAMES.root, name);
    mkdirSync(this.folder);
    cleanup.add(() => removeGroup(this.folder));
    if (limit) writeFileSync(join(this.folder, NAMES.limit), `${limit}`);
  }

  /** The file with the processes to which the limit applies. */
  get processes(): string {
    return join(this.folder, 'cgroup.procs');
  }

  /** How many processes were killed because they went over it. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.read(NAMES.events))?.[1] ?? 0);
  }

  /** The most that was in use at once, in bytes, page cache included. */
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

  /** Kills the remaining processes at the end of a container; its main process may have had children. */
  killAll(): void {
    killGroup(this.folder);
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}

/** Kills the processes in abandoned groups, and removes the groups. */
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

/** A group is busy for a moment after its last process ended. */
async function removeGroup(folder: string): Promise<void> {
  const remove = () => {
    rmdirSync(folder);
    return true;
  };
  await eventually(`${folder} is empty`, remove, { pauseMs: 20 });
}
