import type { Clock } from '../../../lib/tools/rollout/perform-steps';

/** What happens to the new pod after the old one was deleted. `lost` means that the node loses its connection. */
type Fate = 'well' | 'crashing' | 'lost';

interface RecordedPod {
  readonly daemonSet: string;
  readonly node: string;
  hash: 'old' | 'new';
  fate: Fate;
}

export const NAMESPACE = 'monitoring-edge';
const DAEMON_SETS = ['edge-log-collector', 'edge-node-exporter'];
const DELETE = `delete pods --namespace ${NAMESPACE} --wait=false --ignore-not-found `;

/** A cluster whose nodes run pods of the edge DaemonSets with an old template. It records the calls of kubectl. */
export class RecordedCluster {
  /** Arguments of the calls of kubectl. */
  readonly calls: string[] = [];
  readonly pods = new Map<string, RecordedPod>();
  readonly offline = new Set<string>();
  /** What happens to new pods, by node. New pods on other nodes become ready. */
  readonly fates = new Map<string, Fate>();
  observedGeneration = 2;
  private seconds = 0;

  constructor(
    readonly nodes: readonly string[],
    private readonly siteOf: (node: string) => string = () => 'field',
  ) {
    for (const node of nodes) {
      for (const daemonSet of DAEMON_SETS) {
        this.pods.set(`${daemonSet}-${node}`, { daemonSet, node, hash: 'old', fate: 'well' });
      }
    }
  }

  readonly kubectl = async (...args: readonly string[]): Promise<string> => {
    this.calls.push(args.join(' '));
    const [verb, kind = ''] = args;
    if (verb === 'config') return 'test-cluster\n';
    if (verb === 'delete') return this.delete(args.slice(6));
    return JSON.stringify({ items: this.answers(args)[kind]?.() });
  };

  /** Time only advances during a sleep. */
  readonly clock: Clock = {
    now: () => this.seconds,
    sleep: async (seconds) => {
      this.seconds += seconds;
    },
  };

  /** Deleted pods, for each call of kubectl. */
  get deleted(): string[][] {
    return this.calls
      .filter((call) => call.startsWith('delete'))
      .map((call) => call.replace(DELETE, '').split(' '));
  }

  /** Returns the nodes that only have new pods. */
  get rolled(): string[] {
    const old = new Set([...this.pods.values()].filter(({ hash }) => hash === 'old').map(({ node }) => node));
    return this.nodes.filter((node) => !old.has(node));
  }

  private delete(names: readonly string[]): string {
    for (const name of names) {
      const pod = this.pods.get(name);
      if (!pod) throw new Error(`there is no pod ${name}`);
      const fate = this.fates.get(pod.node) ?? 'well';
      this.pods.delete(name);
      if (fate === 'lost') this.offline.add(pod.node);
      else this.pods.set(`${name}x`, { ...pod, hash: 'new', fate });
    }
    return '';
  }

  private answers(args: readonly string[]): Record<string, () => object[]> {
    const selector = args.find((_, index) => args[index - 1] === '--selector');
    const ready = (is: boolean) => [{ type: 'Ready', status: is ? 'True' : 'Unknown' }];
    const owned = (hash: string, name: string) => ({
      labels: { 'controller-revision-hash': hash },
      ownerReferences: [{ kind: 'DaemonSet', name }],
    });
    return {
      nodes: () =>
        this.nodes
          .filter((node) => !selector || selector === `site=${this.siteOf(node)}`)
          .map((name) => ({ metadata: { name }, status: { conditions: ready(!this.offline.has(name)) } })),
      daemonsets: () =>
        DAEMON_SETS.map((name) => ({
          metadata: { name, generation: 2 },
          status: { observedGeneration: this.observedGeneration },
        })),
      // The revisions are not sorted, as in a real cluster.
      controllerrevisions: () =>
        DAEMON_SETS.flatMap((name) => [
          { metadata: owned('old', name), revision: 9 },
          { metadata: owned('new', name), revision: 10 },
          { metadata: owned('older', name), revision: 8 },
        ]),
      pods: () =>
        [...this.pods].map(([name, { daemonSet, node, hash, fate }]) => ({
          metadata: { name, ...owned(hash, daemonSet) },
          spec: { nodeName: node },
          // Between two crashes, the pod is ready for a moment.
          status: {
            conditions: ready(true),
            containerStatuses: [{ restartCount: fate === 'crashing' ? 3 : 0 }],
          },
        })),
    };
  }
}
