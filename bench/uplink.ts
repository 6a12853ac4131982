/**
 * Measures the bytes of a node's metrics on the metered link: the hand-made push loop, the sidecar and the agent of
 * this project run side by side, each on its own edge node with the MTU of a mobile link, through TLS and Basic Auth.
 * Every IP byte counts, in both directions: handshakes, acknowledgements, responses.
 *
 *   npm run bench:uplink [-- --batches N] [-- --outage | --freshness | --services | --certificates] [-- --check]
 *
 * --batches: number of batches of the agent (default: 6), and the pushes in the same time. --outage: instead, two
 * agents side by side, one of which has no link for a third of the time; 18 batches, a quarter of an hour, because the
 * fixed cost of an outage (a batch in flight, and a new connection) is that of three batches. --freshness: instead, the
 * agent with each choice of the setting `edge.freshness`, for the time of nine batches. --services: instead, a service
 * of 50 series that pushes every 10 s to the Pushgateway in the cloud and to the agent of its node, relative to the
 * same agent without it; and the memory of an agent and its listener with ten services. --certificates: instead, agents
 * and sidecars with a node certificate beside those with a password, at a guard that terminates TLS and at
 * ingress-nginx. --check: exit code 1 above a target. Needs the programs of the end-to-end tests.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import { EdgeChart, type EdgeSettings, fromPushgateway, fromRemoteWrite, type MetricsSink } from '../lib';
import { FRESHNESS, type Freshness } from '../lib/charts/freshness';
import { seconds } from '../lib/core/units';
import type { Pod } from '../test/runtime/pod';
import { eventually } from '../test/runtime/wait';
import { fleetDist, ReferenceStack } from '../test/stacks/reference-stack';
import { parseArguments, parseWholeNumber, reportMissedTarget, runOnPods, Table } from './support/main';
import { createStack, guardLogLines, type NodeLogin } from './support/node-login';
import { type Measurable, measurePeakBytes } from './support/processes';
import { startServices } from './support/services';

const MOBILE_MTU = 1400;
const PUSH_SECONDS = 10;
/** Batches of the agent, at the default `batchWait`. */
const BATCH_SECONDS = 55;
const DAY_SECONDS = 86_400;

/** Maximum share of the bytes of the same time without an outage. */
const OUTAGE_TARGET = 1.2;

/** Maximum multiple of the bytes of the same program with a password. */
const CERTIFICATE_TARGET = 1.05;

/** The last packets of a transfer follow the response. */
const CLOSING_MS = 1_000;

/** A way to send the metrics of a node. */
interface Way {
  readonly name: string;
  /** The cloud side, and the edge manifests that replace those of dist/. */
  readonly dist?: string;
  /** An environment of its own instead of one of dist/. */
  readonly login?: NodeLogin;
  readonly edge?: { readonly sink: MetricsSink; readonly settings: EdgeSettings };
  /** Resolves to the pod that sends. */
  readonly start: (stack: ReferenceStack) => Promise<Pod>;
  /** Matches an accepted request in the log of the ingress. */
  readonly taken: RegExp;
  readonly periodSeconds: number;
  /** Target in megabytes per node and day. @default - what others are compared with */
  readonly target?: number;
  /** Whether the link is cut for a third of the time. */
  readonly outage?: boolean;
}

/** Average bytes per second. */
interface Traffic {
  readonly sent: number;
  readonly received: number;
  /** Measured duration: transfers end a little after their period. */
  readonly seconds: number;
}

interface Cost extends Traffic {
  /** Peak memory of the agent and its listener together in bytes; shared pages count once. 0 for scripts. */
  readonly memory: number;
}

const options = parseArguments({
  batches: { type: 'string' },
  outage: { type: 'boolean', default: false },
  freshness: { type: 'boolean', default: false },
  services: { type: 'boolean', default: false },
  certificates: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
});

const byDefault = options.outage ? 18 : options.freshness ? 9 : 6;
const batches = parseWholeNumber('batches', options.batches ?? `${byDefault}`);

const pushed = { taken: /\/metrics\/job\/.*" 20[02]\b/, periodSeconds: PUSH_SECONDS };
const pushing = {
  ...pushed,
  start: async (stack: ReferenceStack) => {
    await stack.startCloud('pushgateway');
    return stack.startEdge();
  },
};
const batched = {
  dist: fleetDist(),
  taken: /"POST \/api\/v1\/write .*" 204\b/,
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

const STANDARD: Way = { ...batched, name: 'the agent, standard', target: 15 };

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
    target: 15,
  },
];

const OUTAGE: readonly Way[] = [STANDARD, { ...STANDARD, name: 'the agent, with an outage', outage: true }];

/** Returns the agent with a choice of the setting `edge.freshness`, and with the samples that others send. */
function wayOfFreshness(freshness: Freshness, target: number): Way {
  return {
    ...batched,
    name: `the agent, ${freshness}`,
    edge: { sink: toGateway, settings: { freshness } },
    periodSeconds: seconds(FRESHNESS[freshness].batchWait),
    target,
  };
}

const BY_FRESHNESS: readonly Way[] = [
  wayOfFreshness('fresh', 22),
  wayOfFreshness('balanced', 15),
  wayOfFreshness('frugal', 8),
];

/** Returns a way in which services push, and the agent otherwise only sends its own metrics. */
const wayWithServices = (count: number): Way => ({
  ...batched,
  name: count ? `the agent, with ${count} service${count > 1 ? 's' : ''}` : 'the agent alone',
  start: async (stack) => {
    await stack.startCloud('prometheus');
    await stack.startCloud('metrics-gateway');
    const agent = await stack.startEdge('edge-metrics-agent');
    await startServices(stack, count, 'agent');
    return agent;
  },
});

const SERVICES: readonly Way[] = [
  {
    ...pushed,
    name: 'a service, to the Pushgateway',
    start: async (stack) => {
      await stack.startCloud('pushgateway-services');
      const [service] = await startServices(stack, 1, 'pushgateway');
      if (!service) throw new Error('no service was started');
      return service;
    },
  },
  wayWithServices(0),
  wayWithServices(1),
  wayWithServices(10),
];

/** Returns the same program with a password and with a certificate, one after the other. */
function waysByLogin(name: string, way: Omit<Way, 'name'>, edge: EdgeSettings, tls: NodeLogin['tls']): Way[] {
  return [false, true].map((certificate) => ({
    ...way,
    name: `${name}, ${certificate ? 'certificate' : 'password'}`,
    login: { certificate, tls, edge },
  }));
}

function waysOfAgent(freshness: Freshness, tls: NodeLogin['tls']): Way[] {
  const way = { ...batched, periodSeconds: seconds(FRESHNESS[freshness].batchWait) };
  return waysByLogin(
    `agent, ${freshness}, TLS to ${tls}`,
    way,
    { transport: 'remote-write', freshness },
    tls,
  );
}

const WITH_CERTIFICATES: readonly Way[] = [
  ...waysOfAgent('balanced', 'guard'),
  ...waysOfAgent('balanced', 'ingress-nginx'),
  ...waysOfAgent('frugal', 'guard'),
  ...waysByLogin('sidecar, TLS to guard', pushing, {}, 'guard'),
];

async function measureWay(way: Way): Promise<Cost> {
  const stack = way.login
    ? await createStack(way.login, MOBILE_MTU)
    : await ReferenceStack.create({ dist: way.dist, mtu: MOBILE_MTU });
  try {
    if (way.edge) stack.cluster.apply(...edgeManifests(way.edge));
    const programs = agentPrograms(await way.start(stack));
    return await measurePeakBytes(programs, () => measureTraffic(stack, way));
  } finally {
    await stack.destroy();
  }
}

async function measureTraffic(stack: ReferenceStack, way: Way): Promise<Traffic> {
  const duration = batches * BATCH_SECONDS;
  const transfers = Math.round(duration / way.periodSeconds);
  const before = await trafficAfterTransfers(stack, way, 1);
  if (way.outage) await cutUplink(stack, duration / 3);
  const after = await trafficAfterTransfers(stack, way, 1 + transfers);
  const elapsed = (after.at - before.at) / 1_000;
  return {
    sent: (after.sent - before.sent) / elapsed,
    received: (after.received - before.received) / elapsed,
    seconds: elapsed,
  };
}

/** A vmagent, and the listener for pushes beside it. */
const agentPrograms = ({ containers }: Pod): Measurable => ({
  containers: containers.filter(({ name }) => name === 'vmagent' || name === 'push-listener'),
});

function edgeManifests({ sink, settings: edge }: NonNullable<Way['edge']>) {
  const { hostname } = new URL(sink.endpoint.url);
  const settings = {
    cluster: 'bench',
    hosts: { metrics: hostname, logs: `logs.${hostname}` },
    edge,
  };
  return new EdgeChart(new App(), 'edge', { settings, metrics: sink }).toJson();
}

async function cutUplink({ edgeNode }: ReferenceStack, seconds: number): Promise<void> {
  await sleep((seconds * 1_000) / 2);
  edgeNode.uplink.cut();
  await sleep(seconds * 1_000);
  edgeNode.uplink.restore();
}

/** Resolves to the node's traffic up to the end of the transfer with that number, and to its time in milliseconds. */
async function trafficAfterTransfers(stack: ReferenceStack, way: Way, transfer: number) {
  // In addition to its period, a transfer may wait for the start of a program, and the pause after a failure.
  const patience = (transfer + 1) * 2 * way.periodSeconds + 120;
  const requestLog = () => (way.login?.tls === 'guard' ? guardLogLines(stack) : stack.ingress.accessLog);
  const countAccepted = () => requestLog().filter((line) => way.taken.test(line)).length;
  await eventually(`transfer ${transfer} of ${way.name} arrived`, () => countAccepted() >= transfer, {
    seconds: patience,
  });
  await sleep(CLOSING_MS);
  return { ...stack.edgeNode.uplink.traffic(), at: performance.now() };
}

const megabytesPerDay = ({ sent, received }: Cost): number => ((sent + received) * DAY_SECONDS) / 1e6;

function printCosts(ways: readonly Way[], costs: readonly Cost[]): void {
  const [first] = costs.map(megabytesPerDay);
  console.log(`all IP bytes of the node, MTU ${MOBILE_MTU}`);
  const table = new Table([
    ['MB a node and day', 48],
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
    const formatPerDay = (bytes: number) => ((bytes * DAY_SECONDS) / 1e6).toFixed(1);
    const ratio = (megabytesPerDay(cost) / (first ?? Number.NaN)).toFixed(3);
    const memory = cost.memory ? `${(cost.memory / 2 ** 20).toFixed(1)} MiB` : '';
    const days = [
      formatPerDay(cost.sent),
      formatPerDay(cost.received),
      formatPerDay(cost.sent + cost.received),
    ];
    table.addRow(name, ...days, ratio, target, cost.seconds.toFixed(1), memory);
  }
}

/** Compares a way with a certificate to the way before it, which is the same with a password. */
function compareWithPassword(ways: readonly Way[], costs: readonly Cost[]) {
  return ways.flatMap(({ name, periodSeconds, login }, index) => {
    if (!login?.certificate) return [];
    const [password = Number.NaN, certificate = Number.NaN] = costs
      .slice(index - 1, index + 1)
      .map(megabytesPerDay);
    const more = ((certificate - password) * 1e6 * periodSeconds) / DAY_SECONDS;
    return [{ name, isAgent: login.edge.transport === 'remote-write', ratio: certificate / password, more }];
  });
}

function printCertificates(ways: readonly Way[], costs: readonly Cost[]): void {
  const table = new Table([
    ['in place of a password', 48],
    ['times the bytes', 15],
    ['more bytes a transfer', 21],
    ['target', 6],
  ]);
  for (const { name, isAgent, ratio, more } of compareWithPassword(ways, costs)) {
    table.addRow(name, ratio.toFixed(3), more.toFixed(0), isAgent ? CERTIFICATE_TARGET : '');
  }
}

/** Returns whether every way meets its target, and an outage its share. */
function isWithinTargets(ways: readonly Way[], costs: readonly Cost[]): boolean {
  if (options.certificates) {
    return compareWithPassword(ways, costs).every(
      ({ isAgent, ratio }) => !isAgent || ratio <= CERTIFICATE_TARGET,
    );
  }
  const [first = Number.NaN] = costs.map(megabytesPerDay);
  return ways.every(({ target = Infinity, outage: cut }, index) => {
    const cost = megabytesPerDay(costs[index] as Cost);
    return cut ? cost <= OUTAGE_TARGET * first : cost <= target;
  });
}

const selectWays = ({ outage, freshness, services, certificates }: typeof options): readonly Way[] =>
  certificates
    ? WITH_CERTIFICATES
    : outage
      ? OUTAGE
      : freshness
        ? BY_FRESHNESS
        : services
          ? SERVICES
          : SIDE_BY_SIDE;

/** Prints the cost of one service by both ways. */
function printServices(costs: readonly Cost[]): void {
  const [pushgateway = Number.NaN, alone = Number.NaN, one = Number.NaN] = costs.map(megabytesPerDay);
  const share = ((one - alone) / pushgateway).toFixed(3);
  console.log(
    `one service by the agent: ${(one - alone).toFixed(2)} MB a day, ${share} of what it costs by the Pushgateway`,
  );
}

async function runUplinkBench(): Promise<void> {
  const ways = selectWays(options);
  const costs = await Promise.all(ways.map(measureWay));
  printCosts(ways, costs);
  if (options.services) printServices(costs);
  if (options.certificates) printCertificates(ways, costs);
  if (options.outage)
    console.log(`an outage and what follows: at most ${OUTAGE_TARGET} times the bytes without`);
  if (options.check && !isWithinTargets(ways, costs)) reportMissedTarget();
}

void runOnPods(runUplinkBench);
