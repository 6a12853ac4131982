import { isDeepStrictEqual } from 'node:util';
import { BasicAuthIngress, type BasicAuthIngressProps, Pushgateway, proxy } from '../../lib';
import { parsePushesInAccessLog } from '../../lib/tools/credentials/pushers';
import { Cluster } from '../runtime/cluster';
import { type RequestOptions, request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { program, tryRun } from '../runtime/programs';
import { type Credentials, htpasswd, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { CLOUD, EDGE_NODE_LABELS, ReferenceStack } from '../stacks/reference-stack';
import { synthesizeChart } from '../support/synthesize';

/** Forbidden, not found, or no method of this place: by the guard, or by the controller that routes less. */
const REFUSALS = [403, 404, 405];

describe('the guard of the reference environment', () => {
  let stack: ReferenceStack;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    await stack.startCloud('pushgateway');
    await stack.startCloud('pushgateway-services');
    let status = 0;
    await eventually(
      () => `pushes get through, the last was answered ${status}`,
      async () => {
        status = await ask('PUT', '/metrics/job/first/instance/a/hostname/b');
        return status === 202;
      },
    );
  });

  afterAll(() => stack?.destroy());

  const ask = async (method: string, path: string, body = 'a 1\n', host = 'push') => {
    const user = stack.credentials;
    return (await stack.fromEdge(`https://${host}.edge.example.com${path}`, { method, body, user })).status;
  };

  test.each([
    ['PUT', '/metrics/job/node_exporter/instance/a/hostname/b'],
    ['POST', '/metrics/job/node_exporter/instance/a/hostname/b'],
    ['PUT', '/metrics/job@base64/bm9kZQ/instance/a/hostname/b'],
    ['PUT', '/metrics/job/x/instance@base64/L3Zhcg==/hostname/b'],
    ['PUT', '/services/metrics/job/%E8%AE%A2%E5%8D%95/instance/a'],
    ['PUT', '/services/metrics/job/shop'],
    ['PUT', '/services/metrics/job/shop/branch/north'],
  ])('lets through a push: %s %s', async (method, path) => {
    // 202 where nothing is checked, 200 where it is.
    expect([200, 202]).toContain(await ask(method, path));
  });

  test.each([
    ['DELETE', '/metrics/job/node_exporter'],
    ['DELETE', '/services/metrics/job/shop'],
    ['GET', '/metrics/job/node_exporter'],
    ['GET', '/metrics'],
    ['PUT', '/metrics'],
    ['GET', '/'],
    ['GET', '/api/v1/metrics'],
    ['PUT', '/api/v1/admin/wipe'],
    ['GET', '/-/ready'],
    ['GET', '/-/guard'],
  ])('refuses what is no push: %s %s', async (method, path) => {
    expect(REFUSALS).toContain(await ask(method, path));
  });

  test.each([
    '/metrics/job/%ff%fe',
    '/metrics/job@base64/__4',
    '/metrics/job/x/hostname/%c0%af',
    '/metrics/job/x/instance@base64/YWFhYWH-/hostname/b',
    '/services/metrics/job/%ed%a0%80',
    '/metrics/job/x/node/y',
    '/metrics/job/x/instance/a%0Ab',
    `/metrics/job/x/instance/${'y'.repeat(257)}`,
  ])('refuses a grouping key that Pushgateway could not serve again, and says why: %s', async (path) => {
    const user = stack.credentials;
    const options = { method: 'PUT', body: 'a 1\n', user };
    const { status, body } = await stack.fromEdge(`https://push.edge.example.com${path}`, options);
    expect([status, body]).toEqual([400, expect.stringMatching(/^push to \/metrics\/job\/JOB, .*base64/)]);
    expect(await ask('PUT', '/metrics/job/first/instance/a/hostname/b')).toBe(202);
  });

  test.each([
    ['GET', '/loki/api/v1/push'],
    ['DELETE', '/loki/api/v1/push'],
    ['GET', '/loki/api/v1/query'],
    ['POST', '/loki/api/v1/delete'],
  ])('lets nobody read or delete logs: %s %s', async (method, path) => {
    expect(REFUSALS).toContain(await ask(method, path, '{}', 'logs'));
  });

  test('lets the log of the ingress say who pushed, so that a user can be retired', async () => {
    await ask('PUT', '/metrics/job/node_exporter/instance/a/hostname/edge-7');
    const pusher = { user: stack.credentials.username, node: 'edge-7' };
    await eventually('the push is logged', () =>
      parsePushesInAccessLog(stack.ingress.accessLog.join('\n')).some((one) =>
        isDeepStrictEqual(one, pusher),
      ),
    );
  });

  test('refuses a body over the limit', async () => {
    expect(await ask('PUT', '/metrics/job/large', 'x'.repeat(9 * 2 ** 20))).toBe(413);
  });
});

describe('a guard that checks the users itself, behind any controller', () => {
  const OLD = { username: 'edge', password: 'correct-horse-battery' };
  const NEW = { username: 'edge-2', password: 'another-long-password' };
  const NOISY = { username: 'noisy', password: 'yet-another-password' };
  const URL = 'https://push.example.com/metrics/job/shop';
  const cluster = new Cluster();
  let edge: Node;
  let ingress: IngressController;
  let guards: Pod[];

  beforeAll(async () => {
    cluster.addNode({ name: 'cloud-1' });
    edge = cluster.addNode({ name: 'edge-1', labels: EDGE_NODE_LABELS });
    cluster.apply(...objects({ rateLimit: { requestsPerSecond: 1, burst: 300 } }));
    cluster.apply(secret(CLOUD, 'push-tls', { ...cluster.authority.issue('push.example.com') }));
    setUsers(OLD);
    ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    await cluster.start('StatefulSet', CLOUD, 'pushgateway');
    guards = await cluster.start('Deployment', CLOUD, 'push-guard');
    await eventually('pushes get through', async () => (await push(OLD)) === 200);
  });

  afterAll(() => cluster.destroy());

  const setUsers = (...users: Credentials[]) =>
    cluster.apply(secret(CLOUD, 'push-users', { auth: users.map(htpasswd).join('') }));
  const route = () => ({ address: ingress.address, authorityFile: cluster.authority.file });
  const answer = (user?: Credentials, headers: RequestOptions['headers'] = {}, path = '') => {
    const options = { method: 'PUT', body: 'a 1\n', user, headers, ...route() };
    return request(edge.namespace, `${URL}${path}`, options);
  };
  const push = async (...parameters: Parameters<typeof answer>) => (await answer(...parameters)).status;
  const logged = () =>
    parsePushesInAccessLog(guards.flatMap((guard) => guard.container('push-guard').logs).join('\n'));

  test('lets in a user with the right password, and nobody else', async () => {
    expect(await push(OLD)).toBe(200);
    expect(await push({ ...OLD, password: 'correct-horse' })).toBe(401);
    expect(await push({ ...OLD, username: 'admin' })).toBe(401);
    expect(await push()).toBe(401);
  });

  test('says in words why it refuses', async () => {
    expect((await answer({ ...OLD, password: 'correct-horse' })).body).toBe('wrong user or password\n');
    const nowhere = await answer(OLD, {}, '/../../nowhere');
    expect(nowhere).toMatchObject({ status: 400, body: expect.stringContaining('push to /metrics/job/JOB') });
  });

  test('asks for the password where it is missing or wrong, as a browser has to be told', async () => {
    const challenge = 'Basic realm="Authentication required"';
    expect(await answer()).toMatchObject({ status: 401, challenge });
    expect(await answer({ ...OLD, password: 'correct-horse' })).toMatchObject({ status: 401, challenge });
  });

  test('believes no header that a client forged', async () => {
    expect(await push(undefined, { 'X-Auth-User': 'edge', 'X-Remote-User': 'edge' })).toBe(401);
  });

  test('says who pushed from which node, and not who only tried', async () => {
    expect(await push({ ...OLD, password: 'wrong' }, {}, '/hostname/edge-7')).toBe(401);
    expect(await push(OLD, {}, '/hostname/edge-8')).toBe(200);
    await eventually('the push is logged', () => logged().some(({ node }) => node === 'edge-8'));
    expect(new Set(logged().map(({ user }) => user))).toEqual(new Set([OLD.username]));
    expect(logged().map(({ node }) => node)).not.toContain('edge-7');
  });

  test('serves the right ones during a thousand wrong passwords', async () => {
    const wrong = thousand({ ...OLD, password: 'wrong' });
    const right: number[] = [];
    for (let count = 0; count < 20; count++) right.push(await push(OLD));
    expect(Object.keys(await wrong).sort()).toEqual(['401', '429']);
    expect(right).toEqual(right.map(() => 200));
  });

  test('limits one user, and not another', async () => {
    setUsers(OLD, NOISY);
    await eventually('the noisy user is known', async () => (await push(NOISY)) === 200);
    const begun = performance.now();
    const codes = await thousand(NOISY);
    // One more push is allowed for each second that this machine takes for the thousand.
    const seconds = (performance.now() - begun) / 1000;
    expect(1000 - (codes['429'] ?? 0)).toBeLessThan(500 + seconds);
    expect(await push(OLD)).toBe(200);
  });

  test('counts the user, however the password is spelled', async () => {
    const plain = Buffer.from(`${NOISY.username}:${NOISY.password}`).toString('base64');
    const spellings = ['basic', 'BASIC', 'bAsIc', 'Basic '].map((scheme) => `${scheme} ${plain}`);
    // The thousand used pushes are refilled at one per second: more are sent at once than a slow machine refills
    // meanwhile.
    const sent = spellings.flatMap((Authorization) =>
      Array.from({ length: 15 }, () => push(undefined, { Authorization })),
    );
    const codes = await Promise.all(sent);
    expect(codes.filter((code) => code === 429).length).toBeGreaterThan(1);
    expect(codes.filter((code) => code !== 429 && code !== 200)).toEqual([]);
    const { body } = await eventually('it is over its limit', async () => {
      const refused = await answer(NOISY);
      return refused.status === 429 && refused;
    });
    expect(body).toBe('this user exceeds its rate limit: try again later\n');
    expect(await push(OLD)).toBe(200);
  });

  test('loses no push while a password is rotated', async () => {
    // Each user sends fewer pushes than the limit allows at once, however fast this machine is.
    const codes: number[] = [];
    let user: Credentials = OLD;
    const steps = [() => setUsers(OLD, NEW), () => (user = NEW), () => setUsers(NEW), () => {}];
    for (const step of steps) {
      step();
      for (let count = 0; count < 25; count++) codes.push(await push(user));
    }
    expect(codes).toEqual(codes.map(() => 200));
    expect(await push(OLD)).toBe(401);
  });

  // Its scratch folder outlives a container, and with it what a crash left there.
  test('serves again after a crash', async () => {
    setUsers(OLD);
    const containers = guards.map((guard) => guard.container('push-guard'));
    for (const container of containers) container.signal('SIGKILL');
    await eventually('all run again', () => containers.every(({ restarts }) => restarts > 0));
    await eventually('pushes get through', async () => (await push(OLD)) === 200);
    expect(containers.map(({ restarts }) => restarts)).toEqual(containers.map(() => 1));
  });

  /** How a thousand pushes of one user were answered, by status. */
  async function thousand({ username, password }: Credentials): Promise<Record<string, number>> {
    const curl = [
      ...[
        program('curl'),
        '--silent',
        '--parallel',
        '--parallel-max',
        '20',
        '--cacert',
        route().authorityFile,
      ],
      ...['--resolve', `push.example.com:443:${route().address}`, '--user', `${username}:${password}`],
      ...['--request', 'PUT', '--data', 'a 1', '--output', '/dev/null', '--write-out', '%{http_code}\n'],
    ];
    const { stdout } = await tryRun('nsenter', [...edge.namespace.entry, ...curl, `${URL}?[1-1000]`]);
    const codes = stdout.trim().split('\n');
    return Object.fromEntries(
      [...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]),
    );
  }
});

function objects(props: Partial<BasicAuthIngressProps>) {
  return synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      ...props,
      name: 'push',
      host: 'push.example.com',
      tls: { secretName: 'push-tls' },
      controller: proxy({ namespace: 'ingress-nginx' }),
    });
    new Pushgateway(chart, 'pushgateway', { ingress });
  });
}
