import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  BasicAuthIngress,
  EdgeNodeExporter,
  type NetworkServer,
  Prometheus,
  Pushgateway,
  proxy,
} from '../../lib';
import { REMOTE_WRITE_2, REMOTE_WRITE_PATH } from '../../lib/contracts/metrics-sink';
import { requiredSecrets } from '../../lib/core/required-secrets';
import { Cluster } from '../runtime/cluster';
import { type RequestOptions, type Response, request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { program } from '../runtime/programs';
import { type Credentials, htpasswd, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { CLOUD, EDGE, EDGE_NODE_LABELS, type Series } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { parseSecrets, runCredentials } from '../tools/credentials/environment';

const HOST = 'push.example.com';
const GROUPS = ['north', 'south'];

/** Replaces a remote-write receiver: accepts one body at a time, as vmagent does, and records its requests. */
const ECHO = `let last = Promise.resolve();
require('node:http')
  .createServer((request, response) => {
    last = last.then(() => new Promise((resolve) => request.resume().on('close', resolve)));
    last.then(() => response.end(request.url));
  })
  .listen(8429)`;

/** Sends half a body, and holds the connection until it is ended. */
const STALL = `const { host, authorization, count } = JSON.parse(process.argv[1]);
for (let index = 0; index < count; index++) {
  require('node:net').connect(8080, host).write(
    'POST /api/v1/write HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 60000\\r\\nAuthorization: ' + authorization +
    '\\r\\n\\r\\n' + 'x'.repeat(30000));
}
setTimeout(() => console.log('stalled'), 500);
setInterval(() => {}, 1000);`;

describe('groups of nodes with users of their own', () => {
  const cluster = new Cluster();
  const { objects, needed } = stack();
  let cloud: Node;
  let ingress: IngressController;
  let guards: Pod[];
  let prometheus: Pod;

  beforeAll(async () => {
    cloud = cluster.addNode({ name: 'cloud-1' });
    for (const group of GROUPS) {
      cluster.addNode({ name: `edge-${group}`, labels: { ...EDGE_NODE_LABELS, site: group } });
    }
    cluster.apply(...objects);
    cluster.apply(secret(CLOUD, 'push-tls', { ...cluster.authority.issue(HOST) }));
    applyCredentials([]);
    await cluster.start('StatefulSet', CLOUD, 'pushgateway');
    await cluster.start('StatefulSet', CLOUD, 'receiver');
    guards = await cluster.start('Deployment', CLOUD, 'push-guard');
    ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    [prometheus] = (await cluster.start('StatefulSet', CLOUD, 'prometheus')) as [Pod];
    for (const group of GROUPS) await cluster.start('DaemonSet', EDGE, `exporter-${group}`);
  });

  afterAll(() => cluster.destroy());

  /** Runs the credentials command on the Secrets of the cluster as documented, and applies its output. */
  function applyCredentials(args: readonly string[]): void {
    const users = cluster.objectsOfKind('Secret').find(({ metadata }) => metadata.name === 'push-users');
    const { code, stdout, stderr } = runCredentials(args, users && JSON.stringify(users), { needed });
    if (code !== 0) throw new Error(stderr);
    cluster.apply(...[...parseSecrets(stdout).values()].map((one) => one as Manifest));
  }

  function credentialsOf(group: string): Credentials {
    return cluster.object('Secret', EDGE, `push-credentials-${group}`).stringData;
  }

  function push(
    path: string,
    user: Credentials,
    body = 'forged 1\n',
    headers: RequestOptions['headers'] = {},
  ): Promise<Response> {
    const route = { address: ingress.address, authorityFile: cluster.authority.file };
    const { namespace } = cluster.nodes.find(({ name }) => name === 'edge-north') as Node;
    return request(namespace, `https://${HOST}${path}`, { method: 'PUT', body, user, headers, ...route });
  }

  async function query(expression: string): Promise<Series[]> {
    const url = `http://${prometheus.address}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse((await request(cloud.namespace, url)).body).data.result;
  }

  const lastPush = async (group: string) =>
    Number((await query(`push_time_seconds{job="node_exporter", group="${group}"}`)).at(0)?.value[1]);

  async function pushesAgain(group: string): Promise<void> {
    const before = await lastPush(group);
    await eventually(`${group} pushes`, async () => (await lastPush(group)) > before);
  }

  test('have the name of their group as a label in Prometheus, from the guard', async () => {
    const series = await eventually('both nodes are in Prometheus', async () => {
      const found = await query('node_uname_info');
      return found.length === 2 && found;
    });
    expect(series.map(({ metric: { group, node } }) => [group, node]).sort()).toEqual([
      ['north', 'edge-north'],
      ['south', 'edge-south'],
    ]);
  });

  test.each([
    '/metrics/job/forged/group/south',
    '/metrics/job/forged/instance/a/group/south/hostname/b',
    '/metrics/job/forged/group@base64/c291dGg',
    '/metrics/job@base64/Zm9yZ2Vk/group@base64/c291dGg=',
    '/metrics/job/forged/gr%6Fup/south',
    '/metrics/job/forged/group%40base64/c291dGg',
    '/metrics/job/forged/%67%72%6f%75%70/south',
    '/metrics/job/forged/instance/a%2Fgroup/south',
    '/metrics/job/forged/instance/a/./group/south',
  ])('cannot name another group: %s', async (path) => {
    const { status, body } = await push(path, credentialsOf('north'));
    expect([status, body]).toEqual([
      403,
      "the label 'group' is reserved, because the guard sets it to the group of the user: remove the label from the path\n",
    ]);
  });

  test.each([
    ['in the body', '/metrics/job/honest', 'honest{group="south"} 1\n'],
    ['in a path that ends early', '/metrics/job/honest/instance/a%3Fb%23c', 'honest 1\n'],
    ['in a query', '/metrics/job/honest/instance/b?/group/south', 'honest 1\n'],
    ['as a value', '/metrics/job/group/instance/group', 'honest 1\n'],
  ])('stay what the guard says when another group stands %s', async (_, path, body) => {
    const { status } = await push(path, credentialsOf('north'), body);
    expect([200, 202]).toContain(status);
    const samples = await request(
      cloud.namespace,
      `http://${cluster.addresses(CLOUD, 'pushgateway')[0]}:9091/metrics`,
    );
    const pushed = samples.body.split('\n').filter((line) => line.startsWith('honest{'));
    expect(pushed.length).toBeGreaterThan(0);
    expect(pushed.filter((line) => !line.includes('group="north"'))).toEqual([]);
  });

  test('are told to a receiver of remote write in place of what a client asks it', async () => {
    const { status, body } = await push('/api/v1/write?extra_label=__group__=south', credentialsOf('north'));
    expect([status, body]).toEqual([200, '/api/v1/write?extra_label=__group__=north']);
  });

  test.each([
    'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'Application/X-Protobuf; proto="io.prometheus.write.v2.Request"',
  ])('may not send what the receiver would take and not store: %s', async (type) => {
    const { status, body } = await push('/api/v1/write', credentialsOf('north'), 'x', {
      'Content-Type': type,
    });
    expect([status, body]).toEqual([
      415,
      'remote write 2.0 is not supported: send remote write 1.0 (prometheus.WriteRequest)\n',
    ]);
    const first = { 'Content-Type': 'application/x-protobuf' };
    expect((await push('/api/v1/write', credentialsOf('north'), 'x', first)).status).toBe(200);
  });

  test('do not wait for one that stalls in the middle of its bodies', async () => {
    const { username, password } = credentialsOf('south');
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const stalled = guards.map(({ address: host }) => {
      const input = JSON.stringify({ host, authorization, count: 20 });
      const command = [...cloud.namespace.entry, program('node'), '-e', STALL, input];
      return spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    });
    try {
      await Promise.all(stalled.map(({ stdout }) => once(stdout, 'data')));
      for (let count = 0; count < 3; count++) {
        expect((await push('/api/v1/write', credentialsOf('north'))).status).toBe(200);
      }
    } finally {
      for (const one of stalled) one.kill('SIGKILL');
    }
  });

  test('are needed to push: who is of none is refused and logged, who only claims to be one learns nothing', async () => {
    const stranger = { username: 'stranger', password: 'correct-horse-battery' };
    const users = cluster.object('Secret', CLOUD, 'push-users');
    const { auth } = users.stringData;
    cluster.apply(secret(CLOUD, 'push-users', { auth: auth + htpasswd(stranger) }));
    await eventually(
      'the stranger is known',
      async () => (await push('/metrics/job/x', stranger)).status === 403,
    );
    expect((await push('/metrics/job/x', { ...stranger, password: 'wrong' })).status).toBe(401);
    const logs = () => guards.flatMap((guard) => guard.container('push-guard').logs).join('\n');
    await eventually('the refusal is logged', () =>
      /- stranger \[.*\] "PUT \/metrics\/job\/x HTTP\/1.1" 403 of no group/.test(logs()),
    );
    cluster.apply(users);
  });

  test('are cut off alone, and come back with a new user', async () => {
    const stolen = credentialsOf('north');
    applyCredentials(['--rotate', '--group', 'north']);
    await eventually('the new user gets in', async () => {
      const { status } = await push('/metrics/job/honest', credentialsOf('north'));
      return status === 200;
    });
    applyCredentials(['--retire', 'north', '--force']);
    await eventually(
      'the old one does not',
      async () => (await push('/metrics/job/honest', stolen)).status === 401,
    );
    expect(credentialsOf('north').username).toBe('north-2');
    for (const group of GROUPS) await pushesAgain(group);
  });
});

/** Two groups with one node each, and their receivers. */
function stack(): { objects: Manifest[]; needed: ReturnType<typeof requiredSecrets> } {
  let needed: ReturnType<typeof requiredSecrets> = [];
  const objects = synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      name: 'push',
      host: HOST,
      tls: { secretName: 'push-tls' },
      controller: proxy({ namespace: 'ingress-nginx' }),
      groups: GROUPS,
    });
    const sink = new Pushgateway(chart, 'pushgateway', { ingress, scrapeInterval: '1s' });
    new Prometheus(chart, 'prometheus').addTarget(sink);
    ingress.expose({
      namespace: CLOUD,
      serviceName: 'receiver',
      server: { peer: { namespace: CLOUD }, port: 8429, admit: () => {} } satisfies NetworkServer,
      paths: ['/api/v1/write'],
      pushes: { methods: ['PUT', 'POST'], path: REMOTE_WRITE_PATH, unsupported: REMOTE_WRITE_2 },
      groupStamp: 'extra-label',
    });
    for (const group of GROUPS) {
      const nodeSelector = { site: group };
      new EdgeNodeExporter(chart, group, {
        name: `exporter-${group}`,
        group,
        sink,
        nodeSelector,
        interval: '1s',
      });
    }
    needed = requiredSecrets(chart.node.root);
  });
  return { objects: [...objects, ...receiver()], needed };
}

/** A program that answers, behind a Service. */
function receiver(): Manifest[] {
  const metadata = { name: 'receiver', namespace: CLOUD };
  const labels = { app: 'receiver' };
  const ports = [{ name: 'http', containerPort: 8429, protocol: 'TCP' }];
  const container = { name: 'receiver', image: 'docker.io/library/node:20', args: ['-e', ECHO], ports };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 8429, targetPort: 'http', protocol: 'TCP' }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 1, containers: [container] },
        },
      },
    },
  ];
}
