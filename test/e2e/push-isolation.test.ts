import { gzipSync } from 'node:zlib';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { ReferenceStack } from '../stacks/reference-stack';

const HOST = 'https://push.edge.example.com';

/** An honest node at each Pushgateway: the job, and where it pushes to. */
const HONEST = [
  { job: 'honest', path: '/metrics/job/honest/instance/h/hostname/h' },
  { job: 'shop', path: '/services/metrics/job/shop/hostname/h' },
];
const HOSTILE = '/metrics/job/x/instance/x/hostname/x';

/** One label of 1.5 GB, in many small members of gzip. */
const bomb = (): Buffer => {
  const part = gzipSync('x'.repeat(2 ** 24), { level: 9 });
  return Buffer.concat([gzipSync('a{b="'), ...Array.from({ length: 90 }, () => part), gzipSync('"} 1\n')]);
};

const series = (count: number, label = '') =>
  Array.from({ length: count }, (_, index) => `flood_${index % 10}{n="${index}"${label}} 1\n`).join('');

describe('one push user, and whoever else pushes', () => {
  let stack: ReferenceStack;
  let prometheus: Pod;
  let pushgateways: Pod[];
  let pushing: Promise<void>;
  let isOver = false;
  let count = 0;
  /** From when on no scrape may fail, in milliseconds; a restart of everything is none of a user's doing. */
  let runningSince: number;
  const refused: string[] = [];

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    pushgateways = [await stack.startCloud('pushgateway'), await stack.startCloud('pushgateway-services')];
    pushing = pushOn();
    await eventually('honest nodes have pushed', () => count > 1);
    runningSince = Date.now();
    prometheus = await stack.startCloud('prometheus');
    await eventually('Prometheus has read them', async () => (await honest()).every((one) => one.length > 0));
  });

  afterAll(async () => {
    isOver = true;
    await pushing;
    await stack?.destroy();
  });

  const push = (path: string, body?: string | Buffer, headers: Record<string, string> = {}, method = 'PUT') =>
    stack.fromEdge(HOST + path, { method, body, headers, user: stack.credentials });

  /** Pushes of the honest nodes, every second or two. */
  async function pushOn(): Promise<void> {
    while (!isOver) {
      count++;
      for (const { path } of HONEST) {
        const { status, body } = await push(path, `honest_total ${count}\n`).catch((error) => ({
          status: 0,
          body: `${error}`,
        }));
        if (status !== 200 && status !== 202) refused.push(`${status} ${body}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  const honest = () =>
    Promise.all(HONEST.map(({ job }) => stack.samples(prometheus, `honest_total{job="${job}"}[10m]`)));

  /** Expects progress: the next scrapes of both have a newer sample of the honest nodes. */
  async function expectHonestSamples(): Promise<void> {
    const now = count;
    await eventually('Prometheus has newer samples of both', async () =>
      (await honest()).every(([samples]) => (samples?.at(-1) ?? 0) > now),
    );
    const seconds = Math.max(1, Math.floor((Date.now() - runningSince) / 1_000));
    const up = `up{job=~"pushgateway.*"}[${seconds}s]`;
    const failed = await stack.query(prometheus, `min_over_time(${up}) == 0`);
    expect(failed.map(({ metric }) => metric.job)).toEqual([]);
    expect(refused).toEqual([]);
  }

  test('a careless exporter is healed', async () => {
    const careless = [
      'a{job="honest",instance="h",hostname="h"} 1',
      '# TYPE honest_total gauge',
      'honest_total{job="honest",instance="h",hostname="h"} 77 1700000000000',
      'go_goroutines 5',
      'process_cpu_seconds_total 6',
      'promhttp_metric_handler_requests_total{code="200"} 7',
      '',
    ].join('\n');
    for (const path of [HOSTILE, '/services/metrics/job/x']) {
      expect(await push(path, careless)).toMatchObject({ body: '' });
    }
    expect(await push(HOSTILE, 'a 1\na 2\n')).toMatchObject({
      status: 400,
      body: expect.stringContaining('line 2: the push contains a twice'),
    });
    await expectHonestSamples();
    const [, own] = await stack.query(prometheus, 'honest_total{hostname="x"}');
    expect(own?.metric.job ?? 'x').toBe('x');
  });

  test('keys and bodies that break a Pushgateway are refused', async () => {
    for (const prefix of ['', '/services']) {
      for (const key of ['/job/%ff%fe', '/job@base64/__4', '/job/x/instance/%ff/hostname/x']) {
        expect((await push(`${prefix}/metrics${key}`, 'a 1\n')).status).toBe(400);
      }
      const gzip = { 'Content-Encoding': 'gzip' };
      expect((await push(`${prefix}${HOSTILE}`, bomb(), gzip)).status).toBe(413);
    }
    await expectHonestSamples();
  });

  test('two keys that collide, and ten floods, cost their sender', async () => {
    await push('/services/metrics/job/x', series(9_000, ',hostname="y"'));
    await push('/services/metrics/job/x/hostname/y', series(9_000));
    const statuses: number[] = [];
    for (let flood = 0; flood < 10; flood++) {
      const body = gzipSync(series(200_000));
      statuses.push((await push(HOSTILE, body, { 'Content-Encoding': 'gzip' })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([413]));
    await expectHonestSamples();
  });

  test('who was refused is counted by node and reason', async () => {
    const found = await eventually('Prometheus has read the filter', async () => {
      const all = await stack.query(prometheus, 'pushgateway_filter_pushes_refused_total{node="x"}');
      return all.length > 0 && all;
    });
    expect(found.map(({ metric }) => metric.reason)).toContain('duplicate');
  });

  test('nothing of it is left once its groups are deleted, also after a restart', async () => {
    const [first, second] = pushgateways as [Pod, Pod];
    const deletions: [Pod, string][] = [
      [first, '/metrics/job/x/instance/x/hostname/x'],
      [second, '/services/metrics/job/x'],
      [second, '/services/metrics/job/x/hostname/y'],
      [second, `/services${HOSTILE}`],
    ];
    for (const [pod, path] of deletions) {
      const deletion = pod
        .container('push-filter')
        .exec('node', '-e', DELETE, `http://127.0.0.1:9091${path}`);
      expect(await deletion).toMatchObject({ code: 0 });
    }
    for (const pod of pushgateways) {
      for (const { name } of pod.template.spec.containers) await pod.container(name).restart();
    }
    const restarted = Date.now() / 1_000;
    const up = 'up{job=~"pushgateway.*"}';
    await eventually('both are scraped again', async () => {
      const scraped = await stack.query(prometheus, `${up} == 1 and timestamp(${up}) > ${restarted}`);
      return scraped.length >= pushgateways.length;
    });
    runningSince = Date.now();
    refused.length = 0;
    await expectHonestSamples();
    for (const [index, pod] of pushgateways.entries()) {
      const { body } = await stack.fromCloud(pod, `:9091${index ? '/services' : ''}/metrics`);
      expect(body.match(/.*job="x".*/g)).toBeNull();
    }
  });
});

const DELETE = `fetch(process.argv[1], { method: 'DELETE' }).then(({ status }) => process.exit(status === 202 ? 0 : 1))`;
