import { appendFileSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import { alloy, EdgeLogCollector, fluentBit, fromLoki, type LogAgent, Platform, promtail } from '../../lib';
import { yaml } from '../../lib/core/config-files';
import type { Pod } from './runtime/pod';
import type { OPTIONAL } from './runtime/programs';
import { eventually } from './runtime/wait';
import { CLOUD, EDGE, ReferenceStack } from './stack';

/**
 * An outage of two hours against Loki's out-of-order window of one, sixty times as fast: a window of a
 * minute, an outage of two.
 */
const MAX_CHUNK_AGE = '2m';
const OUTAGE_SECONDS = 120;

/** Beside the two, of which each writes as many lines as it is told to. */
const CONTAINERS = 20;
const manyFile = (container: number) => `/var/log/pods/many_pod-${container}_1c2d/main/0.log`;

const POD = 'shop_web-1_0b7c2a1e';
const CRI_FILE = `/var/log/pods/${POD}/app/0.log`;
const DOCKER_LINK = `/var/log/pods/${POD}/worker/0.log`;
const DOCKER_FILE = '/var/lib/docker/containers/4f66ad9a/4f66ad9a-json.log';

interface AgentUnderTest {
  readonly variable: (typeof OPTIONAL)[number];
  readonly agent: () => LogAgent;
}

const AGENTS: Readonly<Record<string, AgentUnderTest>> = {
  'Fluent Bit': { variable: 'E2E_FLUENT_BIT', agent: fluentBit },
  Alloy: { variable: 'E2E_ALLOY', agent: alloy },
  Promtail: { variable: 'E2E_PROMTAIL', agent: promtail },
};

for (const [name, agent] of Object.entries(AGENTS)) {
  const missing = ['E2E_LOKI', agent.variable].filter((variable) => !process.env[variable]);
  // These programs are in no package of Debian: what was not run is said, and counted apart.
  if (missing.length) test.todo(`${name} sends every line to Loki: NOT RUN, set ${missing.join(' and ')}`);
  else describe(name, () => collects(agent.agent));
}

function collects(program: () => LogAgent): void {
  let stack: ReferenceStack;
  let loki: Pod;
  let agent: Pod;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    stack.cluster.apply(...collector(program()));
    hurryLoki(stack);
    loki = await stack.startCloud('loki');
    makeFiles();
    agent = await stack.startEdge('edge-log-collector');
  });

  afterAll(() => stack?.destroy());

  const onNode = (path: string) => stack.edgeNode.path(path);

  /** A pod's folder as Docker leaves it, where the file is a link, and as the CRI does. */
  function makeFiles(): void {
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

  /** Lines in Loki that contain a text, with their labels. */
  async function stored(text: string): Promise<{ labels: Record<string, string>; line: string }[]> {
    const query = encodeURIComponent(`{namespace="shop"} |= ${JSON.stringify(text)}`);
    const { body } = await stack.fromCloud(
      loki,
      `:3100/loki/api/v1/query_range?limit=5000&since=1h&query=${query}`,
    );
    return JSON.parse(body).data.result.flatMap(
      ({ stream, values }: { stream: Record<string, string>; values: [string, string][] }) =>
        values.map(([, line]) => ({ labels: stream, line })),
    );
  }

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
    stack.edgeNode.uplink.cut();
    for (let second = 0; second < OUTAGE_SECONDS; second += 10) {
      write(`outage ${second}`);
      await sleep(10_000);
    }
    stack.edgeNode.uplink.restore();
    write('outage over');
    await arrive('outage', (OUTAGE_SECONDS / 10 + 1) * 2, 240);
  }, 600_000);

  /** Writes so many lines for each of many containers. */
  function writeMany(text: string, lines: number): void {
    for (let container = 0; container < CONTAINERS; container += 1) {
      const file = onNode(manyFile(container));
      mkdirSync(dirname(file), { recursive: true });
      const time = () => new Date().toISOString().replace('Z', `${String(next++ % 1e6).padStart(6, '0')}Z`);
      appendFileSync(
        file,
        Array.from({ length: lines }, (_, line) => `${time()} stdout F ${text} ${line}\n`).join(''),
      );
    }
  }
  let next = 0;

  /** As the kubelet rotates: the file gets another name, and the container a new one. */
  function rotateMany(suffix: string): void {
    for (let container = 0; container < CONTAINERS; container += 1)
      renameSync(onNode(manyFile(container)), `${onNode(manyFile(container))}.${suffix}`);
  }

  /** Waits until each of many containers has all of its lines in Loki, and none twice. */
  async function arriveMany(text: string, lines: number): Promise<void> {
    const query = `sum by (pod) (count_over_time({namespace="many"} |= "${text} "[1h]))`;
    const counts = async () => {
      const { body } = await stack.fromCloud(
        loki,
        `:3100/loki/api/v1/query?query=${encodeURIComponent(query)}`,
      );
      return JSON.parse(body).data.result.map(({ value }: { value: [number, string] }) => Number(value[1]));
    };
    let seen: number[] = [];
    await eventually(
      () => `${lines} lines of ${text} of ${CONTAINERS} containers are in Loki; there are ${seen}`,
      async () => {
        seen = await counts();
        return seen.length === CONTAINERS && seen.every((count) => count >= lines);
      },
      { seconds: 120 },
    );
    expect(seen).toEqual(Array(CONTAINERS).fill(lines));
  }

  test('goes on where it was after a restart of the agent', async () => {
    await agent.stop();
    write('meanwhile');
    await agent.start();
    await arrive('meanwhile', 2);
    expect(await stored('meanwhile')).toHaveLength(2);
  });

  test('sends each line of many containers once', async () => {
    writeMany('many', 100);
    await arriveMany('many', 100);
  });

  // What the others lose then is in docs/logs.md.
  if (program === fluentBit) losesNothing();

  test('finds again what it stored after a restart of Loki', async () => {
    await loki.stop();
    write('without Loki');
    await loki.start();
    await arrive('without Loki', 2, 240);
    expect((await stored('first')).length).toBeGreaterThanOrEqual(2);
  }, 600_000);

  function losesNothing(): void {
    test.each([
      ['is stopped', 'SIGTERM'],
      ['is killed', 'SIGKILL'],
    ] as const)('loses nothing when it %s in an outage', async (_, signal) => {
      stack.edgeNode.uplink.cut();
      writeMany(`outage-${signal}`, 50);
      // Read, and on its way.
      await sleep(15_000);
      agent.container('fluent-bit').signal(signal);
      writeMany(`outage-${signal}`, 50);
      await sleep(3_000);
      stack.edgeNode.uplink.restore();
      await arriveMany(`outage-${signal}`, 100);
    });

    test('takes a new password by itself while the old one is refused, and loses nothing', async () => {
      const { password } = stack.credentials;
      stack.setClientPassword('wrong');
      await eventually('it pushes with the wrong password', () => reloads() >= 1, { seconds: 120 });
      writeMany('refused', 50);
      await sleep(15_000);
      stack.setClientPassword(password);
      await eventually('it pushes with the right one', () => reloads() >= 2, { seconds: 120 });
      await arriveMany('refused', 50);
    });

    const reloads = () =>
      agent.container('config-reloader').logs.filter((line) => line.includes('Z reloaded:')).length;

    test('reads a file that was rotated while it ran, or while it was down, once and to its end', async () => {
      writeMany('rotated', 50);
      rotateMany('20260504-100000');
      writeMany('rotated', 50);
      await arriveMany('rotated', 100);
      await agent.stop();
      writeMany('rotated-down', 50);
      rotateMany('20260504-110000');
      writeMany('rotated-down', 50);
      await agent.start();
      await arriveMany('rotated-down', 100);
    });
  }
}

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

/** The reference environment's collector, with an agent that it does not take by itself. */
function collector(agent: LogAgent) {
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  const chart = new Chart(new App(), 'logs', { namespace: EDGE });
  Platform.define(chart, { cluster: 'reference' });
  new EdgeLogCollector(chart, 'collector', {
    agent,
    sink: fromLoki({ host: 'logs.edge.example.com', credentialsSecretName: 'logs-credentials' }),
  });
  warn.mockRestore();
  return chart.toJson();
}
