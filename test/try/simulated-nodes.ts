import type { SeededNode, Trouble } from '../../preview/seed/fleet';
import { logStreams, type Stream } from '../../preview/seed/lines';
import { nodeSeries } from '../../preview/seed/node-series';
import { EDGE, type ReferenceStack } from '../stacks/reference-stack';
import { podOf } from '../support/manifests';
import { Sample, type Series, writeRequest } from '../support/write-request';

/** Interval between two samples of a series. */
const STEP_SECONDS = 10;
/** Period of the past that is sent first, and the interval of its samples. */
export const PAST_SECONDS = 420;
const PAST_STEP_SECONDS = 30;
/** Seconds since the last data of a silent node when the others start: it counts as silent after 300 s. */
const SILENT_SECONDS = 240;
/** Requests. */
const AT_ONCE = 4;

const TROUBLES: readonly (readonly [trouble: Trouble, words: string])[] = [
  ['silent', 'stopped sending'],
  ['full disk', 'has no room left on /data'],
  ['growing queue', 'cannot send its samples, so its queue grows'],
  ['hot', 'is too hot and too busy'],
  ['wrong clock', 'does not synchronize its clock, which is 14 s off'],
];

/** A group of nodes: as their samples name it, and as KubeEdge labels them. */
interface Group {
  readonly name: string;
  readonly label?: string;
}

/**
 * Nodes that only exist as samples: they are written to the ingress, as by agents, and pass all components behind it.
 */
export class SimulatedNodes {
  private readonly nodes: readonly (SeededNode & { readonly label?: string })[];

  /** @throws Error when nodes of the environment do not write remotely. */
  constructor(
    private readonly stack: ReferenceStack,
    count: number,
  ) {
    const groups = groupsOf(stack);
    this.nodes = Array.from({ length: count }, (_, index) => {
      const { name: group, label } = groups[index % groups.length] as Group;
      const name = `${group.replace(/s$/, '')}-${`${Math.floor(index / groups.length) + 1}`.padStart(2, '0')}`;
      return { name, group, label, trouble: TROUBLES[index - 1]?.[0], wasAway: false };
    });
  }

  /** Names of nodes, with the group that KubeEdge labels them with. */
  get listed(): readonly string[] {
    return this.nodes.map(({ name, label }) => `${name}=edge${label ? `=${label}` : ''}`);
  }

  /** Descriptions of problems. */
  get notes(): readonly string[] {
    return this.nodes.flatMap(({ name, trouble }) => {
      const words = TROUBLES.find(([one]) => one === trouble)?.[1];
      return words ? [`${name} ${words}.`] : [];
    });
  }

  /** Returns the log lines of their containers between two times; the last line of a silent node is older. */
  lines(from: number, to: number): readonly Stream[] {
    return this.nodes
      .filter(({ trouble }) => trouble !== 'silent')
      .flatMap((node) => logStreams(node, from, to));
  }

  /** Sends their past, and then current samples, until the stack is destroyed. */
  async start(): Promise<void> {
    const now = Math.floor(Date.now() / 1_000);
    await this.send(now, timesBetween(now - PAST_SECONDS, now, PAST_STEP_SECONDS));
    const timer = setInterval(() => {
      // Samples that are refused during shutdown do not count.
      this.send(now, [Math.floor(Date.now() / 1_000)]).catch(() => undefined);
    }, STEP_SECONDS * 1_000);
    this.stack.cluster.cleanup.add(() => clearInterval(timer));
  }

  /** As agents of theirs would; several at once, since each waits for a program to start. */
  private async send(began: number, times: readonly number[]): Promise<void> {
    const url = argumentsOf(this.stack, 'edge-metrics-agent', '-remoteWrite.url')[0] ?? '';
    for (let at = 0; at < this.nodes.length; at += AT_ONCE) {
      const some = this.nodes.slice(at, at + AT_ONCE);
      await Promise.all(some.map((node) => this.write(url, written(node, began, times))));
    }
  }

  private async write(url: string, series: readonly Series[]): Promise<void> {
    const { status, body } = await this.stack.fromEdge(url, {
      method: 'POST',
      body: writeRequest(series),
      user: this.stack.credentials,
      headers: { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' },
      seconds: 30,
    });
    if (status >= 300) throw new Error(`the gateway answers ${status}: ${body}`);
  }
}

function written(node: SeededNode, began: number, times: readonly number[]): Series[] {
  const until = node.trouble === 'silent' ? began - SILENT_SECONDS : Number.POSITIVE_INFINITY;
  return nodeSeries(node, began).map(({ name, labels, at }) => ({
    labels: { __name__: name, ...labels },
    samples: times
      .filter((one) => one <= until)
      .map((time) => new Sample(time * 1_000, Number(at(time).toPrecision(12)))),
  }));
}

const timesBetween = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

/** As the agents of the environment name them. */
function groupsOf({ cluster }: ReferenceStack): Group[] {
  const agents = cluster
    .objectsOfKind('DaemonSet')
    .filter(({ metadata: { name } }) => /^edge-metrics-agent(-|$)/.test(name));
  if (!agents.length)
    throw new Error(
      '--nodes requires an environment with the transport remote-write, such as --environment fleet',
    );
  return agents.map(({ metadata: { name } }) => {
    const labels = argumentsOf({ cluster }, name, '-remoteWrite.label');
    const group = labels.find((label) => label.startsWith('group='))?.slice('group='.length);
    return { name: group ?? 'nodes', label: name.replace(/^edge-metrics-agent-?/, '') || undefined };
  });
}

/** The values of a flag of the agent. */
function argumentsOf({ cluster }: Pick<ReferenceStack, 'cluster'>, agent: string, flag: string): string[] {
  const [{ args }] = podOf(cluster.object('DaemonSet', EDGE, agent)).containers;
  return args
    .filter((arg: string) => arg.startsWith(`${flag}=`))
    .map((arg: string) => arg.slice(flag.length + 1));
}
