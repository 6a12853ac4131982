/**
 * Measures the bytes of an agent's connection on the metered link: a connection that is kept between batches, a new
 * connection that resumes its TLS session, and a connection without a session. The certificates have ECDSA or RSA keys;
 * the server sends its own certificate and an intermediate CA certificate. The agent only sends its own metrics. All IP
 * bytes count, in both directions.
 *
 *   npm run bench:connections [-- --batches N]
 *
 * --batches: number of batches after the first one for the average (default: 3). Needs the programs of the end-to-end
 * tests.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import { type Duration, EdgeChart, fromRemoteWrite } from '../lib';
import { toSeconds } from '../lib/core/units';
import type { KeyAlgorithm } from '../test/runtime/authority';
import { eventually } from '../test/runtime/wait';
import { fleetDist, ReferenceStack } from '../test/stacks/reference-stack';
import { parseArguments, parseWholeNumber, runBenchWithPods, Table } from './support/main';

const MOBILE_MTU = 1400;
const ACCEPTED_PUSH = /"POST \/api\/v1\/write .*" 204 /;
/** Time in milliseconds after the start of the agent in which its other programs request the time of a server. */
const STARTING_MS = 20_000;
/** Time in milliseconds for the last packets of a transfer, which follow the response. */
const CLOSING_MS = 1_000;

/**
 * Keys of the certificates, and interval between batches. vmagent closes a connection that is idle for one minute, so
 * batches every 65 s need new connections.
 */
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

/** Starts an agent that only sends its own metrics, because its exporters and the kubelet do not run. */
async function startAgentStack({ keys, batchWait }: Way, stacks: ReferenceStack[]): Promise<ReferenceStack> {
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

/** Returns the bytes of the first batch, which has no TLS session, and the average bytes of each following batch. */
async function measureBatchBytes(
  stack: ReferenceStack,
  { batchWait }: Way,
): Promise<{ first: number; next: number }> {
  await sleep(STARTING_MS);
  const before = transferredBytes(stack);
  const first = await waitForTransferredBytes(stack, 1, batchWait);
  const last = await waitForTransferredBytes(stack, 1 + batches, batchWait);
  return { first: first - before, next: (last - first) / batches };
}

const transferredBytes = ({ edgeNode }: ReferenceStack): number => {
  const { sent, received } = edgeNode.uplink.traffic();
  return sent + received;
};

async function waitForTransferredBytes(
  stack: ReferenceStack,
  batch: number,
  batchWait: Duration,
): Promise<number> {
  const countAcceptedPushes = () => stack.ingress.accessLog.filter((line) => ACCEPTED_PUSH.test(line)).length;
  const patience = { seconds: 120 + 2 * batch * toSeconds(batchWait) };
  await eventually(`batch ${batch} arrived`, () => countAcceptedPushes() >= batch, patience);
  await sleep(CLOSING_MS);
  return transferredBytes(stack);
}

async function runConnectionsBench(): Promise<void> {
  const stacks: ReferenceStack[] = [];
  try {
    const running = [];
    for (const way of WAYS) running.push(measureBatchBytes(await startAgentStack(way, stacks), way));
    console.log(`all IP bytes of the node per batch, MTU ${MOBILE_MTU}`);
    const table = new Table([
      ['certificates', 12],
      ['batchWait', 9],
      ['first batch', 11],
      ['following batches', 17],
    ]);
    for (const [index, { first, next }] of (await Promise.all(running)).entries()) {
      const { keys = '', batchWait = '' } = WAYS[index] ?? {};
      table.addRow(keys, batchWait, first, next.toFixed(0));
    }
  } finally {
    await Promise.all(stacks.map((stack) => stack.destroy()));
  }
}

void runBenchWithPods(runConnectionsBench);
