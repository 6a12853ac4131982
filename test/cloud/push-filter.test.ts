import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pushFilterContainer } from '../../lib/cloud/pushgateway/push-filter';
import { PushFilter } from '../../lib/cloud/pushgateway/push-filter/push-filter.mjs';
import { toBytes } from '../../lib/core/units';
import type { TotalLimits } from '../../lib/fleet/series-limits';
import { freePort } from '../runtime/free-port';
import { eventually } from '../runtime/wait';
import { type ServedHere, serveHere } from '../support/served-here';

const PROGRAM = join(__dirname, '../../lib/cloud/pushgateway/push-filter/main.mjs');
/** Environment of the program in its container. */
const { command = [], resources } = pushFilterContainer({
  image: 'node',
  pushgatewayPort: 1,
  port: 2,
  metricsPort: 3,
  routePrefix: '',
  exportersOnly: true,
  cpu: '50m',
  limits: { seriesOfGroup: 1, series: 1, nodes: 1, pools: {} },
  volume: { name: 'data', mountPath: '/data' },
});
const [, ...FLAGS] = command.slice(0, -1);
const MEMORY_LIMIT = toBytes(resources?.memoryLimit ?? '0Mi');
const KEY = '/metrics/job/node_exporter/instance/n1/hostname/n1';

/** Of these, each node has 40 series for itself; a group counts as 20. */
const LIMITS = {
  windowMs: 10_800_000,
  seriesOfGroup: 50,
  series: 1_000,
  nodes: 3,
  pools: { '': { nodes: 3, seriesPerNode: 40, mostSeriesPerNode: 100, sharedSeries: 60 } },
};

/** A Pushgateway that records its requests. */
class Pushgateway {
  readonly taken = new Map<string, string>();
  status = 202;
  port = 0;
  /** Whether it closes connections instead of responding. */
  interrupts = false;
  private stalled: Promise<void> | undefined;
  private server?: Server;

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', async () => {
        const ok = this.status < 300;
        if (ok && request.method === 'DELETE') this.taken.delete(keyOf(request.url));
        else if (ok && request.method !== 'GET') {
          this.taken.set(keyOf(request.url), Buffer.concat(chunks).toString());
        }
        await this.stalled;
        if (this.interrupts) request.socket.destroy();
        response.writeHead(this.status).end(request.method === 'GET' ? `read ${request.url}` : '');
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Accepts requests without responding until the returned function is called. */
  stall(): () => void {
    let answer = () => {};
    this.stalled = new Promise((resolve) => {
      answer = resolve;
    });
    return answer;
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

/** The labels of a path in base64, as they are read. */
const keyOf = (path = ''): string =>
  path.replace(/@base64\/([^/]*)/g, (_, value) => `/${Buffer.from(value, 'base64url')}`);

describe('the push filter', () => {
  const pushgateway = new Pushgateway();
  const folder = mkdtempSync(join(tmpdir(), 'push-filter-'));
  let served: ServedHere | undefined;
  let ended = () => {};
  let ports: readonly number[];

  type Limits = Partial<typeof LIMITS> & { readonly total?: TotalLimits };

  /** The environment of a filter with these limits. */
  function environmentOf(limits: Limits): Record<string, string> {
    writeFileSync(join(folder, 'limits.json'), JSON.stringify({ ...LIMITS, ...limits }));
    return {
      PUSHGATEWAY_PORT: `${pushgateway.port}`,
      EXPORTERS_ONLY: 'true',
      GROUP_HEADER: 'Certified-Group',
      LIMITS_FILE: join(folder, 'limits.json'),
      RESERVED_METRICS: '^(up|ALERTS|kube_.+|.*:.*)$',
      RESERVED_JOBS: '^(loki)$',
      RESERVED_LABELS: 'cluster,pushgateway',
      STATE_DIR: folder,
    };
  }

  async function start(environment: Record<string, string> = {}, limits: Limits = {}): Promise<void> {
    const filter = new PushFilter({ ...environmentOf(limits), ...environment });
    served = await serveHere(filter.handleRequest, filter.handleMetricsRequest);
    ended = () => filter.saveStateSync();
    ports = served.ports;
  }

  async function stop(): Promise<void> {
    await served?.stop();
    ended();
  }

  beforeAll(() => {
    // test/programs/state-log.test.ts tests the log.
    jest.spyOn(console, 'error').mockImplementation();
    return pushgateway.start();
  });

  beforeEach(async () => {
    pushgateway.taken.clear();
    pushgateway.status = 202;
    pushgateway.interrupts = false;
    for (const file of ['groups.json', 'series.json']) rmSync(join(folder, file), { force: true });
    await start();
  });

  afterEach(stop);

  afterAll(() => {
    pushgateway.stop();
    rmSync(folder, { recursive: true });
  });

  const metrics = async () => (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();

  async function push(path: string, body: string | Buffer, options: RequestInit = {}) {
    const payload = typeof body === 'string' ? body : new Uint8Array(body);
    const url = `http://127.0.0.1:${ports[0]}${path}`;
    const response = await fetch(url, { method: 'PUT', body: payload, ...options });
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return {
      status: response.status,
      said: (await response.text()).trim(),
      ...(retryAfter && { retryAfter }),
    };
  }

  /** Of the group of KEY, whose labels are sorted. */
  const stored = () => pushgateway.taken.get('/metrics/job/node_exporter/hostname/n1/instance/n1');
  const series = (count: number, name = 'a') =>
    Array.from({ length: count }, (_, index) => `${name}{n="${index}"} 1\n`).join('');

  test.each([
    ['', 'north', 403, 'set the label "group" to north'],
    ['/group/south', 'north', 403, 'set the label "group" to north'],
    ['/group/north', '-', 403, 'remove the label "group"'],
    ['/group/north', 'north', 202, ''],
    ['', '-', 202, ''],
    ['/group/north', '', 202, ''],
  ])('a key with the group %j of a node in the group %j is answered %d', async (key, group, status, said) => {
    const answer = await push(`${KEY}${key}`, series(1), { headers: { 'Certified-Group': group } });
    expect(answer).toMatchObject({ status, said: expect.stringContaining(said) });
  });

  test.each([
    ['timestamps', 'a 1 1700000000000\n', 'a 1\n'],
    ['types and help', '# HELP a b\n# TYPE a counter\na 1\n', 'a 1\n'],
    [
      'labels of the key',
      'a{job="x",instance="y",hostname="z",group="g",node="n",b="c"} 1\n',
      'a{b="c"} 1\n',
    ],
    ['labels that the cloud sets', 'a{cluster="x",pushgateway="y"} 1\n', 'a 1\n'],
    ['empty labels', 'a{b=""} 1\n', 'a 1\n'],
    ['the order of labels', 'a{c="1",b="2"} 1\n', 'a{b="2",c="1"} 1\n'],
    ['blanks and ends of lines', ' a { b = "c" , }  1 \t2\r\n\n\r\n', 'a{b="c"} 1\n'],
    ['escapes and UTF-8', 'a{b="\\\\ \\" \\n ü"} NaN\n', 'a{b="\\\\ \\" \\n ü"} NaN\n'],
    [
      'names of Pushgateway’s process',
      'go_gc_duration_seconds{quantile="0"} 1\na 1\ngo_gc_duration_seconds_sum 2\nprocess_cpu_seconds_total 3\n',
      '# TYPE go_gc_duration_seconds summary\ngo_gc_duration_seconds{quantile="0"} 1\ngo_gc_duration_seconds_sum 2\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 3\na 1\n',
    ],
    ['what Pushgateway says of itself', 'promhttp_x 1\npushgateway_x 1\npush_time_seconds 1\na 1\n', 'a 1\n'],
  ])('heals %s', async (_, body, expected) => {
    expect(await push(KEY, body)).toMatchObject({ status: 202 });
    expect(stored()).toBe(expected);
  });

  test.each([
    ['a series twice', 'a{b="1",c="2"} 1\na{c="2",b="1"} 2\n', 400, /line 2: .*twice/],
    ['a series twice but for labels of the key', 'a{job="1"} 1\na{job="2"} 2\n', 400, /line 2: .*twice/],
    [
      'a name that the cloud measures',
      'a 1\nup{x="y"} 1\n',
      400,
      /line 2: the metric name up is reserved for cloud components/,
    ],
    ['a name that the cloud computes', 'edge_fleet:silent:ratio 1\n', 400, /reserved for cloud components/],
    ['a body that is cut short', 'a 1\nb 2', 400, /line 2: the body is truncated/],
    ['a value that is no number', 'a one\n', 400, /line 1: the value/],
    ['an escape that there is not', 'a{b="\\x"} 1\n', 400, /line 1/],
    ['more series than a group has', series(51), 429, /more than 50 series/],
    ['a body that is not UTF-8', Buffer.from('a{b="\xff"} 1\n', 'latin1'), 400, /UTF-8/],
  ])('refuses %s, and says so', async (_, body, status, said) => {
    expect(await push(KEY, body)).toEqual({ status, said: expect.stringMatching(said) });
    expect(pushgateway.taken.size).toBe(0);
  });

  test.each([
    ['/metrics/job/%ff%fe/instance/a/hostname/b', /job is not UTF-8/],
    ['/metrics/job@base64/_w/instance/a/hostname/b', /job is not UTF-8/],
    ['/metrics/job/a', /instance is missing/],
    ['/metrics/job/a/instance/b/hostname/c/x/y', /the label x is not allowed/],
    ['/metrics/job/a/instance/b/hostname/c/hostname/d', /twice/],
    ['/metrics/job/loki/instance/b/hostname/c', /the job name loki/],
    ['/metrics/job/a/instance/b%0ac/hostname/c', /control characters/],
    [`/metrics/job/a/instance/${'x'.repeat(300)}/hostname/c`, /longer than 256 bytes/],
    ['/metrics/job/a/instance@base64/%/hostname/c', /base64/],
    ['/metrics/jobs/a', /the path of a push must be/],
  ])('refuses the key %s', async (path, said) => {
    expect(await push(path, 'a 1\n')).toEqual({ status: 400, said: expect.stringMatching(said) });
    expect(pushgateway.taken.size).toBe(0);
  });

  test('knows a group by its labels, however they are written', async () => {
    await push('/metrics/job/a/hostname/%C3%BC/instance@base64/Yi9j', 'a 1\n');
    await push('/metrics/job@base64/YQ==/instance@base64/Yi9j/hostname/ü/group@base64/=', 'a 2\n');
    expect([...pushgateway.taken]).toEqual([['/metrics/job/a/hostname/ü/instance/b/c', 'a 2\n']]);
  });

  test('unpacks no more than it takes', async () => {
    const gzip = { headers: { 'Content-Encoding': 'gzip' } };
    expect((await push(KEY, gzipSync('a 1\n'), gzip)).status).toBe(202);
    expect((await push(KEY, gzipSync(`a{b="${'x'.repeat(2 ** 24)}"} 1\n`), gzip)).status).toBe(413);
    expect((await push(KEY, 'no gzip', gzip)).status).toBe(400);
    expect((await push(KEY, 'a 1\n', { headers: { 'Content-Encoding': 'br' } })).status).toBe(415);
    expect((await push(KEY, 'x'.repeat(2 ** 20))).status).toBe(413);
    expect(stored()).toBe('a 1\n');
  });

  test.each([
    ['said', ['Content-Length: 5000000', '', '#'.repeat(5_000_000)]],
    ['not said', ['Transfer-Encoding: chunked', '', '4C4B40', '#'.repeat(5_000_000), '0', '', '']],
  ])(
    'reads a body to its end that is too large, whose length is %s, so that its sender reads why',
    async (_, rest) => {
      const socket = connect({ port: ports[0] ?? 0, host: '127.0.0.1' });
      let said = '';
      socket.on('data', (chunk) => {
        said += chunk;
      });
      const head = [`PUT ${KEY} HTTP/1.1`, 'Host: x'];
      socket.write([...head, ...rest].join('\r\n'));
      await eventually('it says why', () => said.includes('the body is larger than 12800 bytes'));
      // On the same connection.
      socket.write([...head, 'Content-Length: 4', '', 'a 1\n'].join('\r\n'));
      await eventually('the next push is taken', () => said.includes('HTTP/1.1 202'));
      socket.destroy();
    },
  );

  describe('limits', () => {
    const path = (node: string, job = 'a') => `/metrics/job/${job}/instance/i/hostname/${node}`;
    const pushes = async (node: string, body: string, job?: string) => push(path(node, job), body);

    test('leave each node a part of its own, whatever others push', async () => {
      expect((await pushes('hostile', series(50))).status).toBe(202);
      expect(await pushes('hostile', series(50), 'b')).toEqual({
        status: 429,
        said: expect.stringContaining('node hostile would exceed its limit of 100 series'),
      });
      expect((await pushes('hostile', series(50))).status).toBe(202);
      expect((await pushes('second', series(50))).status).toBe(202);
      expect((await pushes('n3', series(10))).status).toBe(202);
      expect((await pushes('n3', series(20))).status).toBe(202);
      expect(await pushes('n3', series(21))).toEqual({
        status: 429,
        said: expect.stringContaining('the series that all nodes share, are used up'),
      });
      expect((await pushes('n3', series(20))).status).toBe(202);
    });

    test('bound how many nodes there are', async () => {
      for (const node of ['n1', 'n2', 'n3']) expect((await pushes(node, series(1))).status).toBe(202);
      const more = { status: 429, said: expect.stringContaining('the limit of nodes is reached (3') };
      expect(await pushes('n4', series(1))).toEqual(more);
      expect((await pushes('n1', series(2))).status).toBe(202);
      expect(await metrics()).toContain('pushgateway_filter_nodes 3\n');
      expect(await metrics()).toMatch(/refused_total\{reason="too_many_nodes",.*node="n4"/);
    });

    test('count series that a later push replaces, also over a restart', async () => {
      const changing = (round: number) => pushes('hostile', series(30, `round${round}_`));
      for (const round of [1, 2, 3]) expect((await changing(round)).status).toBe(202);
      const refused = { status: 429, said: expect.stringContaining('too many different series') };
      expect(await changing(4)).toEqual(refused);
      expect((await changing(2)).status).toBe(202);
      expect((await pushes('n2', series(20))).status).toBe(202);
      await stop();
      await start();
      expect(await changing(5)).toEqual(refused);
      expect((await changing(3)).status).toBe(202);
    });

    test('count a series as several that is as large as several, and names of labels, also over a restart', async () => {
      const long = (round: number) =>
        Array.from({ length: 4 }, (_, n) => `long{l="${'x'.repeat(2_500)}${round}_${n}"} 1\n`).join('');
      for (let round = 0; round < 8; round++) expect((await pushes('n1', long(round))).status).toBe(202);
      expect(await pushes('n1', long(9))).toMatchObject({ status: 429 });
      await stop();
      const many = { ...LIMITS.pools[''], mostSeriesPerNode: 1_000, sharedSeries: 1_000 };
      const limits = { seriesOfGroup: 1_000, pools: { '': many } };
      await start({}, limits);
      const named = (round: number) =>
        Array.from(
          { length: 30 },
          (_, n) => `a{${Array.from({ length: 30 }, (_, l) => `l${round}_${n}_${l}="1"`).join()}} ${n}\n`,
        );
      expect(await pushes('n1', named(1).join(''))).toMatchObject({ status: 202 });
      expect(await pushes('n1', named(2).join(''))).toMatchObject({ status: 202 });
      const refused = { status: 429, said: expect.stringContaining('label names') };
      expect(await pushes('n1', named(3).join(''))).toEqual(refused);
      await stop();
      await start({}, limits);
      expect(await pushes('n1', named(4).join(''))).toEqual(refused);
    });

    test('forget series that nobody pushes any more', async () => {
      await stop();
      await start({}, { windowMs: 300 });
      const changing = (round: number) => pushes('n1', series(30, `round${round}_`));
      for (let round = 0; round < 6; round++) {
        await eventually('there is room again', async () => (await changing(round)).status === 202);
      }
    });

    test('are those of the group of nodes where it has some', async () => {
      const ofGroup = { nodes: 1, seriesPerNode: 100, mostSeriesPerNode: 100, sharedSeries: 0 };
      await stop();
      await start({}, { pools: { ...LIMITS.pools, ...{ north: ofGroup } } });
      const ofNorth = async (node: string) => push(`${path(node)}/group/north`, series(20));
      expect((await ofNorth('n1')).status).toBe(202);
      expect(await ofNorth('n2')).toMatchObject({ status: 429 });
      expect((await pushes('n3', series(20))).status).toBe(202);
    });

    test('are forgotten, with what nobody pushes any more, when somebody in the pod says so', async () => {
      const forget = (query: string, method = 'POST') =>
        fetch(`http://127.0.0.1:${ports[1]}/forget${query}`, { method }).then(async (answer) => ({
          status: answer.status,
          said: await answer.text(),
        }));
      for (const node of ['n1', 'n2', 'n3']) await pushes(node, series(1));
      expect((await pushes('n4', series(1))).status).toBe(429);
      expect(await forget('?seconds=1', 'GET')).toMatchObject({ status: 405 });
      expect(await forget('?seconds=0')).toMatchObject({ status: 400 });
      expect(await forget('?seconds=60')).toEqual({ status: 200, said: 'deleted 0 groups\n' });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await pushes('n1', series(1));
      expect(await forget('?seconds=1&hostname=n3')).toEqual({ status: 200, said: 'deleted 1 groups\n' });
      expect(await forget('?seconds=1')).toEqual({ status: 200, said: 'deleted 1 groups\n' });
      expect([...pushgateway.taken.keys()].map((key) => key.split('/').at(-3))).toEqual(['n1']);
      expect(await metrics()).not.toContain('node="n4"');
      for (const node of ['n4', 'n5']) expect((await pushes(node, series(1))).status).toBe(202);
    });

    test('leave groups that share limits a part, and their nodes what others of their names do not take', async () => {
      const share = { nodes: 2, seriesPerNode: 40, mostSeriesPerNode: 100, sharedSeries: 40 };
      const groups = { north: share, south: share, east: share };
      await stop();
      await start({}, { pools: { ...LIMITS.pools, ...groups }, total: { nodes: 3, sharedSeries: 60 } });
      const of = async (group: string, node: string, count: number) =>
        (await push(`${path(node)}/group/${group}`, series(count))).status;
      expect(await of('north', 'n1', 50)).toBe(202);
      expect(await of('north', 'n2', 30)).toBe(202);
      expect(await of('north', 'n2', 31)).toBe(429);
      expect(await of('north', 'n3', 1)).toBe(429);
      // 40 of its own, and the shared part: a node with its name is independent of it.
      expect(await of('south', 'n1', 50)).toBe(429);
      expect(await of('south', 'n1', 30)).toBe(202);
      expect(await of('east', 'n1', 1)).toBe(429);
      await push(path('n9'), series(1));
      const full = (await metrics()).match(
        /(?<=^pushgateway_filter_)\w*(nodes|shared_series)(_limit)?({.*})? .*/gm,
      );
      expect(full?.sort()).toEqual(
        [
          'group_nodes_limit{group="east"} 2',
          'group_nodes_limit{group="north"} 2',
          'group_nodes_limit{group="south"} 2',
          'group_nodes{group="north"} 2',
          'group_nodes{group="south"} 1',
          'group_nodes{group="east"} 0',
          'group_shared_series_limit{group="east"} 40',
          'group_shared_series_limit{group="north"} 40',
          'group_shared_series_limit{group="south"} 40',
          'group_shared_series{group="east"} 0',
          'group_shared_series{group="north"} 40',
          'group_shared_series{group="south"} 10',
          'nodes 4',
          'nodes_limit 3',
          'shared_series 50',
          'shared_series_limit 60',
        ].sort(),
      );
    });
  });

  test('counts what is POSTed once for each name', async () => {
    for (let round = 0; round < 5; round++) {
      expect((await push(KEY, series(30), { method: 'POST' })).status).toBe(202);
    }
    expect((await push(KEY, series(30, 'b'), { method: 'POST' })).status).toBe(429);
  });

  test('remembers the groups over a restart', async () => {
    await push(KEY, series(10));
    await stop();
    await start();
    expect(await metrics()).toContain('pushgateway_filter_series 30\n');
  });

  test('takes back what the Pushgateway did not take', async () => {
    pushgateway.status = 400;
    expect((await push(KEY, series(10))).status).toBe(400);
    expect(await metrics()).toContain('pushgateway_filter_series 0\n');
    expect(await metrics()).toMatch(/refused_total\{reason="inconsistent",.*node="n1"/);
  });

  test('counts a push whose client left before the answer', async () => {
    const answer = pushgateway.stall();
    const leaving = new AbortController();
    const pushed = push(KEY, series(10), { signal: leaving.signal }).catch((error: Error) => error.name);
    await eventually('the Pushgateway has it', () => pushgateway.taken.size > 0);
    leaving.abort();
    expect(await pushed).toBe('AbortError');
    answer();
    await eventually('it is counted', async () => (await metrics()).includes('filter_pushes_total 1\n'));
    expect(await metrics()).toContain('pushgateway_filter_series 30\n');
  });

  test('keeps the larger count of a group of which it does not know whether a push was stored', async () => {
    pushgateway.interrupts = true;
    expect(await push(KEY, series(30))).toEqual({
      status: 502,
      said: expect.stringMatching(/^the Pushgateway does not respond: .+; the request may have been stored$/),
    });
    expect(await metrics()).toContain('pushgateway_filter_series 50\n');
    expect(await metrics()).toMatch(/refused_total\{reason="unanswered"/);
    expect((await push(KEY, series(10))).status).toBe(502);
    expect(await metrics()).toContain('pushgateway_filter_series 50\n');
    pushgateway.interrupts = false;
    expect((await push(KEY, series(10))).status).toBe(202);
    expect(await metrics()).toContain('pushgateway_filter_series 30\n');
  });

  test('counts nothing of a push that no Pushgateway received', async () => {
    pushgateway.stop();
    try {
      expect(await push(KEY, series(10))).toMatchObject({ status: 502 });
      expect(await metrics()).toContain('pushgateway_filter_series 0\n');
      expect(await metrics()).toMatch(/refused_total\{reason="unavailable"/);
    } finally {
      await pushgateway.start();
    }
  });

  test('keeps the larger count while pushes of one group are on their way', async () => {
    const answer = pushgateway.stall();
    const both = [push(KEY, series(30)), push(KEY, series(10))];
    await eventually('one has arrived', () => pushgateway.taken.size > 0);
    await eventually('both are counted', async () => (await metrics()).includes('filter_series 50\n'));
    answer();
    for (const { status } of await Promise.all(both)) expect(status).toBe(202);
    expect(await metrics()).toContain('pushgateway_filter_series 50\n');
    expect((await push(KEY, series(10))).status).toBe(202);
    expect(await metrics()).toContain('pushgateway_filter_series 30\n');
  });

  describe('before a Pushgateway that stalls', () => {
    let filter: ChildProcess;
    const of = (number: number) => `/metrics/job/a/instance/i/hostname/n${number}`;
    /** Bytes that count for its memory limit, at the most. */
    const peak = () => {
      const status = readFileSync(`/proc/${filter.pid}/status`, 'utf8');
      const kilobytes = (name: string) =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
      return (kilobytes('VmHWM') - kilobytes('RssFile')) * 2 ** 10;
    };

    beforeEach(async () => {
      await stop();
      const many = 1_000_000;
      const pool = { nodes: 10_000, seriesPerNode: 10_000, mostSeriesPerNode: 10_000, sharedSeries: many };
      const env = environmentOf({ seriesOfGroup: 10_000, series: many, pools: { '': pool } });
      ports = [await freePort(), await freePort()];
      // A process of its own, whose memory is looked at.
      filter = spawn(process.execPath, [...FLAGS, PROGRAM], {
        env: { ...env, LISTEN_PORT: `${ports[0]}`, METRICS_PORT: `${ports[1]}` },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await eventually('the filter answers', metrics);
    });

    afterEach(async () => {
      filter.kill();
      await once(filter, 'exit');
    });

    test.each([
      ['small', 400, 60_000, 130],
      ['large', 30, 2_000_000, 4],
    ])('holds no more %s bodies than fit into its memory', async (_, count, size, atLeast) => {
      const answer = pushgateway.stall();
      const body = Buffer.from(`${series(1_000)}#${'x'.repeat(size - 15_000)}\n`);
      const bodies = Array.from({ length: count }, (_, number) => push(of(number), body));
      const refused = await eventually('some are refused', async () => {
        const [, busy = '0'] = (await metrics()).split(/refused_total\{reason="busy".*?\} /);
        return Number.parseInt(busy, 10) > 0;
      });
      expect(refused).toBe(true);
      answer();
      const answers = await Promise.all(bodies);
      expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(atLeast);
      const busy = answers.filter(({ status }) => status !== 202);
      expect(new Set(busy.map(({ status, said }) => `${status} ${said}`))).toEqual(
        new Set(['503 the memory for request bodies is in use by other requests: try again later']),
      );
      expect(busy.map(({ retryAfter }) => retryAfter)).toEqual(busy.map(() => '5'));
      expect(peak()).toBeLessThan(0.9 * MEMORY_LIMIT);
    });

    test('holds no more of small bodies that become large', async () => {
      const answer = pushgateway.stall();
      const gzip = { headers: { 'Content-Encoding': 'gzip' } };
      const label = 'x'.repeat(220);
      const lines = Array.from({ length: 9_900 }, (_, n) => `a{n="${n}",l="${label}"} 1\n`);
      const body = gzipSync(lines.join(''), { level: 9 });
      expect(body.length).toBeLessThan(2 ** 16);
      const bodies = Array.from({ length: 16 }, (_, number) => push(of(number), body, gzip));
      await eventually('one has arrived', () => pushgateway.taken.size > 0);
      answer();
      for (const { status } of await Promise.all(bodies)) expect(status).toBe(202);
      expect(peak()).toBeLessThan(0.9 * MEMORY_LIMIT);
    });

    test('forgets bodies whose clients have left', async () => {
      const answer = pushgateway.stall();
      const leaving = new AbortController();
      const body = Buffer.from(`#${'x'.repeat(60_000)}\n`);
      const left = Array.from({ length: 130 }, (_, number) =>
        push(of(number), body, { signal: leaving.signal }).catch((error: Error) => error.name),
      );
      await eventually('it works on as many as it does at once', () => pushgateway.taken.size === 8);
      leaving.abort();
      expect(new Set(await Promise.all(left))).toEqual(new Set(['AbortError']));
      await eventually('they are counted', async () => {
        const all = (await metrics()).match(/refused_total\{reason="client_left"/g) ?? [];
        return all.length >= 122;
      });
      const others = Array.from({ length: 130 }, (_, number) => push(of(number), body));
      await eventually('all others wait', async () => !(await metrics()).includes('reason="busy"'));
      answer();
      for (const { status } of await Promise.all(others)) expect(status).toBe(202);
      expect(pushgateway.taken.size).toBe(130);
    });
  });

  test('lets reads through, and no other writes', async () => {
    const read = await fetch(`http://127.0.0.1:${ports[0]}/api/v1/metrics?x=y`);
    expect(await read.text()).toBe('read /api/v1/metrics?x=y');
    expect((await push('/api/v1/admin/wipe', '')).status).toBe(400);
    expect((await push(KEY, '', { method: 'PATCH' })).status).toBe(405);
  });

  test('takes other keys where others than exporters push, of which labels of the key are theirs alone', async () => {
    await stop();
    await start({ EXPORTERS_ONLY: '' });
    expect((await push('/metrics/job/backup/site/x', 'a{site="y",hostname="z",job="j"} 1\n')).status).toBe(
      202,
    );
    expect([...pushgateway.taken]).toEqual([['/metrics/job/backup/site/x', 'a{hostname="z"} 1\n']]);
    expect((await push('/metrics/job/backup/cluster/x', 'a 1\n')).status).toBe(400);
  });
});
