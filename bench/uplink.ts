/**
 * Measures the bytes of a node's metrics on the metered link. The hand-made push loop, and the sidecar and the agent of
 * this project, run side by side. Each runs on its own edge node with the MTU of a mobile link, and sends through TLS and
 * Basic Auth. Every IP byte counts, in both directions: handshakes, acknowledgements and responses too.
 *
 *   npm run bench:uplink [-- --batches N] [-- --outage | --freshness | --services | --certificates] [-- --check]
 *
 * --batches: duration of the measurement in batches of the agent (default: 6). --check: exit code 1 if a result exceeds its
 * target. The benchmark needs the programs of the end-to-end tests. Other options replace the usual measurement:
 *
 * --outage: compares an agent with an outage to an agent without. The outage lasts a third of the time. The default is 18
 * batches, a quarter of an hour, because the fixed cost of an outage (a batch in flight, and a new connection) is as high as
 * the cost of three batches. --freshness: measures the agent with each value of the setting `edge.freshness`; the default is
 * 9 batches. --services: compares a service of 50 series that pushes every 10 s to the Pushgateway in the cloud to the same
 * service that pushes to the agent of its node, whose cost without services is subtracted. Also measures the memory of an
 * agent and its listener with ten services. --certificates: compares agents and sidecars with a node certificate to agents
 * and sidecars with a password, with TLS to a guard and to ingress-nginx.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import { EdgeChart, type EdgeSettings, fromPushgateway, fromRemoteWrite, type MetricsSink } from '../lib';
import { FRESHNESS, type Freshness } from '../lib/charts/freshness';
import { toSeconds } from '../lib/core/units';
import type { Pod } from '../test/runtime/pod';
import { eventually } from '../test/runtime/wait';
import { fleetDist, ReferenceStack } from '../test/stacks/reference-stack';
import { parseArguments, parseWholeNumber, runBenchWithPods, setFailedExitCode, Table } from './support/main';
import { createStackWithLogin, guardLogLines, type NodeLogin } from './support/node-login';
import { type Measurable, measurePeakBytes } from './support/processes';
import { startServices } from './support/services';

const MOBILE_MTU = 1400;
const PUSH_SECONDS = 10;
/** Seconds between two batches of the agent, at the default `batchWait`. */
const BATCH_SECONDS = 55;
const DAY_SECONDS = 86_400;

/** Maximum bytes with an outage, relative to the bytes without an outage in the same time. */
const OUTAGE_TARGET = 1.2;

/** Maximum bytes with a certificate, relative to the bytes of the same program with a password. */
const CERTIFICATE_TARGET = 1.05;

/** Time in milliseconds for the last packets of a transfer, which follow the response. */
const CLOSING_MS = 1_000;

/** A way to send the metrics of a node. */
interface Way {
  readonly name: string;
  /**
   * Folder with the manifests of the cloud side, and of the edge side unless `edge` is set.
   * @default - the manifests of the example `reference`
   */
  readonly dist?: string;
  /** Login of the nodes. If it is set, the way has its own environment instead of `dist`. */
  readonly login?: NodeLogin;
  readonly edge?: { readonly sink: MetricsSink; readonly settings: EdgeSettings };
  /** Starts the pods of the way, and resolves to the pod that sends. */
  readonly start: (stack: ReferenceStack) => Promise<Pod>;
  /** Regular expression for the log line of an accepted request, in the log of the ingress or the guard. */
  readonly taken: RegExp;
  readonly periodSeconds: number;
  /** Maximum megabytes per node and day. @default - no target */
  readonly target?: number;
  /** Whether the link is cut for a third of the time. @default false */
  readonly outage?: boolean;
}

/** Average bytes per second in each direction. */
interface Traffic {
  readonly sent: number;
  readonly received: number;
  /** Measured duration in seconds. It is a little longer than planned, because it ends with a transfer. */
  readonly seconds: number;
}

interface Cost extends Traffic {
  /**
   * Peak memory in bytes of the agent and its push listener together; pages that they share count once. 0 for ways
   * without an agent.
   */
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

/**
 * Returns the way of an agent with this value of the setting `edge.freshness`.
 * @param target maximum megabytes per node and day
 */
function wayOfFreshness(freshness: Freshness, target: number): Way {
  return {
    ...batched,
    name: `the agent, ${freshness}`,
    edge: { sink: toGateway, settings: { freshness } },
    periodSeconds: toSeconds(FRESHNESS[freshness].batchWait),
    target,
  };
}

const BY_FRESHNESS: readonly Way[] = [
  wayOfFreshness('fresh', 22),
  wayOfFreshness('balanced', 15),
  wayOfFreshness('frugal', 8),
];

/**
 * Returns the way of an agent to which services push. The agent otherwise only sends its own metrics.
 * @param count number of services
 */
const wayWithServices = (count: number): Way => ({
  ...batched,
  name: count ? `the agent, with ${count} service${count > 1 ? 's' : ''}` : 'the agent, without services',
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
    name: 'a service that pushes to the Pushgateway',
    start: async (stack) => {
      await stack.startCloud('pushgateway-services');
      const [service] = await startServices(stack, 1, 'pushgateway');
      if (!service) throw new Error('startServices started no service');
      return service;
    },
  },
  wayWithServices(0),
  wayWithServices(1),
  wayWithServices(10),
];

/** Returns two ways of the same program: first with a password, then with a certificate. */
function waysByLogin(name: string, way: Omit<Way, 'name'>, edge: EdgeSettings, tls: NodeLogin['tls']): Way[] {
  return [false, true].map((certificate) => ({
    ...way,
    name: `${name}, ${certificate ? 'certificate' : 'password'}`,
    login: { certificate, tls, edge },
  }));
}

function waysOfAgent(freshness: Freshness, tls: NodeLogin['tls']): Way[] {
  const way = { ...batched, periodSeconds: toSeconds(FRESHNESS[freshness].batchWait) };
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
    ? await createStackWithLogin(way.login, MOBILE_MTU)
    : await ReferenceStack.create({ dist: way.dist, mtu: MOBILE_MTU });
  try {
    if (way.edge) stack.cluster.apply(...edgeManifests(way.edge));
    const programs = selectAgentContainers(await way.start(stack));
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

/**
 * Returns the vmagent container and the push listener container of a pod. The list is empty for a pod without an agent.
 */
const selectAgentContainers = ({ containers }: Pod): Measurable => ({
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

/**
 * Waits until the transfer with this number has arrived. Resolves to the traffic of the node so far in bytes, and to
 * the present time in milliseconds.
 */
async function trafficAfterTransfers(stack: ReferenceStack, way: Way, transfer: number) {
  // In addition to its period, a transfer may wait for the start of a program, and for the pause after a failure.
  const patience = (transfer + 1) * 2 * way.periodSeconds + 120;
  const requestLogLines = () => (way.login?.tls === 'guard' ? guardLogLines(stack) : stack.ingress.accessLog);
  const countAccepted = () => requestLogLines().filter((line) => way.taken.test(line)).length;
  await eventually(`transfer ${transfer} of ${way.name} arrived`, () => countAccepted() >= transfer, {
    seconds: patience,
  });
  await sleep(CLOSING_MS);
  return { ...stack.edgeNode.uplink.traffic(), at: performance.now() };
}

const megabytesPerDay = ({ sent, received }: Cost): number => ((sent + received) * DAY_SECONDS) / 1e6;

function printCosts(ways: readonly Way[], costs: readonly Cost[]): void {
  const [first] = costs.map(megabytesPerDay);
  console.log(`all IP bytes of the node, in MB per day, MTU ${MOBILE_MTU}`);
  const table = new Table([
    ['MB per node and day', 48],
    ['sent', 7],
    ['received', 8],
    ['total', 7],
    ['relative to 1st', 15],
    ['target', 6],
    ['seconds', 8],
    ['peak memory', 11],
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

/**
 * Compares each way with a certificate to the way before it, which is the same way with a password. Returns the ratio
 * of bytes, and the additional bytes per transfer.
 */
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
    ['certificate, relative to a password', 48],
    ['ratio of bytes', 15],
    ['added bytes/transfer', 21],
    ['target', 6],
  ]);
  for (const { name, isAgent, ratio, more } of compareWithPassword(ways, costs)) {
    table.addRow(name, ratio.toFixed(3), more.toFixed(0), isAgent ? CERTIFICATE_TARGET : '');
  }
}

/**
 * Returns whether every way meets its target. The way with an outage must stay below `OUTAGE_TARGET` times the bytes of
 * the first way.
 */
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

/** Prints how many bytes one service costs if it pushes to the agent, relative to the Pushgateway. */
function printServices(costs: readonly Cost[]): void {
  const [pushgateway = Number.NaN, alone = Number.NaN, one = Number.NaN] = costs.map(megabytesPerDay);
  const share = ((one - alone) / pushgateway).toFixed(3);
  console.log(
    `one service that pushes to the agent: ${(one - alone).toFixed(2)} MB per day, ${share} times the bytes of pushes to the Pushgateway`,
  );
}

async function runUplinkBench(): Promise<void> {
  const ways = selectWays(options);
  const costs = await Promise.all(ways.map(measureWay));
  printCosts(ways, costs);
  if (options.services) printServices(costs);
  if (options.certificates) printCertificates(ways, costs);
  if (options.outage)
    console.log(
      `target with an outage, including the catch-up: at most ${OUTAGE_TARGET} times the bytes without an outage`,
    );
  if (options.check && !isWithinTargets(ways, costs)) setFailedExitCode();
}

void runBenchWithPods(runUplinkBench);
