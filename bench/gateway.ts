/**
 * What one replica of the metrics gateway can carry: agents of many nodes, which were away, send all at once what
 * waits in their queues, in batches as large as a node's; the CPU time of each program on the way is counted
 * against the samples that passed it. The ratio to the gateway's own is of one run, so that a slow machine is fair
 * to all of them.
 *
 *   npm run bench:gateway [-- --nodes N]
 *
 * --nodes: whose batches are sent, 400 unless told otherwise. Needs what the end-to-end tests need.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Container } from '../test/e2e/runtime/container';
import type { Pod } from '../test/e2e/runtime/pod';
import { requirePrograms, tryRun } from '../test/e2e/runtime/programs';
import { sweep } from '../test/e2e/runtime/sweep';
import { eventually } from '../test/e2e/runtime/wait';
import { EDGE, FLEET_DIST, ReferenceStack } from '../test/e2e/stack';
import type { Manifest } from '../test/support/manifests';

/** Of a node at `standard`, every ten seconds; its batch holds 55 seconds of them. */
const SERIES = 320;
const READINGS = 6;
const INTERVAL_MS = 10_000;
const SAMPLES_PER_SECOND = SERIES / (INTERVAL_MS / 1_000);

const { values: options } = parseArgs({ options: { nodes: { type: 'string', default: '400' } } });

const nodes = Number(options.nodes);
if (!Number.isInteger(nodes) || nodes < 1 || nodes > 5_000) {
  throw new Error(`--nodes is ${options.nodes}: a whole number from 1 to 5000 is allowed`);
}

/** Nanoseconds of CPU time of all processes of a container. */
function cpuTime(container: Container): number {
  const pids = readFileSync(container.memory.processes, 'utf8').match(/\d+/g) ?? [];
  return pids.map((pid) => threadsTime(pid)).reduce((sum, one) => sum + one, 0);
}

/** User and system time, in hundredths of a second. */
function threadsTime(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 1e7;
}

/** The agent with batches of one node's size, whatever comes in at once. */
function withNodeBatches(stack: ReferenceStack): Manifest {
  const manifest: Manifest = structuredClone(stack.cluster.object('DaemonSet', EDGE, 'edge-metrics-agent'));
  const [agent] = manifest.spec.template.spec.containers;
  agent.args = [
    ...agent.args.filter((arg: string) => !arg.startsWith('-remoteWrite.rateLimit=')),
    `-remoteWrite.maxRowsPerBlock=${SERIES * READINGS}`,
  ];
  // The load is the bench's: what is measured is behind it.
  agent.resources.limits.memory = '1Gi';
  return manifest;
}

/** A node's samples of the last minute, as an agent takes them by hand. */
function samplesOf(node: number, now: number): string {
  const lines: string[] = [];
  for (let reading = READINGS - 1; reading >= 0; reading--) {
    const time = now - reading * INTERVAL_MS;
    for (let series = 0; series < SERIES; series++) {
      const labels = `cpu="${series % 8}",instance="node-${node}",job="node_exporter",node="node-${node}"`;
      const value = series % 2 ? series * 1_000 : (now % 1e6) * 0.37 + series * reading;
      lines.push(`node_metric_${series >> 3}_seconds_total{${labels}} ${value} ${time}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function load(stack: ReferenceStack, agent: Pod): Promise<void> {
  const now = Date.now();
  for (let node = 0; node < nodes; node++) {
    const curl = [
      'curl',
      '--silent',
      '--fail',
      '--data-binary',
      '@-',
      'http://127.0.0.1:8429/api/v1/import/prometheus',
    ];
    const { code, stderr } = await tryRun('nsenter', [...stack.edgeNode.namespace.entry, ...curl], {
      input: samplesOf(node, now),
    });
    if (code !== 0)
      throw new Error(`the agent takes no samples: ${stderr}${agent.container('vmagent').logs.at(-1)}`);
  }
}

/** Samples that the store has taken since its start. */
async function stored(stack: ReferenceStack, prometheus: Pod): Promise<number> {
  const { body } = await stack.fromCloud(prometheus, ':9090/metrics');
  const [, count] = /^prometheus_tsdb_head_samples_appended_total\{type="float"\} (\S+)$/m.exec(body) ?? [];
  return Number(count);
}

async function main(): Promise<void> {
  requirePrograms();
  await sweep();
  const stack = await ReferenceStack.create({ dist: FLEET_DIST });
  try {
    const prometheus = await stack.startCloud('prometheus');
    const gateway = await stack.startCloud('metrics-gateway');
    stack.cluster.apply(withNodeBatches(stack));
    const agent = await stack.startEdge('edge-metrics-agent');
    stack.edgeNode.uplink.cut();
    await load(stack, agent);
    await sleep(2_000);
    const programs = new Map([
      ['gateway: vmagent', gateway.container('metrics-gateway')],
      ['gateway: write-filter', gateway.container('write-filter')],
      ['series-limiter', gateway.container('series-limiter')],
      ['prometheus', prometheus.container('prometheus')],
      ['guard: nginx', (stack.guards[0] as Pod).container('push-guard')],
    ]);
    const expected = (await stored(stack, prometheus)) + nodes * SERIES * READINGS;
    const before = new Map([...programs].map(([name, container]) => [name, cpuTime(container)]));
    stack.edgeNode.uplink.restore();
    await eventually(
      `${expected} samples are stored`,
      async () => (await stored(stack, prometheus)) >= expected,
      { seconds: 300, pauseMs: 2_000 },
    );
    print(programs, before, nodes * SERIES * READINGS);
  } finally {
    await stack.destroy();
  }
}

function print(programs: Map<string, Container>, before: Map<string, number>, samples: number): void {
  const costs = [...programs].map(([name, container]) => ({
    name,
    nanoseconds: (cpuTime(container) - (before.get(name) ?? 0)) / samples,
    memory: container.memory.peak / 2 ** 20,
  }));
  const [first] = costs;
  console.log(
    `${nodes} nodes, ${samples} samples in batches of ${SERIES * READINGS}; ${SERIES} series each ${INTERVAL_MS / 1_000} s`,
  );
  console.log('                        CPU ns a sample   to the first   nodes a core   most memory, MiB');
  for (const { name, nanoseconds, memory } of costs) {
    const carried = 1e9 / (nanoseconds * SAMPLES_PER_SECOND);
    console.log(
      `${name.padEnd(24)} ${nanoseconds.toFixed(0).padStart(14)} ${(nanoseconds / (first?.nanoseconds ?? 1)).toFixed(2).padStart(14)} ${carried.toFixed(0).padStart(14)} ${memory.toFixed(0).padStart(18)}`,
    );
  }
  const gateway = costs
    .filter(({ name }) => name.startsWith('gateway'))
    .reduce((sum, one) => sum + one.nanoseconds, 0);
  console.log(
    `one replica of the gateway: ${(1e9 / (gateway * SAMPLES_PER_SECOND)).toFixed(0)} nodes a core`,
  );
}

main().catch((failure) => {
  console.error(`${failure instanceof Error ? failure.message : failure}`);
  process.exitCode = 1;
});
