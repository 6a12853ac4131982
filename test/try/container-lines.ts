import type { Stream } from '../../preview/seed/lines';
import type { Pod } from '../runtime/pod';
import { CLOUD, EDGE, type ReferenceStack } from '../stacks/reference-stack';

/** Pause between two pushes. */
const PAUSE_MS = 5_000;

/** Lines of simulated nodes between two moments, in seconds since 1970. */
export type SimulatedLines = (from: number, to: number) => readonly Stream[];

/**
 * Pushes lines of containers to Loki instead of a log agent, through the ingress and with the password: those of the
 * real node's containers, and those of simulated nodes.
 */
export class ContainerLines {
  private readonly url: string;
  private readonly labels: Readonly<Record<string, string>>;
  /** How many lines of a container were pushed, by its pod and name. */
  private readonly pushed = new Map<string, number>();
  private until: number;

  /** @param past seconds before now of which simulated nodes have lines */
  constructor(
    private readonly stack: ReferenceStack,
    private readonly pods: readonly Pod[],
    private readonly simulated: SimulatedLines,
    past: number,
  ) {
    const { spec } = stack.cluster.object('Ingress', CLOUD, 'logs');
    this.url = `https://${spec.rules[0].host}/loki/api/v1/push`;
    this.labels = labelsOf(stack);
    this.until = Date.now() / 1_000 - past;
  }

  /** Pushes until the stack is destroyed; refused lines are pushed again. */
  start(): void {
    let timer: NodeJS.Timeout;
    const later = () => {
      timer = setTimeout(() => void this.push().then(later, later), PAUSE_MS);
    };
    later();
    this.stack.cluster.cleanup.add(() => clearTimeout(timer));
  }

  private async push(): Promise<void> {
    const now = Date.now();
    const counts = this.containers.map(({ id, logs }) => [id, logs.length] as const);
    const streams = [...this.real(now), ...this.simulated(this.until, now / 1_000)];
    const body = JSON.stringify({ streams: streams.filter(({ values }) => values.length) });
    const headers = { 'Content-Type': 'application/json' };
    const { status } = await this.stack.fromEdge(this.url, {
      method: 'POST',
      body,
      headers,
      user: this.stack.credentials,
    });
    if (status !== 204) return;
    this.until = now / 1_000;
    for (const [id, count] of counts) this.pushed.set(id, count);
  }

  private real(now: number): Stream[] {
    return this.containers.map(({ id, name, pod, namespace, logs }) => ({
      stream: { ...this.labels, namespace, pod, container: name, job: `${namespace}/${name}` },
      values: logs
        .slice(this.pushed.get(id))
        .map((line, index) => [`${BigInt(now) * 1_000_000n + BigInt(index)}`, line] as const),
    }));
  }

  private get containers() {
    return this.pods.flatMap(({ name: pod, namespace, containers }) =>
      containers.map(({ name, logs }) => ({ id: `${pod}/${name}`, name, pod, namespace, logs })),
    );
  }
}

/** Labels that the collector of the environment adds to each line of the real node. */
function labelsOf({ cluster, edgeNode }: ReferenceStack): Record<string, string> {
  const { data } = cluster.object('ConfigMap', EDGE, 'edge-log-collector-config');
  const [, labels = ''] = /^ +labels: (.+)$/m.exec(Object.values<string>(data).join('\n')) ?? [];
  const pairs = labels.split(', ').map((pair) => pair.split('=') as [string, string]);
  return { ...Object.fromEntries(pairs), node: edgeNode.name };
}
