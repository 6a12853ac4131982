import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { provisioned } from '../../preview/provisioned';
import { PreviewServer } from '../../preview/server';
import type { Pod } from '../runtime/pod';
import { program, spawnMortal } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import type { ReferenceStack } from '../stacks/reference-stack';

/** How it is seen. */
export interface ServerOptions {
  readonly title: string;
  /** Folder of the environment's manifests. */
  readonly dist: string;
  /** What differs from the manifests, and what goes wrong, said above each dashboard. */
  readonly notes: readonly string[];
  /** Of this machine, for this machine alone. */
  readonly port: number;
}

/** Shows the dashboards with what a Prometheus that runs in a network of its own answers, and lets others read it, too. */
export async function serve(prometheus: Pod, stack: ReferenceStack, options: ServerOptions): Promise<void> {
  const socketPath = join(stack.cluster.folder, 'prometheus.sock');
  const forward = [join('test/try/forward.mjs'), socketPath, prometheus.address, '9090'];
  const entry = ['nsenter', ...prometheus.network.entry, program('node'), ...forward];
  const forwarder = spawnMortal(entry, { stdio: 'ignore' });
  stack.cluster.cleanup.add(() => forwarder.kill());
  await eventually('Prometheus can be reached', () => existsSync(socketPath));
  const upstream = { name: 'Prometheus', url: new URL('http://prometheus:9090'), socketPath };
  const { title, dist, notes, port } = options;
  const shown = { title, troubles: notes, range: 'now-15m', refresh: '5s', ...provisioned(dist) };
  const server = await PreviewServer.start({
    preview: () => shown,
    port,
    prometheus: upstream,
    rest: upstream,
  });
  stack.cluster.cleanup.add(() => server.stop());
}
