import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { replicated } from '../../lib';
import { Cluster } from '../runtime/cluster';
import { request } from '../runtime/http';
import type { Pod } from '../runtime/pod';
import { secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { type LokiClient, startLoki, stream } from '../stacks/loki-client';
import { container, DAY, HOUR, lokiOf, withLoki } from '../stacks/loki-objects';
import { CLOUD } from '../stacks/reference-stack';
import { codeBlocks } from '../support/code-blocks';
import { OBJECT_STORAGE, objectStore, STORE_SECRET } from './object-store';

withLoki('a Loki of three replicas', runsReplicated);
withLoki('one Loki becomes three', () => {
  test('with its lines, as docs/logs.md says', movesToBucket, 180_000);
});

function runsReplicated(): void {
  const cluster = new Cluster();
  let replicas: LokiClient[];

  beforeAll(async () => {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    cluster.apply(...lokiOf({ deployment: replicated({ objectStorage: OBJECT_STORAGE }) }));
    cluster.apply(...objectStore(), secret(CLOUD, STORE_SECRET.name, STORE_SECRET.files));
    await cluster.start('Deployment', CLOUD, 'store');
    replicas = await startLoki(cluster, cloud.namespace);
  });

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
