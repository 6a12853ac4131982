/**
 * Measures the bytes of an agent's connection on the metered link: one that is kept between batches, a new one that
 * resumes its TLS session, and one without a session, with certificates of ECDSA and of RSA keys, each with a host and
 * an intermediate CA certificate. The agent only sends its own metrics. All IP bytes count, in both directions.
 *
 *   npm run bench:connections [-- --batches N]
 *
 * --batches: number of batches after the first one for the average (default: 3). Needs the programs of the end-to-end
 * tests.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import { type Duration, EdgeChart, fromRemoteWrite } from '../lib';
import { seconds } from '../lib/core/units';
import type { KeyAlgorithm } from '../test/runtime/authority';
import { eventually } from '../test/runtime/wait';
import { fleetDist, ReferenceStack } from '../test/stacks/reference-stack';
import { parseArguments, parseWholeNumber, runOnPods, Table } from './support/main';

const MOBILE_MTU = 1400;
const TAKEN = /"POST \/api\/v1\/write .*" 204 /;
/** The agent's other programs request the time when it starts. */
const STARTING_MS = 20_000;
/** The last packets of a transfer follow the response. */
const CLOSING_MS = 1_000;

/** vmagent closes a connection that is idle for a minute. */
interface Way {
  readonly keys: KeyAlgorithm;
  readonly batchWait: Duration;
}

const WAYS: readonly Way[] = [
  { keys: 'ecdsa', batchWait: '50s' },
  { keys: 'ecdsa', batchWait: '65s' },
  { keys: 'rsa', batchWait: '65s' },
];

const options = parseArguments({ batches: { type: 'string', default: '3' } });
const batches = parseWholeNumber('batches', options.batches);

const metrics = fromRemoteWrite({
  host: 'push.fleet.example.com',
  credentialsSecretName: 'push-credentials',
  encoding: 'zstd',
});

/** Starts an agent whose exporters and kubelet do not run. */
async function startStack({ keys, batchWait }: Way, stacks: ReferenceStack[]): Promise<ReferenceStack> {
  const stack = await ReferenceStack.create({ dist: fleetDist(), mtu: MOBILE_MTU, keys });
  stacks.push(stack);
  const hosts = { metrics: 'push.fleet.example.com', logs: 'logs.fleet.example.com' };
  const edge = { agent: { sending: { batchWait } } };
  const settings = { cluster: 'bench', hosts, edge };
  stack.cluster.apply(...new EdgeChart(new App(), 'edge', { settings, metrics }).toJson());
  await stack.startCloud('prometheus');
  await stack.startCloud('metrics-gateway');
  await stack.startEdge('edge-metrics-agent');
  return stack;
}

/** Returns the bytes of the first batch, which has no TLS session, and of each following batch. */
async function measureConnections(
  stack: ReferenceStack,
  { batchWait }: Way,
): Promise<{ first: number; next: number }> {
  await sleep(STARTING_MS);
  const before = transferredBytes(stack);
  const first = await bytesAfter(stack, 1, batchWait);
  const last = await bytesAfter(stack, 1 + batches, batchWait);
  return { first: first - before, next: (last - first) / batches };
}

const transferredBytes = ({ edgeNode }: ReferenceStack): number => {
  const { sent, received } = edgeNode.uplink.traffic();
  return sent + received;
};

async function bytesAfter(stack: ReferenceStack, batch: number, batchWait: Duration): Promise<number> {
  const acceptedPushes = () => stack.ingress.accessLog.filter((line) => TAKEN.test(line)).length;
  const patience = { seconds: 120 + 2 * batch * seconds(batchWait) };
  await eventually(`batch ${batch} arrived`, () => acceptedPushes() >= batch, patience);
  await sleep(CLOSING_MS);
  return transferredBytes(stack);
}

async function runConnectionsBench(): Promise<void> {
  const stacks: ReferenceStack[] = [];
  try {
    const running = [];
    for (const way of WAYS) running.push(measureConnections(await startStack(way, stacks), way));
    console.log(`all IP bytes of the node, MTU ${MOBILE_MTU}`);
    const table = new Table([
      ['certificates', 12],
      ['batchWait', 9],
      ['first batch', 11],
      ['each that follows', 17],
    ]);
    for (const [index, { first, next }] of (await Promise.all(running)).entries()) {
      const { keys = '', batchWait = '' } = WAYS[index] ?? {};
      table.addRow(keys, batchWait, first, next.toFixed(0));
    }
  } finally {
    await Promise.all(stacks.map((stack) => stack.destroy()));
  }
}

void runOnPods(runConnectionsBench);
