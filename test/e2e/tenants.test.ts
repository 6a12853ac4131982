import { BasicAuthIngress, LokiStack } from '../../lib';
import { parsePushesInAccessLog } from '../../lib/tools/credentials/pushers';
import { Cluster } from '../runtime/cluster';
import { type RequestOptions, request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { type Credentials, htpasswd, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { EDGE_NODE_LABELS } from '../stacks/reference-stack';
import { synthesizeChart } from '../support/synthesize';

const NAMESPACE = 'monitoring';
const PUSH = 'https://logs.example.com/loki/api/v1/push';
const NORTH = { username: 'plant-north', password: 'correct-horse' };
const STRANGE = { username: 'a/b', password: 'correct-horse' };

/** Replaces Loki: records the tenant of each request. */
const ECHO = `require('node:http')
  .createServer((request, response) => response.end(JSON.stringify(request.headers)))
  .listen(3100)`;

describe('the guard before a Loki with tenants', () => {
  const cluster = new Cluster();
  let edge: Node;
  let ingress: IngressController;
  let guards: Pod[];

  beforeAll(async () => {
    cluster.addNode({ name: 'cloud-1' });
    edge = cluster.addNode({ name: 'edge-1', labels: EDGE_NODE_LABELS });
    cluster.apply(...objects(), echo());
    cluster.apply(secret(NAMESPACE, 'logs-tls', { ...cluster.authority.issue('logs.example.com') }));
    cluster.apply(secret(NAMESPACE, 'logs-users', { auth: [NORTH, STRANGE].map(htpasswd).join('') }));
    ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    await cluster.start('StatefulSet', NAMESPACE, 'loki');
    guards = await cluster.start('Deployment', NAMESPACE, 'logs-guard');
    await eventually('the ingress leads to the guard', async () => (await push(NORTH)).status === 200);
  });

  afterAll(() => cluster.destroy());

  const push = (user: Credentials | undefined, headers: RequestOptions['headers'] = {}, query = '') =>
    request(edge.namespace, `${PUSH}${query}`, {
      method: 'POST',
      body: '{}',
      user,
      headers,
      address: ingress.address,
      authorityFile: cluster.authority.file,
    });

  test('makes the tenant of the user whose password was checked', async () => {
    expect(JSON.parse((await push(NORTH)).body)).toMatchObject({ 'x-scope-orgid': 'plant-north' });
  });

  test('lets no client choose another', async () => {
    const { body } = await push(NORTH, { 'X-Scope-OrgID': 'plant-south' });
    expect(JSON.parse(body)['x-scope-orgid']).toBe('plant-north');
  });

  test('does not hand the password on', async () => {
    expect(JSON.parse((await push(NORTH)).body)).not.toHaveProperty('authorization');
  });

  test('answers who is nobody, and whom Loki could not name, so that agents send their lines again', async () => {
    const wrong = { ...NORTH, password: 'wrong-password' };
    for (const user of [undefined, STRANGE, wrong, { ...NORTH, username: 'plant-south' }]) {
      expect(await push(user)).toMatchObject({
        status: 503,
        body: 'wrong user or password (401, sent as 503 so that agents retry)\n',
      });
    }
    expect((await push(NORTH)).status).toBe(200);
  });

  test('tells the driver of Docker, which would keep its containers waiting, what was meant', async () => {
    const query = '?client=docker-driver';
    expect(await push({ ...NORTH, password: 'wrong' }, {}, query)).toMatchObject({
      status: 401,
      body: 'wrong user or password\n',
    });
    expect((await push(NORTH, {}, query)).status).toBe(200);
  });

  test('logs the status that was meant, for the alert and for whoever retires a user', async () => {
    const logs = () => guards.flatMap((guard) => guard.container('logs-guard').logs).join('\n');
    const refusals = /- plant-south \[.*\] "POST \/loki\/api\/v1\/push HTTP\/1.1" 401 answered 503$/m;
    await eventually('the refusal is logged', () => refusals.test(logs()));
    expect(new Set(parsePushesInAccessLog(logs()).map(({ user }) => user))).toEqual(
      new Set([NORTH.username]),
    );
  });

  test('refuses what no retry would mend for good', async () => {
    const options = { method: 'POST', user: NORTH, address: ingress.address };
    const large = { ...options, body: 'x'.repeat(9 * 2 ** 20), authorityFile: cluster.authority.file };
    expect((await request(edge.namespace, PUSH, large)).status).toBe(413);
    expect((await push(NORTH)).status).toBe(200);
  });
});

function objects() {
  return synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      name: 'logs',
      host: 'logs.example.com',
      tls: { secretName: 'logs-tls' },
    });
    new LokiStack(chart, 'loki', { ingress, multiTenancy: { tenants: ['plant-north'] } });
  });
}

/** Loki's pod, with another program in it. */
function echo() {
  const loki = objects().find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'loki');
  const template = structuredClone(loki?.spec.template);
  const [container] = template.spec.containers;
  template.spec.containers = [
    { name: 'loki', image: 'library/node:20', args: ['-e', ECHO], ports: container.ports },
  ];
  template.spec.volumes = [];
  template.spec.terminationGracePeriodSeconds = 1;
  return { ...loki, spec: { ...loki?.spec, template, volumeClaimTemplates: [] } } as typeof loki & object;
}
