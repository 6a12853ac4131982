import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vmagentQueueFolderName } from '../../lib/agents/queue-name';
import { Cluster } from '../runtime/cluster';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { spawnKilledWithParent } from '../runtime/programs';
import { secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { EDGE, EDGE_NODE_LABELS, fleetDist } from '../stacks/reference-stack';
import { loadManifests, type Manifest, podOf } from '../support/manifests';

const NAME = 'edge-metrics-agent';
const STATE = `/var/lib/edge-observability/${NAME}`;
const QUEUE = vmagentQueueFolderName('https://push.fleet.example.com/api/v1/write');
const DAY_SECONDS = 86_400;

/** A server on the node whose clock is behind by the seconds in a file, with one line per response. */
const TIME_SERVER = `
const { readFileSync, writeFileSync } = require('node:fs');
require('node:http').createServer(({ method, headers }, response) => {
  const [seconds, next = seconds] = readFileSync(process.argv[1], 'utf8').split(' ');
  writeFileSync(process.argv[1], next);
  const behind = Number(seconds) * 1000;
  response.setHeader('Date', new Date(Date.now() - behind).toUTCString());
  response.writeHead(401).end();
  console.log(method, headers.authorization ? 'with a password' : 'without a password');
}).listen(9301, '127.0.0.1', () => console.log('listening'));
`;

let cluster: Cluster;
let node: Node;
let server: ChildProcess;
let asked: string[];

const offsetFile = () => join(cluster.folder, 'offset');
/** How far the server's clock is behind the node's, in seconds. */
const setBehind = (seconds: number) => writeFileSync(offsetFile(), `${seconds}`);

const lieOnce = (seconds: number) => writeFileSync(offsetFile(), `${seconds} 0`);

async function startTimeServer(): Promise<void> {
  asked = [];
  setBehind(0);
  const command = ['nsenter', ...node.namespace.entry, process.execPath, '-e', TIME_SERVER, offsetFile()];
  server = spawnKilledWithParent(command, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: server.stdout as NodeJS.ReadableStream }).on('line', (line) => asked.push(line));
  await eventually('the time server listens', () => asked.shift() === 'listening');
}

beforeEach(() => {
  cluster = new Cluster();
  node = cluster.addNode({ name: 'edge-1', labels: EDGE_NODE_LABELS });
  cluster.apply(...loadManifests(join(fleetDist(), 'edge')));
  cluster.apply(secret(EDGE, 'push-credentials', { username: 'edge', password: 'correct-horse-battery' }));
  cluster.apply(secret(EDGE, 'edge-push-users', { auth: '' }));
});

afterEach(() => cluster.destroy());

const start = async (): Promise<Pod> => {
  const [pod] = await cluster.start('DaemonSet', EDGE, NAME);
  if (!pod) throw new Error('no pod was started');
  return pod;
};

describe('the queue of the metrics agent', () => {
  const folder = () => node.path(`${STATE}/queue/persistent-queue`);
  const queues = () => readdirSync(folder()).filter((name) => !name.startsWith('.'));

  /** A queue as vmagent leaves it, with a file of the test, in which this number of bytes is queued. */
  function createQueue(name: string, ageSeconds = 0, waiting = 0): void {
    mkdirSync(join(folder(), name), { recursive: true });
    const files = {
      'metainfo.json': `{"Name":"1:secret-url","ReaderOffset":0,"WriterOffset":${waiting}}`,
      marker: name,
    };
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(folder(), name, file), text);
      const then = Date.now() / 1000 - ageSeconds;
      utimesSync(join(folder(), name, file), then, then);
    }
  }

  test('has the name that is known at synthesis', async () => {
    await start();
    await eventually('the queue is there', () => existsSync(join(folder(), QUEUE)));
    expect(queues()).toEqual([QUEUE]);
  });

  test('moves along when the address changes', async () => {
    createQueue('1_0123456789ABCDEF');
    const pod = await start();
    expect(queues()).toEqual([QUEUE]);
    expect(pod.container('queue-keeper').logs.join()).toMatch(/moved \d+ KiB from 1_0123456789ABCDEF to/);
  });

  test('is kept beside the one of today, and said, where it cannot move', async () => {
    createQueue('1_0123456789ABCDEF');
    createQueue(QUEUE);
    const pod = await start();
    expect(queues()).toEqual(['1_0123456789ABCDEF', QUEUE]);
    expect(pod.container('queue-keeper').logs.join()).toMatch(/kept \d+ KiB in 1_0123456789ABCDEF/);
  });

  describe('that is older than anybody takes samples, by the clock of the node', () => {
    beforeEach(() => {
      createQueue(QUEUE, 8 * DAY_SECONDS, 6);
      const manifest: Manifest = structuredClone(cluster.object('DaemonSet', EDGE, NAME));
      const keeper = podOf(manifest).initContainers.find(
        (one: { name: string }) => one.name === 'queue-keeper',
      );
      for (const one of keeper.env) if (one.name === 'TIME_URL') one.value = 'http://127.0.0.1:9301/';
      cluster.apply(manifest);
    });
    // vmagent itself deletes the file, because it belongs to no queue: only the log of the keeper shows which of them
    // deleted it.

    test('goes when a server has the same time, and says so', async () => {
      await startTimeServer();
      try {
        const pod = await start();
        await eventually('vmagent has a queue of its own', () => queues().includes(QUEUE));
        expect(pod.container('queue-keeper').logs.join()).toMatch(/dropped \d+ KiB: nothing was written/);
      } finally {
        server.kill('SIGKILL');
      }
    });

    test('stays when the clock is ahead, as a server says', async () => {
      await startTimeServer();
      setBehind(8 * DAY_SECONDS);
      try {
        const pod = await start();
        expect(pod.container('queue-keeper').logs.join()).toMatch(
          /kept .*: the queue is too old by the clock of the node, but the time of the server/,
        );
      } finally {
        server.kill('SIGKILL');
      }
    });

    test('stays while nobody says what time it is', async () => {
      const pod = await start();
      const said = pod.container('queue-keeper').logs.join();
      expect(said).toMatch(/but no server confirms the time/);
      expect(said).not.toContain('dropped');
    });
  });

  test('is not missed for its age when all of it was sent', async () => {
    createQueue(QUEUE, 30 * DAY_SECONDS);
    const pod = await start();
    // vmagent itself removes the file of the test, sooner or later.
    expect(pod.container('queue-keeper').logs).toEqual([]);
  });
});

describe('the clock guard', () => {
  beforeEach(startTimeServer);

  afterEach(() => {
    server.kill('SIGKILL');
  });

  /** The guard's own container, which asks the time server and looks every second. */
  async function guard(timeUrl = 'http://127.0.0.1:9301/'): Promise<Pod> {
    const manifest: Manifest = structuredClone(cluster.object('DaemonSet', EDGE, NAME));
    const pod = manifest.spec.template.spec;
    pod.containers = pod.containers.filter(({ name }: { name: string }) => name === 'clock-guard');
    const changed: Record<string, string> = {
      TIME_URL: timeUrl,
      RECHECK_SECONDS: '1',
      INTERVAL_SECONDS: '1',
    };
    for (const variable of pod.containers[0].env) variable.value = changed[variable.name] ?? variable.value;
    cluster.apply(manifest);
    return start();
  }

  const says = (pod: Pod, text: string) =>
    eventually(
      () => `the guard says ${text}; it says ${pod.container('clock-guard').logs}`,
      () => pod.container('clock-guard').logs.at(-1)?.includes(text),
    );
  const measures = async (pod: Pod) =>
    (await pod.container('clock-guard').exec('/bin/cat', '/var/lib/metrics-agent/active/jobs.yaml')).stdout;

  test('lets the agent measure what it is to measure, when the clock is right', async () => {
    const pod = await guard();
    await says(pod, 'measuring: the clock is right');
    expect(await measures(pod)).toContain('job_name: node_exporter');
    expect(new Set(asked)).toEqual(new Set(['HEAD without a password']));
  });

  test('stops it while the clock is wrong, and lets it go on when that is set', async () => {
    setBehind(900);
    const pod = await guard();
    await says(pod, 'not measuring: the clock is wrong by more than 300s');
    expect(await measures(pod)).toBe('');
    setBehind(0);
    await says(pod, 'measuring: the clock is right');
    expect(await measures(pod)).toContain('job_name: node_exporter');
  });

  test('believes no wrong time that a network says once', async () => {
    const pod = await guard();
    await says(pod, 'measuring: the clock is right');
    const before = asked.length;
    lieOnce(7 * DAY_SECONDS);
    await eventually('it has asked a few times since', () => asked.length > before + 3);
    expect(pod.container('clock-guard').logs.filter((line) => line.includes('not measuring'))).toEqual([]);
    expect(await measures(pod)).toContain('job_name: node_exporter');
  });

  test('lets it measure while there is no link, as far as the clock can be right', async () => {
    const pod = await guard('http://127.0.0.1:9/');
    await says(pod, 'measuring: the clock is right, as far as is known');
  });

  test('stops it without a link when the clock stands before a time that has been', async () => {
    mkdirSync(node.path(STATE), { recursive: true });
    writeFileSync(node.path(`${STATE}/time`), `${Math.floor(Date.now() / 1000) + DAY_SECONDS}\n`);
    const pod = await guard('http://127.0.0.1:9/');
    await says(pod, 'not measuring');
  });

  test('takes a change of what is to be measured to the agent', async () => {
    const pod = await guard();
    await says(pod, 'measuring');
    const config = cluster.object('ConfigMap', EDGE, `${NAME}-config`);
    cluster.apply({ ...config, data: { ...config.data, 'jobs.yaml': '[]\n' } });
    await eventually('the change has arrived', async () => (await measures(pod)) === '[]\n');
  });
});
