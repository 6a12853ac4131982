import { join } from 'node:path';
import { request } from '../runtime/http';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { NodeList } from '../stacks/node-list';
import { ReferenceStack } from '../stacks/reference-stack';
import { load } from '../support/manifests';
import { HURRIED, hurry } from './hurried';
import type { Message } from './message';
import { serve } from './server';
import { SimulatedNodes } from './simulated-nodes';

/** A node, as an agent sends it within a batch, and a sidecar within an interval. */
const FIRST_METRICS = { seconds: 180 };

/** What every profile measures, of a node that the rules know. */
const EXPRESSION = 'node_load1 and on (node) edge_node:fresh';

/** Of the cloud side, what metrics pass. */
const STORES = /^(prometheus|pushgateway|metrics-gateway)/;

/** Of the edge, what the nodes that are in no group run. */
const SOURCES = ['edge-node-exporter', 'edge-metrics-agent'];

const [dist = '', port = '', count = '0'] = process.argv.slice(2);
const tell = (message: Message) => process.send?.(message);

let stack: ReferenceStack | undefined;

process.once('SIGTERM', async () => {
  // What is half-started is swept away.
  await stack?.destroy().catch(() => undefined);
  process.exit();
});

// Whoever called is gone.
process.once('disconnect', () => process.exit());

async function start(): Promise<void> {
  requireIngress();
  tell({ doing: 'starting the ingress and what stands behind it' });
  const started = await ReferenceStack.create({ dist });
  hurry(started.cluster);
  tell({ doing: 'starting what lists the nodes' });
  const simulated = Number(count) ? new SimulatedNodes(started, Number(count)) : undefined;
  await NodeList.start(started, [started.edgeNode.name, ...(simulated?.listed ?? [])]);
  const pods = await startAll(started, 'StatefulSet', (name) => STORES.test(name));
  const agents = await startAll(started, 'DaemonSet', (name) => SOURCES.includes(name));
  const prometheus = pods.find(({ name }) => name === 'prometheus-0');
  if (!prometheus) throw new Error(`${dist} has no Prometheus`);
  const title = `${started.edgeNode.name} of ${dist}`;
  await serve(prometheus, started, {
    title,
    dist,
    notes: [HURRIED, ...(simulated?.notes ?? [])],
    port: Number(port),
  });
  const agent = agents.find(({ name }) => name.startsWith('edge-metrics-agent'));
  if (simulated && agent) await simulated.start(agent);
  tell({ doing: `waiting for the first metrics of ${started.edgeNode.name}` });
  await eventually(
    `${started.edgeNode.name} is in Prometheus`,
    async () => (await started.query(prometheus, EXPRESSION)).length > 0,
    FIRST_METRICS,
  );
  const hasPage = await hasOwnPage(prometheus);
  stack = started;
  tell({ running: { node: started.edgeNode.name, expression: EXPRESSION, hasPage } });
}

/** @throws Error when the controller is one that nothing here stands in for. */
function requireIngress(): void {
  const ingresses = load(join(dist, 'cloud')).filter(({ kind }) => kind === 'Ingress');
  const isOther = (annotation: string) => annotation.startsWith('traefik.');
  const isKnown = ingresses.every(({ metadata }) => !Object.keys(metadata.annotations ?? {}).some(isOther));
  if (ingresses.length && isKnown) return;
  throw new Error(
    `${dist} is made for another ingress controller than nginx can stand in for here; ` +
      'allowed: ingressNginx and proxy, as ingress.controller',
  );
}

async function startAll(
  { cluster }: ReferenceStack,
  kind: 'StatefulSet' | 'DaemonSet',
  isWanted: (name: string) => boolean,
): Promise<Pod[]> {
  const pods: Pod[] = [];
  for (const { metadata } of cluster.all(kind).filter((one) => isWanted(one.metadata.name))) {
    tell({ doing: `starting ${metadata.name}` });
    pods.push(...(await cluster.start(kind, metadata.namespace ?? '', metadata.name)));
  }
  return pods;
}

/** Debian's build has a page in its place that says so. */
async function hasOwnPage(prometheus: Pod): Promise<boolean> {
  const { status, body } = await request(prometheus.network, `http://${prometheus.address}:9090/query`);
  return status === 200 && body.includes('<script');
}

start().catch((error: Error) => {
  tell({ failed: error.message });
});
