import { BasicAuthIngress, LokiStack } from '../../lib';
import { synthesized } from '../support/synthesize';
import { Cluster } from './runtime/cluster';
import { type RequestOptions, request } from './runtime/http';
import { IngressController } from './runtime/ingress-controller';
import type { Node } from './runtime/node';
import { type Credentials, htpasswd, secret } from './runtime/secrets';
import { eventually } from './runtime/wait';
import { EDGE_NODE_LABELS } from './stack';

const NAMESPACE = 'monitoring';
const PUSH = 'https://logs.example.com/loki/api/v1/push';
const NORTH = { username: 'plant-north', password: 'correct-horse' };
const STRANGE = { username: 'a/b', password: 'correct-horse' };

/** Stands where Loki would: says which tenant it was told. */
const ECHO = `require('node:http')
  .createServer((request, response) => response.end(JSON.stringify(request.headers)))
  .listen(3100)`;

describe('the guard before a Loki with tenants', () => {
  const cluster = new Cluster();
  let edge: Node;
  let ingress: IngressController;

  beforeAll(async () => {
    cluster.addNode({ name: 'cloud-1' });
    edge = cluster.addNode({ name: 'edge-1', labels: EDGE_NODE_LABELS });
    cluster.apply(...objects(), echo());
    cluster.apply(secret(NAMESPACE, 'logs-tls', { ...cluster.authority.issue('logs.example.com') }));
    cluster.apply(secret(NAMESPACE, 'logs-users', { auth: [NORTH, STRANGE].map(htpasswd).join('') }));
    ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    await cluster.start('StatefulSet', NAMESPACE, 'loki');
    await cluster.start('Deployment', NAMESPACE, 'logs-guard');
    await eventually('the ingress leads to the guard', async () => (await push(NORTH)).status === 200);
  });

  afterAll(() => cluster.destroy());

  const push = (user: Credentials | undefined, headers: RequestOptions['headers'] = {}) =>
    request(edge.namespace, PUSH, {
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

  test('refuses who is nobody, and whom Loki could not name', async () => {
    expect((await push(undefined)).status).toBe(401);
    expect((await push(STRANGE)).status).toBe(401);
  });
});

function objects() {
  return synthesized((chart) => {
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
