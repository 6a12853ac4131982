import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Pod } from '../../runtime/pod';
import { tryRun } from '../../runtime/programs';
import { eventually } from '../../runtime/wait';
import { CLOUD, EDGE, fleetDist, ReferenceStack } from '../../stacks/reference-stack';
import type { Manifest } from '../../support/manifests';

/** Of the smallest queue that vmagent has, and a little more. */
const QUEUE_BYTES = 512 * 2 ** 20;

/** What nothing packs: random text, of which six of eight bits are left. */
const LINES = 80;
const TEXTS = 3;
const TEXT_LENGTH = 4_000;

jest.setTimeout(30 * 60_000);

test('a queue that is full drops the oldest, says so, and keeps the newest', async () => {
  const stack = await ReferenceStack.create({ dist: fleetDist() });
  try {
    const prometheus = await stack.startCloud('prometheus');
    await stack.cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    stack.cluster.apply(inAHurry(stack));
    const agent = await stack.startEdge('edge-metrics-agent');
    stack.edgeNode.uplink.cut();
    await give(stack, agent, marker('oldest'));
    let given = 0;
    while ((await dropped(stack)) === 0) {
      if (given > 3 * QUEUE_BYTES) throw new Error(`nothing was dropped after ${given} bytes`);
      given += await give(stack, agent, incompressible());
    }
    await give(stack, agent, marker('newest'));
    expect(await queued(agent)).toBeLessThan(1.1 * QUEUE_BYTES);
    expect(agent.containers.map(({ memory }) => memory.kills)).toEqual([0, 0]);
    stack.edgeNode.uplink.restore();
    const seconds = 20 * 60;
    await eventually('the newest has arrived', async () => (await stack.query(prometheus, 'newest')).length, {
      seconds,
      pauseMs: 5_000,
    });
    expect(await stack.query(prometheus, 'oldest')).toEqual([]);
  } finally {
    await stack.destroy();
  }
});

/** The agent without its rate limits: on the uplink, half a gibibyte would take two hours. */
function inAHurry({ cluster }: ReferenceStack): Manifest {
  const manifest: Manifest = structuredClone(cluster.object('DaemonSet', EDGE, 'edge-metrics-agent'));
  const [agent] = manifest.spec.template.spec.containers;
  agent.args = agent.args.filter((arg: string) => !arg.startsWith('-remoteWrite.rateLimit='));
  // No node produces that many samples in that time.
  agent.resources.limits.memory = '1Gi';
  return manifest;
}

const marker = (name: string) => `${name}{node="edge-1"} 1 ${Date.now()}\n`;

function incompressible(): string {
  const line = () => {
    const labels = Array.from({ length: TEXTS }, (_, index) => `text_${index}="${text()}"`);
    return `filling{node="edge-1",${labels.join(',')}} 1 ${Date.now()}\n`;
  };
  return Array.from({ length: LINES }, line).join('');
}

const text = () => randomBytes(TEXT_LENGTH).toString('base64url').slice(0, TEXT_LENGTH);

/** Sends samples to the agent through its own HTTP server. */
async function give(stack: ReferenceStack, agent: Pod, samples: string): Promise<number> {
  const path = '/api/v1/import/prometheus';
  const args = [...loginOf(stack), '--data-binary', '@-', `http://127.0.0.1:8429${path}`];
  const { code, stderr } = await fromNode(stack, args, samples);
  if (code !== 0) throw new Error(`the agent takes no samples: ${stderr}; it says:\n${logs(agent)}`);
  return samples.length;
}

const logs = (agent: Pod) => agent.container('vmagent').logs.slice(-5).join('\n');

async function dropped(stack: ReferenceStack): Promise<number> {
  const { stdout } = await fromNode(stack, [...loginOf(stack), 'http://127.0.0.1:8429/metrics']);
  const [, count] = /^vm_persistentqueue_bytes_dropped_total\{.*\} (\d+)$/m.exec(stdout) ?? [];
  return Number(count);
}

/** The password of the agent's own HTTP server, which root reads on the node. */
const loginOf = ({ edgeNode }: ReferenceStack): string[] => {
  const file = edgeNode.path('/var/lib/edge-observability/edge-metrics-agent/login');
  return ['--user', `agent:${readFileSync(file, 'utf8').trim()}`];
};

const fromNode = ({ edgeNode }: ReferenceStack, args: readonly string[], input?: string) =>
  tryRun('nsenter', [...edgeNode.namespace.entry, 'curl', '--silent', '--show-error', '--fail', ...args], {
    input,
  });

/** Bytes of the queue on the node's disk. */
async function queued(agent: Pod): Promise<number> {
  const { stdout } = await agent
    .container('clock-guard')
    .exec('/bin/du', '-sk', '/var/lib/metrics-agent/queue');
  return Number.parseInt(stdout, 10) * 1024;
}
