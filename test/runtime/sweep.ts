import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeMemoryLimits } from './memory-limit';
import { NetNamespace } from './net-namespace';
import { run } from './programs';

/**
 * Removes what killed runs left behind: control groups, network namespaces, mounts and folders. Their names start with
 * the process ID of the run.
 */
export async function sweep(): Promise<void> {
  await removeMemoryLimits(isStale);
  NetNamespace.sweep(isStale);
  for (const mount of staleMounts()) run('umount', mount);
  for (const name of readdirSync(tmpdir()).filter(isStale)) rmSync(join(tmpdir(), name), { recursive: true });
}

function isStale(name: string): boolean {
  const [, pid] = /^e2e-(\d+)-/.exec(name) ?? [];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function staleMounts(): string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  const prefix = `${tmpdir()}/`;
  return points.filter((path) => path.startsWith(prefix) && isStale(path.slice(prefix.length)));
}
