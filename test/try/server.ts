import { readProvisioned } from '../../preview/provisioned';
import { PreviewServer } from '../../preview/server';
import type { Upstream } from '../../preview/upstream';
import type { Pod } from '../runtime/pod';
import type { ReferenceStack } from '../stacks/reference-stack';
import { SEND_INTERVAL } from './hurried';
import { socketTo } from './socket';

/** How it is seen. */
export interface ServerOptions {
  readonly title: string;
  /** Folder of the environment's manifests. */
  readonly dist: string;
  /** Differences from the manifests, and problems, which are shown above each dashboard. */
  readonly notes: readonly string[];
  /** Address on this machine, for this machine only. */
  readonly port: number;
  readonly prometheus: Pod;
  /** @default - there is no Loki */
  readonly loki?: Upstream;
}

/** Shows the dashboards with what servers answer that run in a network of their own, and lets others read Prometheus, too. */
export async function serve(stack: ReferenceStack, options: ServerOptions): Promise<void> {
  const { title, dist, notes, port, loki } = options;
  const { cluster } = stack;
  const { address } = options.prometheus;
  const prometheus: Upstream = {
    name: 'Prometheus',
    url: new URL('http://prometheus:9090'),
    socketPath: await socketTo(cluster, options.prometheus, address, 9090),
  };
  const shown = {
    ...readProvisioned(dist),
    title,
    troubles: notes,
    range: 'now-15m',
    refresh: SEND_INTERVAL,
    scrapeInterval: SEND_INTERVAL,
  };
  const server = await PreviewServer.start({
    preview: () => shown,
    port,
    prometheus,
    loki,
    rest: prometheus,
  });
  cluster.cleanup.add(() => server.stop());
}
