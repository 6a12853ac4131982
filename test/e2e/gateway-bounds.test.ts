import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsGateway, toRemoteWrite } from '../../lib';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { MemoryLimit } from '../runtime/memory-limit';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { gatewayProgram } from '../stacks/gateway-programs';
import { synthesizeChart } from '../support/synthesize';
import { Sample, type Series, writeRequest } from '../support/write-request';

const MEBI = 2 ** 20;

/** Maximum resources of a gateway if the number of nodes is not configured. */
const MEMORY_LIMIT = 512 * MEBI;

/** Messages of no content, two bytes each, which a vmagent makes objects of. */
const EMPTY: readonly [what: string, message: Buffer, isInSeries: boolean][] = [
  ['series', Buffer.from([0x0a, 0]), false],
  ['labels', Buffer.from([0x0a, 0]), true],
  ['samples', Buffer.from([0x12, 0]), true],
];

describe('a gateway within its memory limit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bounds-'));
  const cleanup = new Cleanup();
  const memory = new MemoryLimit(`e2e-${process.pid}-gateway`, MEMORY_LIMIT, cleanup);
  const ports = { gateway: 0, store: 0, agent: 0 };
  const running: ChildProcess[] = [];
  let store: Server;

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    store = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(204).end());
    }).listen(ports.store, '127.0.0.1');
    const { args, env } = program();
    writeFileSync(memory.processes, `${start(args, env)}`);
    await eventually('the gateway is ready', async () => (await fetch(`${url('gateway')}/-/ready`)).ok);
  });

  afterAll(async () => {
    for (const child of running) await endProgram(child);
    store.close();
    store.closeAllConnections();
    await cleanup.run();
    rmSync(folder, { recursive: true });
  });

  const objects = () =>
    synthesizeChart(
      (chart) =>
        new MetricsGateway(chart, 'gateway', {
          store: toRemoteWrite({ url: `http://127.0.0.1:${ports.store}/api/v1/write`, encoding: 'zstd' }),
        }),
    );
  const url = (server: keyof typeof ports) => `http://127.0.0.1:${ports[server]}`;
  const program = () => {
    writeFileSync(join(folder, 'relabel.yaml'), '[]');
    return gatewayProgram(objects(), {
      '-httpListenAddr': `127.0.0.1:${ports.gateway}`,
      '-remoteWrite.relabelConfig': `${folder}/relabel.yaml`,
      '-remoteWrite.tmpDataPath': `${folder}/queue`,
    });
  };

  /** Its process, which setpriv becomes. */
  function start(args: readonly string[], env = {}): number | undefined {
    const child = spawnKilledWithParent(['vmagent', ...args], { stdio: 'ignore', env });
    running.push(child);
    return child.pid;
  }

  async function post(body: Buffer): Promise<{ status: number; text: string }> {
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    const answer = await fetch(`${url('gateway')}/api/v1/write`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async function metric(server: keyof typeof ports, pattern: RegExp): Promise<number> {
    const text = await (await fetch(`${url(server)}/metrics`)).text();
    return Number(pattern.exec(text)?.[1]);
  }

  test.each(EMPTY)(
    'refuses 31 MiB of empty %s, and reads eight times 2 MiB of them at once',
    async (...empty) => {
      const [, message, isInSeries] = empty;
      const large = await post(packedRepeats(message, 31 * MEBI, isInSeries));
      expect(large).toMatchObject({ status: 400, text: expect.stringContaining('too big') });
      const body = packedRepeats(message, 2 * MEBI - 64, isInSeries);
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
      expect(answers).toEqual(Array(8).fill({ status: 204, text: '' }));
      expect(memory.kills).toBe(0);
    },
  );

  test('drops series with labels without a measure, counts them, and keeps their neighbours', async () => {
    const now = [new Sample(Date.now(), 1)];
    const labels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'x']));
    const all: Series[] = [
      { labels: { __name__: 'good' }, samples: now },
      { labels: { __name__: 'many', ...labels(100) }, samples: now },
      { labels: { __name__: 'long', a: 'x'.repeat(5_000) }, samples: now },
      { labels: { __name__: 'named', ['n'.repeat(300)]: 'x' }, samples: now },
    ];
    expect((await post(writeRequest(all))).status).toBe(204);
    for (const reason of ['too_many_labels', 'too_long_label_value', 'too_long_label_name']) {
      const ignored = new RegExp(`^vm_rows_ignored_total\\{reason="${reason}"\\} (\\d+)$`, 'm');
      await eventually(`${reason} is counted`, async () => (await metric('gateway', ignored)) === 1);
    }
  });

  test('has an agent with a queue of larger blocks drop and count those, and send the rest', async () => {
    start([
      `-httpListenAddr=127.0.0.1:${ports.agent}`,
      `-remoteWrite.url=${url('gateway')}/api/v1/write`,
      '-remoteWrite.forceVMProto=true',
      `-remoteWrite.tmpDataPath=${folder}/agent`,
      '-remoteWrite.flushInterval=3s',
    ]);
    await eventually('the agent is ready', async () => (await fetch(`${url('agent')}/-/ready`)).ok);
    const received = () =>
      metric('gateway', /^vmagent_rows_inserted_total\{type="promremotewrite"\} (\d+)$/m);
    const lines = (count: number) =>
      Array.from({ length: count }, (_, i) => `reading{node="edge-1",l="${'x'.repeat(500)}${i}"} 1`).join(
        '\n',
      );
    const load = (body: string) =>
      fetch(`${url('agent')}/api/v1/import/prometheus`, { method: 'POST', body });
    await load(lines(9_000));
    await eventually('the large block is dropped, and counted', async () => {
      return (await metric('agent', /^vmagent_remotewrite_packets_dropped_total\{.*\} (\d+)$/m)) > 0;
    });
    const before = await received();
    await load(lines(500));
    await eventually('what fits arrives', async () => (await received()) === before + 500);
  });
});

/** Snappy's copies: 64 bytes for three. */
function packedRepeats(message: Buffer, size: number, isInSeries: boolean): Buffer {
  const content = size - (isInSeries ? 6 : 0);
  const head = isInSeries ? Buffer.concat([Buffer.from([0x0a]), varint(content)]) : Buffer.alloc(0);
  const first = Buffer.concat([head, message]);
  const copies = Math.floor((content - message.length) / 64);
  const rest = (content - message.length) % 64;
  return Buffer.concat([
    varint(first.length + copies * 64 + rest),
    Buffer.from([(first.length - 1) << 2]),
    first,
    Buffer.alloc(copies * 3, Buffer.from([(63 << 2) | 2, message.length, 0])),
    ...(rest ? [Buffer.from([((rest - 1) << 2) | 2, message.length, 0])] : []),
  ]);
}

function varint(value: number): Buffer {
  const all = [];
  let rest = value;
  for (; rest >= 128; rest >>= 7) all.push((rest & 127) | 128);
  return Buffer.from([...all, rest]);
}
