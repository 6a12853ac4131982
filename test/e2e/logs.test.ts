import { appendFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { yaml } from '../../lib/core/yaml';
import { eventually } from '../runtime/wait';
import { CLOUD, type ReferenceStack } from '../stacks/reference-stack';
import { type AgentUnderTest, LogStack, ofEachAgent } from './log-stack';

/**
 * An outage of two hours against Loki's out-of-order window of one, sixty times as fast: a window of a
 * minute, an outage of two.
 */
const MAX_CHUNK_AGE = '2m';
const OUTAGE_SECONDS = 120;

const POD = 'shop_web-1_0b7c2a1e';
const CRI_FILE = `/var/log/pods/${POD}/app/0.log`;
const DOCKER_LINK = `/var/log/pods/${POD}/worker/0.log`;
const DOCKER_FILE = '/var/lib/docker/containers/4f66ad9a/4f66ad9a-json.log';

ofEachAgent('sends every line to Loki', (agent: AgentUnderTest) => {
  let logs: LogStack;

  beforeAll(async () => {
    logs = await LogStack.create(agent, hurryLoki);
    createFiles();
  });

  afterAll(() => logs?.destroy());

  const onNode = (path: string) => logs.stack.edgeNode.path(path);

  /** A pod's folder as Docker leaves it, where the file is a link, and as the CRI does. */
  function createFiles(): void {
    for (const path of [CRI_FILE, DOCKER_LINK, DOCKER_FILE]) {
      mkdirSync(dirname(onNode(path)), { recursive: true });
    }
    symlinkSync(DOCKER_FILE, onNode(DOCKER_LINK));
  }

  function write(text: string): void {
    const time = new Date().toISOString();
    appendFileSync(onNode(CRI_FILE), `${time} stdout P ${text} \n${time} stdout F of the CRI\n`);
    const docker = (log: string) => `${JSON.stringify({ log, stream: 'stderr', time })}\n`;
    appendFileSync(onNode(DOCKER_FILE), docker(`${text} `) + docker('of Docker\n'));
  }

  const stored = (text: string) => logs.stored(`{namespace="shop"} |= ${JSON.stringify(text)}`);

  const arrive = (text: string, lines: number, seconds = 90) =>
    eventually(`${lines} lines of ${text} are in Loki`, async () => (await stored(text)).length >= lines, {
      seconds,
    });

  test('brings lines of both formats, whole and by name, through the ingress', async () => {
    write('first');
    await arrive('first', 2);
    const lines = await stored('first');
    expect(lines.map(({ line }) => line).sort()).toEqual(['first of Docker', 'first of the CRI']);
    for (const { labels, line } of lines) {
      const container = line.endsWith('CRI') ? 'app' : 'worker';
      expect(labels).toMatchObject({
        ...{ cluster: 'reference', node: 'edge-1', namespace: 'shop', pod: 'web-1', container },
        ...{ job: `shop/${container}`, stream: container === 'app' ? 'stdout' : 'stderr' },
      });
      expect(Object.keys(labels)).not.toContain('filename');
    }
  });

  test('loses no line of a long outage, with fresh ones at its end', async () => {
    logs.uplink.cut();
    for (let second = 0; second < OUTAGE_SECONDS; second += 10) {
      write(`outage ${second}`);
      await sleep(10_000);
    }
    logs.uplink.restore();
    write('outage over');
    await arrive('outage', (OUTAGE_SECONDS / 10 + 1) * 2, 240);
  });

  test('goes on where it was after a restart of the agent', async () => {
    await logs.pod.stop();
    write('meanwhile');
    await logs.pod.start();
    await arrive('meanwhile', 2);
    expect(await stored('meanwhile')).toHaveLength(2);
  });

  test('sends each line of many containers once', async () => {
    logs.files.write('many', 100);
    await logs.arrive('many', 100);
  });

  test('finds again what it stored after a restart of Loki', async () => {
    await logs.loki.stop();
    write('without Loki');
    await logs.loki.start();
    await arrive('without Loki', 2, 240);
    expect((await stored('first')).length).toBeGreaterThanOrEqual(2);
  });
});

/** The window of Loki, sixty times as short. */
function hurryLoki({ cluster }: ReferenceStack): void {
  const config = cluster.object('ConfigMap', CLOUD, 'loki-config');
  const settings = parse(config.data?.['loki.yaml'] ?? '');
  settings.ingester = { ...settings.ingester, max_chunk_age: MAX_CHUNK_AGE, chunk_idle_period: '1m' };
  const { shard_streams } = settings.limits_config;
  if (shard_streams)
    settings.limits_config.shard_streams = { ...shard_streams, time_sharding_ignore_recent: '40s' };
  cluster.apply({ ...config, data: { 'loki.yaml': yaml(settings) } });
}
