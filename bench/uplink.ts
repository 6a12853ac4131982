/**
 * What a node's metrics cost on the metered link: the hand-made push loop, this project's sidecar and its agent,
 * side by side in one run, each on an edge node of its own with a mobile link's MTU, through TLS and Basic Auth.
 * Every IP byte counts, both ways: handshakes, acknowledgements, answers.
 *
 *   npm run bench:uplink [-- --batches N] [-- --outage | --freshness] [-- --check]
 *
 * --batches: how many batches of the agent are counted, 6 unless told otherwise, and the pushes that come in the
 * same time. --outage: instead, two agents side by side, of which one has no link for a third of the time; 18
 * batches, a quarter of an hour, since what one outage costs by itself (a batch that was on its way, and a new
 * connection) is as much as three batches. --freshness: instead, the agent with each choice of the setting
 * `edge.freshness` and with the profile `lean`, beside all metrics of the same collectors, for the time of nine batches.
 * --check: exit code 1 above a target. Needs what the end-to-end tests need.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import { EdgeChart, type EdgeSettings, fromPushgateway, fromRemoteWrite, type MetricsSink } from '../lib';
import { FRESHNESS, type Freshness } from '../lib/charts/freshness';
import { seconds } from '../lib/core/units';
import { selectionOf } from '../lib/edge/node-exporter';
import type { Pod } from '../test/runtime/pod';
import { eventually } from '../test/runtime/wait';
import { fleetDist, ReferenceStack } from '../test/stacks/reference-stack';
import { argumentsOf, missed, onPods, Table, wholeNumber } from './support/main';

const MOBILE_MTU = 1400;
const PUSH_SECONDS = 10;
/** Of the agent: `batchWait`, unless told otherwise. */
const BATCH_SECONDS = 54;
const DAY_SECONDS = 86_400;

/** Most that an outage may cost beside what is sent without one. */
const OUTAGE_BYTES = 30_000;

/** The last packets of a transfer follow the answer. */
const CLOSING_MS = 1_000;

/** One way to send a node's metrics. */
interface Way {
  readonly name: string;
  /** The cloud side, and the manifests of the edge in place of those of dist/. */
  readonly dist?: string;
  readonly edge?: { readonly sink: MetricsSink; readonly settings: EdgeSettings };
  /** Resolves to the pod that sends. */
  readonly start: (stack: ReferenceStack) => Promise<Pod>;
  /** A request of it in the log of the ingress, when it was taken. */
  readonly taken: RegExp;
  readonly periodSeconds: number;
  /** Megabytes of a node and day. @default - what others are compared with */
  readonly target?: number;
  /** Whether the link is dead for a third of the time. */
  readonly outage?: boolean;
}

interface Cost {
  readonly sent: number;
  readonly received: number;
  /** How long it was measured: transfers come a little later than their period. */
  readonly seconds: number;
  /** Most resident memory of the program that sends, in bytes; undefined for scripts. */
  readonly memory?: number;
}

const options = argumentsOf({
  batches: { type: 'string' },
  outage: { type: 'boolean', default: false },
  freshness: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
});

const byDefault = options.outage ? 18 : options.freshness ? 9 : 6;
const batches = wholeNumber('batches', options.batches ?? `${byDefault}`);

const pushed = { taken: /\/metrics\/job\/.*" 20[02] /, periodSeconds: PUSH_SECONDS };
const pushing = {
  ...pushed,
  start: async (stack: ReferenceStack) => {
    await stack.startCloud('pushgateway');
    return stack.startEdge();
  },
};
const batched = {
  dist: fleetDist(),
  taken: /"POST \/api\/v1\/write .*" 204 /,
  periodSeconds: BATCH_SECONDS,
  start: async (stack: ReferenceStack) => {
    await stack.startCloud('prometheus');
    await stack.startCloud('metrics-gateway');
    await stack.startEdge();
    return stack.startEdge('edge-metrics-agent');
  },
};

const credentialsSecretName = 'push-credentials';
const toPushgateway = fromPushgateway({ host: 'push.edge.example.com', credentialsSecretName });
const toGateway = fromRemoteWrite({
  host: 'push.fleet.example.com',
  credentialsSecretName,
  encoding: 'zstd',
});

const STANDARD: Way = { ...batched, name: 'the agent, standard', target: 12 };

const SIDE_BY_SIDE: readonly Way[] = [
  {
    ...pushed,
    name: 'the hand-made loop',
    start: async (stack) => {
      await stack.startCloud('pushgateway');
      return stack.startHandMade();
    },
  },
  { ...pushing, name: 'the sidecar, full', target: 130 },
  {
    ...pushing,
    name: 'the sidecar, standard',
    edge: { sink: toPushgateway, settings: { profile: 'standard' } },
    target: 95,
  },
  STANDARD,
  {
    ...batched,
    name: 'the agent, lean',
    edge: { sink: toGateway, settings: { profile: 'lean' } },
    // More than the seven of --freshness: four batches hold one or two scrapes of slow metrics.
    target: 8,
  },
];

const OUTAGE: readonly Way[] = [STANDARD, { ...STANDARD, name: 'the agent, with an outage', outage: true }];

/** The agent with settings of the edge, whose batches wait as long as those of a choice of `edge.freshness`. */
const paced = (freshness: Freshness, name: string, settings: EdgeSettings, target?: number): Way => ({
  ...batched,
  name: `the agent, ${name}`,
  edge: { sink: toGateway, settings },
  periodSeconds: seconds(FRESHNESS[freshness].batchWait),
  target,
});

const { interval, batchWait } = FRESHNESS.frugal;
const allMetrics = { collectors: selectionOf('standard').collectors, metrics: ['node_.+'] };

/** Each choice beside what it is compared with: all metrics of the same collectors, and the profile `lean`. */
const BY_FRESHNESS: readonly Way[] = [
  paced('balanced', 'all metrics', { profile: allMetrics }),
  paced('fresh', 'fresh', { freshness: 'fresh' }, 14),
  paced('balanced', 'balanced', { freshness: 'balanced' }, 12),
  paced('frugal', 'frugal', { freshness: 'frugal' }, 8),
  paced('balanced', 'lean', { profile: 'lean' }, 7),
  paced('frugal', 'lean and frugal', { profile: 'lean', interval, agent: { sending: { batchWait } } }, 7),
];

/** A way whose programs run. */
interface Running {
  readonly way: Way;
  readonly stack: ReferenceStack;
  readonly sender: Pod;
}

/** Starts a way on a stack of its own, which is added to those that are to be destroyed. */
async function start(way: Way, stacks: ReferenceStack[]): Promise<Running> {
  const stack = await ReferenceStack.create({ dist: way.dist, mtu: MOBILE_MTU });
  stacks.push(stack);
  if (way.edge) stack.cluster.apply(...edgeManifests(way.edge));
  return { way, stack, sender: await way.start(stack) };
}

/** Bytes of a second, on average. */
async function measure({ way, stack, sender }: Running): Promise<Cost> {
  const duration = batches * BATCH_SECONDS;
  const transfers = Math.round(duration / way.periodSeconds);
  const first = transfersOf(stack, way) + 1;
  const before = await trafficAfter(stack, way, first);
  if (way.outage) await outage(stack, duration / 3);
  const after = await trafficAfter(stack, way, first + transfers);
  const elapsed = (after.at - before.at) / 1_000;
  return {
    sent: (after.sent - before.sent) / elapsed,
    received: (after.received - before.received) / elapsed,
    seconds: elapsed,
    memory: residentMemory(sender),
  };
}

/** Starts the ways in turn, since starting takes the processor, and measures them side by side. */
async function costsOf(ways: readonly Way[]): Promise<Cost[]> {
  const stacks: ReferenceStack[] = [];
  try {
    const running: Running[] = [];
    for (const way of ways) running.push(await start(way, stacks));
    return await Promise.all(running.map(measure));
  } finally {
    await Promise.all(stacks.map((stack) => stack.destroy()));
  }
}

/** Of a vmagent, the most since its start. */
function residentMemory(sender: Pod): number | undefined {
  const agent = sender.containers.find(({ name }) => name === 'vmagent');
  const pids = agent ? (readFileSync(agent.memory.processes, 'utf8').match(/\d+/g) ?? []) : [];
  const peaks = pids.map(
    (pid) => /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  );
  return peaks.length ? Math.max(...peaks.map(Number)) * 1024 : undefined;
}

function edgeManifests({ sink, settings: edge }: NonNullable<Way['edge']>) {
  const { hostname } = new URL(sink.endpoint.url);
  const settings = {
    cluster: 'bench',
    hosts: { metrics: hostname, logs: `logs.${hostname}` },
    edge,
  };
  return new EdgeChart(new App(), 'edge', { settings, metrics: sink }).toJson();
}

async function outage({ edgeNode }: ReferenceStack, seconds: number): Promise<void> {
  await sleep((seconds * 1_000) / 2);
  edgeNode.uplink.cut();
  await sleep(seconds * 1_000);
  edgeNode.uplink.restore();
}

/** Transfers that the ingress took. */
const transfersOf = (stack: ReferenceStack, { taken }: Way): number =>
  stack.ingress.accessLog.filter((line) => taken.test(line)).length;

/** The node's traffic up to the end of its transfer of that number, and when that was, in milliseconds. */
async function trafficAfter(stack: ReferenceStack, way: Way, transfer: number) {
  // Beside its period a transfer may wait for the start of a program, and the pause after a failure.
  const missing = transfer - transfersOf(stack, way);
  const seconds = (missing + 1) * 2 * way.periodSeconds + 120;
  const arrived = () => transfersOf(stack, way) >= transfer;
  await eventually(`transfer ${transfer} of ${way.name} arrived`, arrived, { seconds });
  await sleep(CLOSING_MS);
  return { ...stack.edgeNode.uplink.traffic(), at: performance.now() };
}

const megabytesPerDay = ({ sent, received }: Cost): number => ((sent + received) * DAY_SECONDS) / 1e6;

function print(ways: readonly Way[], costs: readonly Cost[]): void {
  const [first] = costs.map(megabytesPerDay);
  console.log(`all IP bytes of the node, MTU ${MOBILE_MTU}`);
  const table = new Table([
    ['MB a node and day', 42],
    ['sent', 7],
    ['received', 8],
    ['in all', 7],
    ['to the first', 12],
    ['target', 6],
    ['seconds', 8],
    ['most memory', 11],
  ]);
  for (const [index, { name, target = '' }] of ways.entries()) {
    const cost = costs[index] as Cost;
    const day = (bytes: number) => ((bytes * DAY_SECONDS) / 1e6).toFixed(1);
    const ratio = (megabytesPerDay(cost) / (first ?? Number.NaN)).toFixed(3);
    const memory = cost.memory ? `${(cost.memory / 2 ** 20).toFixed(1)} MiB` : '';
    const days = [day(cost.sent), day(cost.received), day(cost.sent + cost.received)];
    table.row(name, ...days, ratio, target, cost.seconds.toFixed(1), memory);
  }
}

/** Whether every way keeps its target, and an outage its share. */
function within(ways: readonly Way[], costs: readonly Cost[]): boolean {
  return ways.every(({ target = Infinity, outage: cut }, index) => {
    const cost = megabytesPerDay(costs[index] as Cost);
    return cut ? bytesOfOutage(costs) <= OUTAGE_BYTES : cost <= target;
  });
}

/** Bytes of an outage, of the second of two ways, beside those of the first one in the same time. */
function bytesOfOutage([without, cut]: readonly Cost[]): number {
  if (!without || !cut) return Number.NaN;
  return (cut.sent + cut.received - without.sent - without.received) * cut.seconds;
}

async function run(): Promise<void> {
  const ways = options.outage ? OUTAGE : options.freshness ? BY_FRESHNESS : SIDE_BY_SIDE;
  const costs = await costsOf(ways);
  print(ways, costs);
  if (options.outage) {
    const kilobytes = [bytesOfOutage(costs), OUTAGE_BYTES].map((bytes) => (bytes / 1e3).toFixed(1));
    console.log(`an outage and what follows: ${kilobytes.join(' kB; target: ')} kB`);
  }
  if (options.check && !within(ways, costs)) missed();
}

void onPods(run);
