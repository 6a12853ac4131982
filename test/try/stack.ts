import { join } from 'node:path';
import { pageFiles } from '../../preview/page-files';
import { request } from '../runtime/http';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { NodeList } from '../stacks/node-list';
import { ReferenceStack } from '../stacks/reference-stack';
import { loadManifests } from '../support/manifests';
import { HURRIED, hurry } from './hurried';
import { ABOUT_LOGS, HAS_LOKI, lokiOf, startLogs } from './logs';
import type { Message } from './message';
import { serve } from './server';
import { SimulatedNodes } from './simulated-nodes';

/** A node, as an agent sends it within a batch, and a sidecar within an interval. */
const FIRST_METRICS = { seconds: 180 };

/** Metrics of every profile, of a node that the rules know. */
const EXPRESSION = 'node_load1 and on (node) edge_node:fresh';

/** Cloud components that metrics pass before Prometheus. */
const RECEIVERS = /^(pushgateway|metrics-gateway)/;

/** Edge components of nodes that are in no group. */
const SOURCES = ['edge-node-exporter', 'edge-metrics-agent'];

const [dist = '', port = '', count = '0'] = process.argv.slice(2);
/** Shown above each dashboard. */
const NOT_RUN = 'Grafana, Alertmanager and kubelets do not run, so the alerts about them fire.';

const tell = (message: Message) => process.send?.(message);

let stack: ReferenceStack | undefined;

process.once('SIGTERM', async () => {
  // A partially started stack is cleaned up.
  await stack?.destroy().catch(() => undefined);
  process.exit();
});

// The parent process has ended.
process.once('disconnect', () => process.exit());

async function start(): Promise<void> {
  requireIngress();
  // Bundled while programs start.
  void pageFiles().catch(() => undefined);
  tell({ doing: 'starting the ingress and the programs behind it' });
  const started = await ReferenceStack.create({ dist });
  hurry(started.cluster);
  const simulated = Number(count) ? new SimulatedNodes(started, Number(count)) : undefined;
  tell({ doing: 'starting Prometheus, the receivers of metrics and the edge node' });
  const [[prometheus], agents] = await Promise.all([
    startAll(started, 'StatefulSet', (name) => name === 'prometheus'),
    startAll(started, 'DaemonSet', (name) => SOURCES.includes(name)),
    startAll(started, 'StatefulSet', (name) => RECEIVERS.test(name)),
    NodeList.start(started, [started.edgeNode.name, ...(simulated?.listed ?? [])]),
  ]);
  if (!prometheus) throw new Error(`${dist} has no Prometheus`);
  const notes = [HURRIED, ABOUT_LOGS, NOT_RUN, ...(simulated?.notes ?? [])];
  const title = `${started.edgeNode.name} of ${dist}`;
  await serve(started, { title, dist, notes, port: Number(port), prometheus, loki: lokiOf(started) });
  await simulated?.start();
  tell({ doing: `waiting for the first metrics of ${started.edgeNode.name}` });
  await eventually(
    `${started.edgeNode.name} is in Prometheus`,
    async () => (await started.query(prometheus, EXPRESSION)).length > 0,
    FIRST_METRICS,
  );
  const hasPage = await hasOwnPage(prometheus);
  stack = started;
  tell({ running: { node: started.edgeNode.name, expression: EXPRESSION, hasPage } });
  // The first dashboard needs none.
  if (HAS_LOKI) await startLogs(started, agents, simulated);
}

/** @throws Error if the environment uses an ingress controller that nginx cannot replace on this machine. */
function requireIngress(): void {
  const ingresses = loadManifests(join(dist, 'cloud')).filter(({ kind }) => kind === 'Ingress');
  const isOther = (annotation: string) => annotation.startsWith('traefik.');
  const isKnown = ingresses.every(({ metadata }) => !Object.keys(metadata.annotations ?? {}).some(isOther));
  if (ingresses.length && isKnown) return;
  throw new Error(
    `${dist} is for an ingress controller that nginx cannot replace on this machine: set ingress.controller; ` +
      'allowed: ingressNginx() and proxy()',
  );
}

async function startAll(
  { cluster }: ReferenceStack,
  kind: 'StatefulSet' | 'DaemonSet',
  isWanted: (name: string) => boolean,
): Promise<Pod[]> {
  const wanted = cluster.objectsOfKind(kind).filter(({ metadata }) => isWanted(metadata.name));
  const pods = wanted.map(({ metadata: { namespace = '', name } }) => cluster.start(kind, namespace, name));
  return (await Promise.all(pods)).flat();
}

/** Debian's build replaces it by a page with a notice. */
async function hasOwnPage(prometheus: Pod): Promise<boolean> {
  const { status, body } = await request(prometheus.network, `http://${prometheus.address}:9090/query`);
  return status === 200 && body.includes('<script');
}

start().catch((error: Error) => {
  tell({ failed: error.message });
});
