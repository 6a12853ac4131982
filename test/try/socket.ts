import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../runtime/cluster';
import type { Pod } from '../runtime/pod';
import { program, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';

/** Path of the socket file that leads to a pod. */
export const socketPath = ({ folder }: Cluster, pod: string): string => join(folder, `${pod}.sock`);

/** A socket file of this machine that leads to a port of a pod, until the cluster is destroyed. */
export async function socketTo(cluster: Cluster, pod: Pod, host: string, port: number): Promise<string> {
  const path = socketPath(cluster, pod.name);
  const forward = ['test/try/forward.mjs', path, host, `${port}`];
  const forwarder = spawnKilledWithParent(['nsenter', ...pod.network.entry, program('node'), ...forward], {
    stdio: 'ignore',
  });
  cluster.cleanup.add(() => forwarder.kill());
  await eventually(`${pod.name} can be reached`, () => existsSync(path), { pauseMs: 20 });
  return path;
}
