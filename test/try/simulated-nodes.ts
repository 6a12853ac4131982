import { request } from 'node:http';
import { parse } from 'yaml';
import type { SeededNode, Trouble } from '../../preview/seed/fleet';
import { type Stream, streams } from '../../preview/seed/lines';
import { nodeSeries } from '../../preview/seed/node-series';
import type { Pod } from '../runtime/pod';
import { EDGE, type ReferenceStack } from '../stacks/reference-stack';
import { socketTo } from './socket';

/** Between two samples of a series. */
const STEP_SECONDS = 10;
/** Of the past that is sent at first, and between its samples. */
export const PAST_SECONDS = 420;
const PAST_STEP_SECONDS = 30;
/** Since a silent node was heard of, when the others begin: it counts as silent after 300 s. */
const SILENT_SECONDS = 240;
/** So much text is one request. */
const BATCH_BYTES = 4 * 2 ** 20;

const TROUBLES: readonly (readonly [trouble: Trouble, words: string])[] = [
  ['silent', 'stopped to send'],
  ['full disk', 'has no room left on /data'],
  ['growing queue', 'sends too slowly: its queue grows'],
  ['hot', 'is too hot and too busy'],
  ['wrong clock', 'does not synchronize its clock, which is 14 s off'],
];

/** A group of nodes: as their samples name it, and as KubeEdge labels them. */
interface Group {
  readonly name: string;
  readonly label?: string;
}

/** Nodes that only their samples make: they go through the agent of the real one, and all that stands behind it. */
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

  /** What is wrong, in words. */
  get notes(): readonly string[] {
    return this.nodes.flatMap(({ name, trouble }) => {
      const words = TROUBLES.find(([one]) => one === trouble)?.[1];
      return words ? [`${name} ${words}.`] : [];
    });
  }

  /** What their containers say between two moments; a silent node said its last before it began. */
  lines(from: number, to: number): readonly Stream[] {
    return this.nodes
      .filter(({ trouble }) => trouble !== 'silent')
      .flatMap((node) => streams(node, from, to));
  }

  /** Sends their past, and from then on what they measure, until the stack is destroyed. */
  async start(agent: Pod): Promise<void> {
    const socketPath = await socketTo(this.stack.cluster, agent, '127.0.0.1', 8429);
    const now = Math.floor(Date.now() / 1_000);
    await this.send(socketPath, now, timesBetween(now - PAST_SECONDS, now, PAST_STEP_SECONDS));
    const timer = setInterval(() => {
      // Samples that are not taken while everything ends are nobody's.
      this.send(socketPath, now, [Math.floor(Date.now() / 1_000)]).catch(() => undefined);
    }, STEP_SECONDS * 1_000);
    this.stack.cluster.cleanup.add(() => clearInterval(timer));
  }

  private async send(socketPath: string, began: number, times: readonly number[]): Promise<void> {
    let text = '';
    for (const node of this.nodes) {
      const until = node.trouble === 'silent' ? began - SILENT_SECONDS : Number.POSITIVE_INFINITY;
      for (const { name, labels, at } of nodeSeries(node, began)) {
        const named = Object.entries({ ...labels, job: labels.job }).map(
          ([label, value]) => `${label}="${value}"`,
        );
        for (const time of times.filter((one) => one <= until))
          text += `${name}{${named.join(',')}} ${Number(at(time).toPrecision(12))} ${time * 1_000}\n`;
      }
      if (text.length < BATCH_BYTES) continue;
      await post(socketPath, text);
      text = '';
    }
    if (text) await post(socketPath, text);
  }
}

const timesBetween = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

/** As the agents of the environment name them. */
function groupsOf({ cluster }: ReferenceStack): Group[] {
  const agents = cluster
    .all('DaemonSet')
    .filter(({ metadata: { name } }) => /^edge-metrics-agent(-|$)/.test(name));
  if (!agents.length)
    throw new Error('--nodes needs an environment whose nodes write remotely, such as --environment fleet');
  return agents.map(({ metadata: { name } }) => {
    const { data } = cluster.object('ConfigMap', EDGE, `${name}-config`);
    const label = name.replace(/^edge-metrics-agent-?/, '') || undefined;
    return { name: parse(data['scrape.yaml']).global.external_labels.group ?? 'nodes', label };
  });
}

function post(socketPath: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(
      { socketPath, method: 'POST', path: '/api/v1/import/prometheus', timeout: 30_000 },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          (answer.statusCode ?? 500) < 300
            ? resolve()
            : reject(new Error(`the agent answers ${answer.statusCode}`)),
        );
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}
