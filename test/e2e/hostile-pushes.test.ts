import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  joinPatternsToMatchWholeText,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_SERIES_LABELS,
} from '../../lib/core/reserved-names';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { HONEST_GROUP, type HostilePush, HostilePushes } from './hostile-pushes';

const FILTER = join(__dirname, '../../lib/cloud/pushgateway/push-filter/main.mjs');

/** Number of attempts; `npm run test:e2e:long` makes more. */
const PUSHES = Number(process.env.E2E_HOSTILE_PUSHES ?? 1_000);
const BATCH = 20;

const SERIES_OF_GROUP = 2_000;

/** Series are forgotten soon: by others that are new, hostile nodes would be refused everything after a while. */
const LIMITS = {
  windowMs: 2_000,
  seriesOfGroup: SERIES_OF_GROUP,
  series: 20_000,
  nodes: 2_000,
  pools: { '': { nodes: 2_000, seriesPerNode: 100, mostSeriesPerNode: 4_000, sharedSeries: 20_000 } },
};

/** Maximum body that the filter reads; for a longer one it may close the connection early. */
const LONGEST_BODY = SERIES_OF_GROUP * 256;

/** `E2E_SEED` repeats a run that failed. */
const SEED = Number(process.env.E2E_SEED ?? Math.floor(Math.random() * 2 ** 31));

jest.setTimeout(600_000 + PUSHES * 100);

describe.each([
  ['of exporters, which does not check', ['--push.disable-consistency-check'], { EXPORTERS_ONLY: 'true' }],
  ['of services, which checks', [], {}],
])(`hostile pushes (E2E_SEED=${SEED}) to a Pushgateway %s`, (_, flags, environment) => {
  const cleanup = new Cleanup();
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  let url: string;
  let prometheus: string;
  let filter: ChildProcess;
  let pushed = 0;

  beforeAll(async () => {
    cleanup.add(() => rmSync(folder, { recursive: true }));
    const [port = 0, filterPort = 0, metricsPort = 0, prometheusPort = 0] = await freePorts(4);
    run(['prometheus-pushgateway', `--web.listen-address=127.0.0.1:${port}`, '--log.level=error', ...flags]);
    writeFileSync(join(folder, 'limits.json'), JSON.stringify(LIMITS));
    filter = run(['node', '--max-old-space-size=64', '--max-semi-space-size=2', FILTER], {
      PUSHGATEWAY_PORT: `${port}`,
      LISTEN_PORT: `${filterPort}`,
      METRICS_PORT: `${metricsPort}`,
      LIMITS_FILE: join(folder, 'limits.json'),
      STATE_DIR: folder,
      RESERVED_METRICS: joinPatternsToMatchWholeText(RESERVED_IN_PUSHES),
      RESERVED_JOBS: joinPatternsToMatchWholeText(RESERVED_JOBS),
      RESERVED_LABELS: RESERVED_SERIES_LABELS.join(','),
      ...environment,
    });
    url = `http://127.0.0.1:${filterPort}`;
    await eventually('the Pushgateway answers', async () => (await fetch(`${url}/-/ready`)).ok);
    await pushHonestly();
    writeFileSync(join(folder, 'prometheus.yaml'), config(filterPort));
    run([
      'prometheus',
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ]);
    prometheus = `http://127.0.0.1:${prometheusPort}/api/v1/query?query=`;
    await eventually('Prometheus has read it', async () => (await numberOf('count_over_time(up[1h])')) > 0);
  });

  afterAll(() => cleanup.run());

  function run(command: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawnKilledWithParent(command, { stdio: 'ignore', env });
    cleanup.add(() => endProgram(child, 'SIGKILL'));
    return child;
  }

  const agent = new Agent({ keepAlive: true });

  /** The path as it is, which `fetch` would tidy up. */
  function send({ path, body, ...push }: HostilePush): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { ...push, path, agent }, (response) => {
        response.resume().on('close', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', (error) => {
        if (body && body.length > LONGEST_BODY) resolve(413);
        else reject(new Error(`${push.method} ${path}: ${error.message}`, { cause: error }));
      });
      sent.end(body);
    });
  }

  async function pushHonestly(): Promise<void> {
    pushed++;
    const body = `honest_total ${pushed}\nup_to_date 1\n`;
    const answer = await fetch(url + HONEST_GROUP, { method: 'PUT', body });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`the honest push is refused: ${answer.status} ${said}`);
  }

  /** A push that need not be checked is accepted before it can be read. */
  async function expectHonestSample(after: readonly HostilePush[]): Promise<void> {
    for (let pauses = 0; ; pauses++) {
      const scrape = await fetch(`${url}/metrics`);
      const text = await scrape.text();
      const fails = (what: string) => new Error(`${what}: ${text.slice(0, 500)}\nafter ${shown(after)}`);
      if (scrape.status !== 200) throw fails(`the scrape answers ${scrape.status}`);
      if (text.includes(`honest_total{hostname="h",instance="h",job="honest"} ${pushed}\n`)) return;
      if (pauses > 100) throw fails('the honest sample is not there');
      await sleep(100);
    }
  }

  async function numberOf(query: string): Promise<number> {
    const answer = JSON.parse(await (await fetch(prometheus + encodeURIComponent(query))).text());
    return Number(answer.data?.result[0]?.value[1] ?? 0);
  }

  test('an exporter with every family of the process of Pushgateway itself leaves it readable', async () => {
    const families = (text: string) =>
      [...text.matchAll(/^# TYPE ((?:go|process)_\S+ \S+)$/gm)].map(([, family]) => family);
    const own = await (await fetch(`${url}/metrics`)).text();
    expect(families(own).length).toBeGreaterThan(20);
    const body = `${own.match(/^(# TYPE )?(go|process)_.*$/gm)?.join('\n')}\n`;
    const path = '/metrics/job/go/instance/i/hostname/other';
    expect((await fetch(url + path, { method: 'PUT', body })).ok).toBe(true);
    const scrape = await fetch(`${url}/metrics`);
    const text = await scrape.text();
    expect([scrape.status, families(text)]).toEqual([200, families(own)]);
    const pushed = text.match(/^(go|process)_.*hostname="other".*$/gm) ?? [];
    expect(pushed).toHaveLength(own.match(/^(go|process)_.*$/gm)?.length ?? 0);
  });

  test(`leave the honest node each of its samples, ${PUSHES} times`, async () => {
    const hostile = new HostilePushes(SEED);
    const statuses = new Map<number, number>();
    for (let count = 0; count < PUSHES; count += BATCH) {
      const batch = Array.from({ length: BATCH }, () => hostile.next());
      for (const push of batch) {
        const status = await send(push);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      await pushHonestly();
      await expectHonestSample(batch);
    }
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    // Some are accepted because they are harmless: if all were refused, the generator would test nothing.
    expect((statuses.get(200) ?? 0) + (statuses.get(202) ?? 0)).toBeGreaterThan(PUSHES / 20);
    expect(filter.exitCode).toBeNull();
    const read = await numberOf('count_over_time(up{job="pushgateway"}[1h])');
    expect(await numberOf('sum_over_time(up{job="pushgateway"}[1h])')).toBe(read);
    expect(await numberOf('count_over_time(honest_total{job="honest"}[1h])')).toBeGreaterThanOrEqual(read);
  });
});

const shown = (pushes: readonly HostilePush[]): string =>
  JSON.stringify(
    pushes.map(({ body, ...push }) => ({ ...push, body: body?.subarray(0, 300).toString('latin1') })),
    null,
    1,
  );

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

const config = (port: number): string => `
global: { scrape_interval: 3s, scrape_timeout: 3s }
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`;
