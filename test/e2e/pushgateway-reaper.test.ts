import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../runtime/cleanup';
import { spawnMortal } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { freePort } from '../support/free-port';

const PROGRAM = join(__dirname, '../../lib/cloud/pushgateway/reaper/main.mjs');
const FILTER = join(__dirname, '../../lib/cloud/pushgateway/push-filter/main.mjs');

const DAY = 86_400;

/** A Pushgateway with its filter, whose clock, start and store are what a test says. */
class Shard {
  readonly groups = new Map<string, number>();
  /** Ahead of this machine's clock, in seconds. */
  clock = 0;
  started = -10 * DAY;
  broken = false;
  looks = 0;
  private port = 0;

  get now(): number {
    return Date.now() / 1_000 + this.clock;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Says that a group was pushed so many seconds ago. */
  pushed(job: string, secondsAgo = 0): void {
    this.groups.set(job, this.now - secondsAgo);
  }

  async start(cleanup: Cleanup): Promise<void> {
    const server = createServer((request, response) => {
      if (request.method === 'DELETE') {
        const [, , , job = ''] = (request.url ?? '').split('/');
        this.groups.delete(Buffer.from(job, 'base64url').toString());
        response.writeHead(202).end();
        return;
      }
      this.looks += 1;
      if (this.broken) response.destroy();
      else response.end(this.text());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    cleanup.add(() => server.closeAllConnections());
    cleanup.add(() => server.close());
  }

  private text(): string {
    const groups = [...this.groups].map(([job, pushed]) => ({ labels: { job }, pushed }));
    return JSON.stringify({ now: this.now, started: this.now + this.started, groups });
  }
}

describe('the reaper', () => {
  const cleanup = new Cleanup();
  let reaper: ChildProcess;
  let said: string;

  afterAll(() => cleanup.run());

  afterEach(async () => {
    if (reaper.exitCode === null) {
      const ended = new Promise((resolve) => reaper.once('exit', resolve));
      reaper.kill('SIGTERM');
      await ended;
    }
  });

  function start(urls: readonly string[], environment: Record<string, string> = {}): void {
    startWith(
      urls.map((url) => ({ url, list: url })),
      environment,
    );
  }

  function startWith(
    shards: readonly { url: string; list: string }[],
    environment: Record<string, string> = {},
  ): void {
    said = '';
    reaper = spawnMortal(['node', PROGRAM], {
      env: {
        SHARDS: JSON.stringify(shards),
        INTERVAL_SECONDS: '1',
        SETTLING_SECONDS: '1',
        MAX_AGE_SECONDS: String(DAY),
        ...environment,
      },
    });
    for (const stream of [reaper.stdout, reaper.stderr]) stream?.on('data', (data) => (said += data));
  }

  const gone = (shard: Shard, job: string) =>
    eventually(
      () => `${job} is deleted; the reaper said: ${said}`,
      () => !shard.groups.has(job),
    );

  /** That it had the time to do what it is not to do. */
  async function looksAgain(shard: Shard, times = 3): Promise<void> {
    const until = shard.looks + times;
    await eventually(
      () => `the reaper looks again; it said: ${said}`,
      () => shard.looks >= until,
    );
  }

  describe('deletes for their age', () => {
    let shard: Shard;
    let pushing: NodeJS.Timeout;

    beforeEach(async () => {
      shard = new Shard();
      await shard.start(cleanup);
      shard.pushed('fresh');
      shard.pushed('silent', DAY + 60);
      shard.pushed('quiet', DAY - 3_600);
      pushing = setInterval(() => shard.pushed('fresh'), 200);
    });

    afterEach(() => clearInterval(pushing));

    test('groups that were silent for longer, and no others', async () => {
      start([shard.url]);
      await gone(shard, 'silent');
      await looksAgain(shard);
      expect([...shard.groups.keys()]).toEqual(['fresh', 'quiet']);
      expect(said).toMatch(/deleted \{job="silent"\}: last push 864\d\d s ago/);
    });

    test.each([-3 * DAY, 3 * DAY, 40 * 365 * DAY])(
      'by the clock of the Pushgateway, which may be %d s off its own',
      async (clock) => {
        shard.clock = clock;
        shard.pushed('silent', DAY + 60);
        shard.pushed('quiet', DAY - 3_600);
        start([shard.url]);
        await gone(shard, 'silent');
        expect([...shard.groups.keys()]).toContain('quiet');
      },
    );

    test('not a moment before pushes have arrived for a while', async () => {
      start([shard.url], { SETTLING_SECONDS: '600' });
      await looksAgain(shard);
      expect([...shard.groups.keys()]).toContain('silent');
      expect(said).toContain('nothing is deleted for its age for 600 s');
    });

    test('nothing while nobody pushes: the fault is not the nodes’', async () => {
      clearInterval(pushing);
      shard.pushed('fresh', DAY);
      start([shard.url]);
      await looksAgain(shard);
      expect(shard.groups.size).toBe(3);
      expect(said).toContain('nobody pushes: nothing is deleted for its age');
    });

    test('nothing that is older than the process: a restored store says how long it lay there', async () => {
      shard.started = -3_600;
      start([shard.url]);
      await looksAgain(shard);
      expect([...shard.groups.keys()]).toContain('silent');
    });

    test('nothing for a day after somebody set the clock', async () => {
      shard.groups.delete('silent');
      start([shard.url]);
      await looksAgain(shard);
      shard.clock = 2 * DAY;
      await looksAgain(shard, 5);
      expect([...shard.groups.keys()]).toContain('quiet');
      expect(said).toMatch(/its clock was set by 1728\d\d s/);
    });

    test('nothing that could not be read as a whole', async () => {
      shard.broken = true;
      start([shard.url]);
      await eventually('it says so', () => said.includes('no answer, or half of one'));
      expect(shard.groups.size).toBe(3);
      shard.broken = false;
      await gone(shard, 'silent');
    });

    test('nothing where it is not told an age', async () => {
      start([shard.url], { MAX_AGE_SECONDS: '' });
      await looksAgain(shard);
      expect(shard.groups.size).toBe(3);
    });
  });

  test('takes a copy that a node left behind out of the shard that it left, whatever the clocks say', async () => {
    const [left, entered] = [new Shard(), new Shard()];
    await Promise.all([left, entered].map((shard) => shard.start(cleanup)));
    left.clock = 600;
    left.pushed('moved', 120);
    left.pushed('alone', 5_000);
    entered.pushed('moved', 5);
    start([left.url, entered.url], { MAX_AGE_SECONDS: '' });
    await gone(left, 'moved');
    await looksAgain(left);
    expect([[...left.groups.keys()], [...entered.groups.keys()]]).toEqual([['alone'], ['moved']]);
    expect(said).toContain('its node pushes to another shard');
  });

  test('leaves two groups of one name alone while both are pushed', async () => {
    const shards = [new Shard(), new Shard()];
    await Promise.all(shards.map((shard) => shard.start(cleanup)));
    shards[0]?.pushed('twice', 20);
    shards[1]?.pushed('twice');
    start(shards.map(({ url }) => url));
    await looksAgain(shards[0] as Shard);
    expect(shards.map(({ groups }) => groups.size)).toEqual([1, 1]);
  });

  test('finds its way to a group, whatever its labels hold, in a real Pushgateway that cannot be read', async () => {
    const { url, list, direct } = await startPushgateway(cleanup, '/shard-1');
    const values = ['a/b', 'über', 'a "quoted" \\ back\\nslash', '} 5', '..', '=,{', ' '];
    const paths = [
      ...values.flatMap((value) => [
        `/metrics/job@base64/${base64(value)}`,
        `/metrics/job/j/instance@base64/${base64(value)}/hostname/n`,
      ]),
      '/metrics/job/j/other@base64/=',
      '/metrics/job/j/instance@base64/=/hostname/n',
    ];
    for (const path of [...paths, '/metrics/job/fresh']) await push(url + path);
    const pushing = setInterval(() => void push(`${url}/metrics/job/fresh`), 300);
    try {
      const left = async () =>
        (await (await fetch(`${url}/metrics`)).text()).match(/^push_time_seconds\{.*\}/gm) ?? [];
      expect(await left()).toHaveLength(paths.length + 1);
      // As one could be before there was a filter.
      await push(`${direct}/metrics/job/%ff`);
      expect((await fetch(`${url}/metrics`)).status).toBe(500);
      startWith([{ url, list }], { MAX_AGE_SECONDS: '4' });
      const ages = async () => JSON.parse(await (await fetch(list)).text()).groups.length;
      await eventually(
        () => `only the fresh one is left; the reaper said: ${said}`,
        async () => (await ages()) === 1,
      );
      await fetch(`${direct}/metrics/job/%ff`, { method: 'DELETE' });
      await eventually('it can be read again', async () => (await fetch(`${url}/metrics`)).ok);
      expect(await left()).toEqual(['push_time_seconds{instance="",job="fresh"}']);
    } finally {
      clearInterval(pushing);
    }
  });

  test('ends when asked to', async () => {
    const shard = new Shard();
    await shard.start(cleanup);
    start([shard.url]);
    await looksAgain(shard, 1);
    reaper.kill('SIGTERM');
    await eventually('it ends', () => reaper.exitCode === 0);
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64url');

async function push(url: string): Promise<void> {
  const response = await fetch(url, { method: 'PUT', body: 'pushed 1\n' });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}

/** A Pushgateway with its filter: where to push to, the filter's list, and the Pushgateway itself. */
async function startPushgateway(cleanup: Cleanup, prefix: string) {
  const [port, filterPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const args = [`--web.listen-address=127.0.0.1:${port}`, `--web.route-prefix=${prefix}`];
  const folder = mkdtempSync(join(tmpdir(), 'reaper-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const pool = { nodes: 100, seriesPerNode: 1_000, mostSeriesPerNode: 1_000, sharedSeries: 0 };
  const limits = {
    windowMs: 3_600_000,
    seriesOfGroup: 1_000,
    series: 100_000,
    nodes: 100,
    pools: { '': pool },
  };
  writeFileSync(join(folder, 'limits.json'), JSON.stringify(limits));
  const pushgateway = spawnMortal(['prometheus-pushgateway', ...args, '--push.disable-consistency-check'], {
    stdio: 'ignore',
  });
  const filter = spawnMortal(['node', FILTER], {
    stdio: 'ignore',
    env: {
      PUSHGATEWAY_PORT: `${port}`,
      LISTEN_PORT: `${filterPort}`,
      METRICS_PORT: `${metricsPort}`,
      ROUTE_PREFIX: prefix,
      LIMITS_FILE: join(folder, 'limits.json'),
      STATE_DIR: folder,
    },
  });
  for (const child of [pushgateway, filter]) cleanup.add(() => child.kill('SIGTERM'));
  const url = `http://127.0.0.1:${filterPort}${prefix}`;
  await eventually('the Pushgateway answers', async () => (await fetch(`${url}/-/ready`)).ok);
  const list = `http://127.0.0.1:${metricsPort}/groups`;
  return { url, list, direct: `http://127.0.0.1:${port}${prefix}` };
}
