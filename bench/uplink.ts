/**
 * What a node's metrics cost on the metered link: the hand-made push loop and this project's sidecar, side
 * by side in one run, each on an edge node of its own with a mobile link's MTU, through TLS and Basic Auth.
 * Every IP byte counts, both ways: handshakes, acknowledgements, answers.
 *
 *   npm run bench:uplink [-- --pushes N] [-- --check]
 *
 * --pushes: how many pushes of each are counted, 12 unless told otherwise; --check: exit code 1 above the
 * target. Needs what the end-to-end tests need.
 */
import { parseArgs } from 'node:util';
import { requirePrograms } from '../test/e2e/runtime/programs';
import { sweep } from '../test/e2e/runtime/sweep';
import { eventually } from '../test/e2e/runtime/wait';
import { ReferenceStack } from '../test/e2e/stack';

const MOBILE_MTU = 1400;
const INTERVAL_SECONDS = 10;
const PUSHES_PER_DAY = 86_400 / INTERVAL_SECONDS;
const TARGET_MEGABYTES = 130;

/** The last packets of a connection follow the answer. */
const CLOSING_MS = 1_000;

interface Cost {
  readonly name: string;
  readonly sent: number;
  readonly received: number;
}

const { values: options } = parseArgs({
  options: { pushes: { type: 'string', default: '12' }, check: { type: 'boolean', default: false } },
});

const pushes = Number(options.pushes);
if (!Number.isInteger(pushes) || pushes < 1) {
  throw new Error(`--pushes is ${options.pushes}: a whole number from 1 on is allowed`);
}

const megabytesPerDay = ({ sent, received }: Cost): number => ((sent + received) * PUSHES_PER_DAY) / 1e6;

/** Bytes of one push, on average. */
async function measure(name: string, start: (stack: ReferenceStack) => Promise<unknown>): Promise<Cost> {
  const stack = await ReferenceStack.create({ mtu: MOBILE_MTU });
  try {
    await stack.startCloud('pushgateway');
    await start(stack);
    const before = await trafficAfter(stack, 1);
    const after = await trafficAfter(stack, 1 + pushes);
    return {
      name,
      sent: (after.sent - before.sent) / pushes,
      received: (after.received - before.received) / pushes,
    };
  } finally {
    await stack.destroy();
  }
}

/** The node's traffic up to the end of its push of that number. */
async function trafficAfter(stack: ReferenceStack, push: number) {
  const seconds = (push + 1) * 2 * INTERVAL_SECONDS;
  await eventually(`push ${push} arrived`, () => accepted(stack) >= push, { seconds });
  await new Promise((resolve) => setTimeout(resolve, CLOSING_MS));
  if (accepted(stack) > push) throw new Error(`more than ${push} pushes arrived: the link was not idle`);
  return stack.edgeNode.uplink.traffic();
}

function accepted(stack: ReferenceStack): number {
  return stack.ingress.accessLog.filter((line) => /\/metrics\/job\/.*" 20[02] /.test(line)).length;
}

function print(costs: readonly Cost[]): void {
  const kilobytes = (bytes: number) => (bytes / 1e3).toFixed(1).padStart(8);
  console.log(`${pushes} pushes each, all IP bytes of the node, MTU ${MOBILE_MTU}`);
  console.log(`${' '.repeat(24)}  kB sent  kB received  MB a node and day at ${INTERVAL_SECONDS} s`);
  for (const cost of costs) {
    const perDay = megabytesPerDay(cost).toFixed(0).padStart(6);
    console.log(`${cost.name.padEnd(24)} ${kilobytes(cost.sent)}     ${kilobytes(cost.received)}  ${perDay}`);
  }
}

async function main(): Promise<void> {
  requirePrograms();
  await sweep();
  const [loop, sidecar] = await Promise.all([
    measure('the hand-made loop', (stack) => stack.startHandMade()),
    measure('the push sidecar', (stack) => stack.startEdge()),
  ]);
  print([loop, sidecar]);
  const ratio = megabytesPerDay(loop) / megabytesPerDay(sidecar);
  console.log(`ratio ${ratio.toFixed(1)}; target of the sidecar: at most ${TARGET_MEGABYTES} MB`);
  if (options.check && megabytesPerDay(sidecar) > TARGET_MEGABYTES) process.exitCode = 1;
}

main().catch((failure) => {
  console.error(`${failure instanceof Error ? failure.message : failure}`);
  process.exitCode = 1;
});
