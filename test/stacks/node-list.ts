import type { Cluster } from '../runtime/cluster';
import type { Pod } from '../runtime/pod';
import { CLOUD, type ReferenceStack } from './reference-stack';

/** Serves the metrics of kube-state-metrics about the nodes of the test, and answers its probes. */
const PROGRAM = `
const nodes = new Map(process.argv.slice(1).map((one) => [one.split('=')[0], one.split('=').slice(1)]));
const answer = (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/delete') nodes.delete(searchParams.get('node'));
  const lines = [...nodes].flatMap(([node, [role, group]]) => [
    'kube_node_info{node="' + node + '"} 1',
    'kube_node_role{node="' + node + '",role="' + role + '"} 1',
    ...(group ? ['kube_node_labels{node="' + node + '",label_apps_kubeedge_io_belonging_to="' + group + '"} 1'] : []),
  ]);
  response.setHeader('Content-Type', 'text/plain; version=0.0.4');
  response.end(pathname === '/metrics' ? lines.join('\\n') + '\\n' : 'ok');
};
process.on('SIGTERM', () => process.exit());
for (const port of [8080, 8081]) require('node:http').createServer(answer).listen(port);
`;

/** Replaces kube-state-metrics, which Debian does not have, in its own Deployment. */
export class NodeList {
  private constructor(
    private readonly stack: ReferenceStack,
    private readonly pod: Pod,
  ) {}

  /** @param edgeNodes their names; `NAME=edge=GROUP` for one that is in a NodeGroup */
  static async start(stack: ReferenceStack, edgeNodes: readonly string[]): Promise<NodeList> {
    const { cluster } = stack;
    cluster.apply(
      standIn(cluster, [
        'cloud-1=control-plane',
        ...edgeNodes.map((node) => (node.includes('=') ? node : `${node}=edge`)),
      ]),
    );
    const [pod] = await cluster.start('Deployment', CLOUD, 'kube-state-metrics');
    if (!pod) throw new Error('no pod of kube-state-metrics was started');
    return new NodeList(stack, pod);
  }

  /** Deletes a node from the API server. */
  async delete(node: string): Promise<void> {
    await this.stack.fromCloud(this.pod, `:8080/delete?node=${node}`);
  }

  /** Restarts it, with all nodes that it was started with; nothing is listed meanwhile. */
  restart(): Promise<void> {
    return this.pod.container('kube-state-metrics').restart();
  }
}

function standIn(cluster: Cluster, nodes: readonly string[]) {
  const deployment = structuredClone(cluster.object('Deployment', CLOUD, 'kube-state-metrics'));
  const [container] = deployment.spec.template.spec.containers;
  Object.assign(container, {
    image: 'library/node:24',
    command: ['/usr/bin/node', '-e', PROGRAM],
    args: nodes,
  });
  return deployment;
}
