import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';

const PROGRAM = join(__dirname, '../../lib/cloud/pushgateway/reaper/main.mjs');
const FILTER = join(__dirname, '../../lib/cloud/pushgateway/push-filter/main.mjs');

describe('the reaper', () => {
  const cleanup = new Cleanup();
  let reaper: ChildProcess;
  let said: string;

  afterAll(() => cleanup.run());

  afterEach(() => endProgram(reaper));

  function startWith(
    shards: readonly { url: string; list: string }[],
    environment: Record<string, string> = {},
  ): void {
    said = '';
    reaper = spawnKilledWithParent(['node', PROGRAM], {
      env: {
        SHARDS: JSON.stringify(shards),
        INTERVAL_SECONDS: '1',
        SETTLING_SECONDS: '1',
        MAX_AGE_SECONDS: '86400',
        ...environment,
      },
    });
    for (const stream of [reaper.stdout, reaper.stderr]) stream?.on('data', (data) => (said += data));
  }

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
    startWith([{ url: 'http://127.0.0.1:9', list: 'http://127.0.0.1:9' }]);
    await eventually('it looks', () => said.includes('cannot read the list of metric groups'));
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
  const pushgateway = spawnKilledWithParent(
    ['prometheus-pushgateway', ...args, '--push.disable-consistency-check'],
    {
      stdio: 'ignore',
    },
  );
  const filter = spawnKilledWithParent(['node', FILTER], {
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
  // The filter writes its state when it ends.
  for (const child of [pushgateway, filter]) cleanup.add(() => endProgram(child));
  const url = `http://127.0.0.1:${filterPort}${prefix}`;
  await eventually('the Pushgateway answers', async () => (await fetch(`${url}/-/ready`)).ok);
  const list = `http://127.0.0.1:${metricsPort}/groups`;
  return { url, list, direct: `http://127.0.0.1:${port}${prefix}` };
}
