import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Chart } from 'cdk8s';
import { Alertmanager, BasicAuthIngress, LokiStack, type LokiStackProps, replicated } from '../../lib';
import { logRules } from '../../lib/edge/logs.rules';
import { codeBlocks } from '../support/code-blocks';
import { fileOf, load, type Manifest } from '../support/manifests';
import { synthesized } from '../support/synthesize';
import { type Labels, type LokiClient, startLoki, stream } from './loki-client';
import { OBJECT_STORAGE, objectStore, STORE_SECRET } from './object-store';
import { Cluster } from './runtime/cluster';
import { request } from './runtime/http';
import type { Pod } from './runtime/pod';
import { tryRun } from './runtime/programs';
import { secret } from './runtime/secrets';
import { eventually } from './runtime/wait';
import { CLOUD } from './stack';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const NOT_RUN = 'NOT RUN, set E2E_LOKI';

const GROUPS = ['north', 'south'];

function makeLoki(chart: Chart, props: LokiStackProps, groups?: readonly string[]): LokiStack {
  const ingress = new BasicAuthIngress(chart, 'i', {
    name: 'logs',
    host: 'logs.example.com',
    tls: { secretName: 'logs-tls' },
    groups,
  });
  const loki = new LokiStack(chart, 'l', { ingress, ...props });
  loki.addRules(logRules());
  loki.addAlertSink(new Alertmanager(chart, 'a'));
  return loki;
}

const lokiOf = (props: LokiStackProps, groups?: readonly string[]): Manifest[] =>
  synthesized((chart) => {
    makeLoki(chart, props, groups);
  });

const configuration = (objects: readonly Manifest[]): string => fileOf(objects, 'loki-config', 'loki.yaml');

const container = (node: string, name = 'app'): Labels => ({
  cluster: 'c',
  group: 'north',
  node,
  namespace: 'shop',
  pod: `${name}-1`,
  container: name,
  job: `shop/${name}`,
  stream: 'stdout',
});

if (!process.env.E2E_LOKI) {
  test.todo(`Loki takes its configuration: ${NOT_RUN}`);
  test.todo(`a Loki with groups as tenants: ${NOT_RUN}`);
  test.todo(`a Loki of three replicas: ${NOT_RUN}`);
  test.todo(`one Loki becomes three with its lines: ${NOT_RUN}`);
} else {
  describe('Loki takes its configuration', takesConfigurations);
  describe('a Loki with groups as tenants', keepsGroupsApart);
  describe('a Loki of three replicas', runsReplicated);
  test('one Loki becomes three with its lines, as docs/logs.md says', movesToBucket, 180_000);
}

function takesConfigurations(): void {
  const bucket = { bucket: 'our-logs' };
  const cases: [string, () => string][] = [
    ...readdirSync('dist').map((name): [string, () => string] => [
      `of the environment ${name}`,
      () => configuration(load(`dist/${name}`)),
    ]),
    ...Object.entries<LokiStackProps>({
      'of replicas': { deployment: replicated({ objectStorage: OBJECT_STORAGE }) },
      'of a bucket of Amazon’s': { deployment: replicated({ objectStorage: bucket, replicas: 5 }) },
      'with odd durations and sizes': {
        retention: '90000s',
        maxLineAge: '90m',
        limits: { lineSize: '0.3Ki', ingestionRate: '0.1Gi', streams: 1, querySeries: 1 },
      },
      'with retention by stream': { streamRetention: [{ selector: '{a="b"}', period: '1y' }] },
      'with tenants': { multiTenancy: { tenants: ['north'], limits: { north: { lineSize: '1Mi' } } } },
    }).map(([name, props]): [string, () => string] => [name, () => configuration(lokiOf(props))]),
  ];

  test.each(cases)('%s', async (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'loki-'));
    try {
      const file = join(folder, 'loki.yaml');
      writeFileSync(file, text());
      const { code, stderr, stdout } = await tryRun('E2E_LOKI', ['-verify-config', `-config.file=${file}`]);
      expect({ code, said: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, said: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

function keepsGroupsApart(): void {
  const cluster = new Cluster();
  let loki: LokiClient;
  let grafana: LokiClient;

  beforeAll(async () => {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    const limits = { north: { streams: 20 } };
    let readers: string | undefined;
    const objects = synthesized((chart) => {
      const stack = makeLoki(chart, { limits: { lineSize: '1Ki' }, multiTenancy: { limits } }, GROUPS);
      readers = stack.dataSource.secureJsonData?.httpHeaderValue1;
    });
    cluster.apply(...objects);
    [loki] = (await startLoki(cluster, cloud.namespace)) as [LokiClient];
    grafana = loki.as(readers);
  });

  afterAll(() => cluster.destroy());

  test('stores lines with the labels that they came with, and no others', async () => {
    const labels = container('labels');
    expect((await loki.as('south').push(stream(labels, 'hello'))).status).toBe(204);
    const [line] = await loki.as('south').lines('{node="labels"}');
    const { detected_level: _, ...kept } = line?.labels ?? {};
    expect(kept).toEqual(labels);
  });

  test.each([
    ['half an hour', HOUR / 2],
    ['three hours', 3 * HOUR + 60],
    ['a day', DAY],
    ['a week', 7 * DAY],
  ])('shows lines that come %s late at once', async (_, age) => {
    const node = `late-${age}`;
    const pushed = await loki.as('south').push(stream(container(node), 'late', { age, lines: 100 }));
    expect(pushed.status).toBe(204);
    expect(await loki.as('south').lines(`{node="${node}"}`)).toHaveLength(100);
  });

  test('refuses what is too old, says so, and stores the rest of the push', async () => {
    const labels = container('old');
    const { status, body } = await loki
      .as('south')
      .push(stream(labels, 'old', { age: 8.1 * DAY }), stream(labels, 'fresh'));
    expect(status).toBe(400);
    expect(body).toContain('timestamp too old');
    expect((await loki.as('south').lines('{node="old"}')).map(({ line }) => line)).toEqual(['fresh 0']);
  });

  test('cuts lines that are too long', async () => {
    await loki.as('south').push(stream(container('long'), 'x'.repeat(3_000)));
    expect((await loki.as('south').lines('{node="long"}'))[0]?.line).toHaveLength(1_024);
  });

  test('has Grafana show the lines of all tenants, and of the one of before', async () => {
    for (const tenant of ['cloud', 'north', 'south', 'fake']) {
      await loki.as(tenant).push(stream({ seen: 'by-grafana', from: tenant }, 'hello'));
    }
    const lines = await grafana.lines('{seen="by-grafana"} |= "hello"');
    expect(lines.map(({ labels }) => labels.from).sort()).toEqual(['cloud', 'fake', 'north', 'south']);
  });

  test('lets one group make too many streams, and takes those of another', async () => {
    const north = loki.as('north');
    expect((await north.push(stream(container('n-1'), 'before'))).status).toBe(204);
    const many = Array.from({ length: 100 }, (_, index) => stream(container('n-1', `app-${index}`), 'many'));
    const { status, body } = await north.push(...many);
    expect(status).toBe(429);
    expect(body).toContain('maximum active stream limit exceeded');
    const others = Array.from({ length: 100 }, (_, index) => stream(container('s-1', `app-${index}`), 'x'));
    expect((await loki.as('south').push(...others)).status).toBe(204);
    expect((await north.push(stream(container('n-1'), 'after'))).status).toBe(204);
  });

  test('evaluates the rules of each tenant', async () => {
    for (const tenant of ['cloud', 'north', 'south']) {
      await eventually(`the ruler has the rules of ${tenant}`, async () =>
        (await loki.as(tenant).ask('/prometheus/api/v1/rules')).body.includes('EdgeLogsMissing'),
      );
    }
  });

  test('tells of 700 silent nodes at once, and shows them all', async () => {
    const nodes = Array.from({ length: 700 }, (_, index) => container(`silent-${index}`));
    for (const age of [4, 20]) {
      const pushed = await loki
        .as('south')
        .push(...nodes.map((one) => stream(one, 'x', { age: age * HOUR })));
      expect(pushed.status).toBe(204);
    }
    const missing = expressionOf('EdgeLogsMissing').replaceAll('node=~".+"', 'node=~"silent-.+"');
    expect(await loki.as('south').series(missing)).toHaveLength(700);
    const panel = 'sum by (node) (count_over_time({node=~"silent-.+"}[5m]))';
    expect(await grafana.panel(panel, 6)).toHaveLength(700);
  });

  test('a node that sends again is no longer missing', async () => {
    await loki.as('south').push(stream(container('silent-7'), 'back', { age: 60 }));
    const missing = expressionOf('EdgeLogsMissing').replaceAll('node=~".+"', 'node=~"silent-[78]"');
    const nodes = (await loki.as('south').series(missing)).map(({ metric }) => metric.node);
    expect(nodes).toEqual(['silent-8']);
  });
}

function expressionOf(alert: string): string {
  const rules = logRules().ruleGroups.flatMap((group) => group.rules);
  const found = rules.find((rule) => 'alert' in rule && rule.alert === alert);
  if (!found) throw new Error(`there is no alert ${alert}`);
  return found.expr;
}

function runsReplicated(): void {
  const cluster = new Cluster();
  let replicas: LokiClient[];

  beforeAll(async () => {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    cluster.apply(...lokiOf({ deployment: replicated({ objectStorage: OBJECT_STORAGE }) }));
    cluster.apply(...objectStore(), secret(CLOUD, STORE_SECRET.name, STORE_SECRET.files));
    await cluster.start('Deployment', CLOUD, 'store');
    replicas = await startLoki(cluster, cloud.namespace);
  }, 120_000);

  afterAll(() => cluster.destroy());

  const everywhere = (query: string, count: number) =>
    Promise.all(
      replicas.map((replica) =>
        eventually(
          `${replica.pod.name} shows ${count} lines of ${query}`,
          async () => (await replica.lines(query)).length === count,
        ),
      ),
    );

  test('shows what one replica took at all of them', async () => {
    const [first] = replicas as [LokiClient];
    expect((await first.push(stream(container('r-1'), 'hello', { lines: 100 }))).status).toBe(204);
    await everywhere('{node="r-1"}', 100);
  });

  test.each([
    ['two hours', 2 * HOUR],
    ['a week', 7 * DAY],
  ])('shows lines that come %s late at once', async (_, age) => {
    const [first] = replicas as [LokiClient];
    const node = `late-${age}`;
    expect((await first.push(stream(container(node), 'x', { age, lines: 100 }))).status).toBe(204);
    await everywhere(`{node="${node}"}`, 100);
  });

  test('finds them in the bucket, too', async () => {
    for (const replica of replicas) expect((await replica.ask('/flush', '')).status).toBe(204);
    await everywhere(`{node="late-${7 * DAY}"}`, 100);
  });

  test('goes on while one is away, and loses none of its lines', async () => {
    const [, second, third] = replicas as [LokiClient, LokiClient, LokiClient];
    await cluster.remove(third.pod);
    replicas = replicas.filter((one) => one !== third);
    await eventually(
      'two of three take lines',
      async () => (await second.push(stream(container('r-2'), 'one away', { lines: 10 }))).status === 204,
    );
    await everywhere('{node="r-1"}', 100);
    await everywhere('{node="r-2"}', 10);
  });
}

async function movesToBucket(): Promise<void> {
  const cluster = new Cluster();
  try {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    // The network of a node keeps the names of pods that are gone.
    const next = cluster.addNode({ name: 'cloud-2' });
    cluster.apply(...lokiOf({}));
    cluster.apply(...objectStore(), secret(CLOUD, STORE_SECRET.name, STORE_SECRET.files));
    const [store] = (await cluster.start('Deployment', CLOUD, 'store')) as [Pod];
    const [one] = (await startLoki(cluster, cloud.namespace, [cloud])) as [LokiClient];
    for (const age of [DAY, 7 * DAY]) {
      await one.push(stream(container(`written-${age}`), 'x', { age, lines: 100 }));
    }
    expect((await one.ask('/flush', '')).status).toBe(204);
    const volume = join(cluster.folder, 'claims', 'data-loki-0');
    const chunks = () => filesBelow(join(volume, 'chunks')).filter((name) => name.startsWith('fake/'));
    await eventually('chunks are on the volume', () => chunks().length >= 2);
    await one.push(stream(container('in-memory'), 'x', { lines: 100 }));
    await cluster.remove(one.pod);

    const { code = '' } = codeBlocks('docs/logs.md').find((block) => block.code.includes('base64 -d')) ?? {};
    await promisify(execFile)('sh', ['-euc', code.replaceAll('/loki/', `${volume}/`)]);
    for (const name of filesBelow(join(volume, 'move'))) {
      const url = `http://${store.address}:9000/${OBJECT_STORAGE.bucket}/${encodeURI(name)}`;
      const body = readFileSync(join(volume, 'move', name));
      expect((await request(cloud.namespace, url, { method: 'PUT', body })).status).toBe(200);
    }
    rmSync(join(volume, 'chunks'), { recursive: true });

    cluster.apply(...lokiOf({ deployment: replicated({ objectStorage: OBJECT_STORAGE }) }));
    const replicas = await startLoki(cluster, cloud.namespace, [next]);
    for (const node of [`written-${DAY}`, `written-${7 * DAY}`, 'in-memory']) {
      for (const replica of replicas) {
        await eventually(
          `${replica.pod.name} shows the lines of ${node}`,
          async () => (await replica.lines(`{node="${node}"}`)).length === 100,
        );
      }
    }
  } finally {
    await cluster.destroy();
  }
}

/** Files below a folder, by their path in it. */
const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        statSync(join(folder, name)).isFile(),
      )
    : [];
