import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import {
  BasicAuthIngress,
  CloudChart,
  EdgeChart,
  ingressNginx,
  nodeCertificate,
  Pushgateway,
  proxy,
  type Settings,
} from '../../lib';
import { Cleanup } from '../runtime/cleanup';
import type { RequestOptions } from '../runtime/http';
import { type ClientFiles, NodeAuthority } from '../runtime/node-authority';
import type { Pod } from '../runtime/pod';
import { secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { CLOUD, EDGE, EDGE_NODE_LABELS, folderOf, ReferenceStack } from '../stacks/reference-stack';
import { Sample, writeRequest } from '../support/write-request';
import { CountingService } from './counting-service';

const PUSH = 'https://push.example.com';
/** The same nodes push to it through ingress-nginx, which ends TLS. */
const BEHIND_NGINX = 'https://nginx.example.com';
const LOGS = 'https://logs.example.com/loki/api/v1/push';

/** A node that is cut off by its name. */
const STOLEN = 'edge-7';

const settingsWith = (ca: string): Settings => ({
  cluster: 'certified',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  ingress: {
    controller: proxy({
      namespace: 'ingress-nginx',
      tlsPassthrough: true,
      annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' },
    }),
    authentication: nodeCertificate({ ca, refusedNodes: [STOLEN] }),
  },
  pushgateways: { exporters: { scrapeInterval: '1s' } },
  edge: {
    transport: 'remote-write',
    interval: '1s',
    agent: { sending: { batchWait: '1s', maxBackoff: '1s' }, kubelet: false },
    groups: [{ name: 'pushers', nodeSelector: { pushes: 'yes' }, transport: 'pushgateway' }],
  },
});

function synthesis(ca: string): App {
  const warn = jest.spyOn(console, 'warn').mockReturnValue(undefined);
  const app = new App();
  const settings = settingsWith(ca);
  const cloud = new CloudChart(app, 'cloud', { settings });
  const ingress = new BasicAuthIngress(cloud, 'nginx', {
    name: 'nginx',
    host: 'nginx.example.com',
    controller: ingressNginx(),
    authentication: nodeCertificate({ ca, refusedNodes: [STOLEN] }),
  });
  new Pushgateway(cloud, 'second', { name: 'second', ingress, consistencyCheck: false });
  new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  warn.mockRestore();
  return app;
}

const NODE = '/O=system:nodes/CN=system:node:edge-1';
const OWN_KEY = '/metrics/job/try/instance/edge-1/hostname/edge-1';

describe('nodes that push by their certificates', () => {
  const cleanup = new Cleanup();
  let stack: ReferenceStack;
  let authority: NodeAuthority;
  let next: NodeAuthority;
  let own: ClientFiles;
  let foreign: ClientFiles;
  let prometheus: Pod;
  let second: Pod;
  let service: CountingService;

  beforeAll(async () => {
    const folder = folderOf(new App(), cleanup);
    authority = new NodeAuthority(join(folder, 'authority'));
    next = new NodeAuthority(join(folder, 'next'));
    const ca = `${authority.certificate}${next.certificate}`;
    stack = await ReferenceStack.create({ dist: folderOf(synthesis(ca), cleanup) });
    cleanup.add(() => stack.destroy());
    const { cluster, edgeNode } = stack;
    cluster.apply(secret(CLOUD, 'nginx-tls', { ...cluster.authority.issue('nginx.example.com') }));
    const labels = { ...EDGE_NODE_LABELS, 'kubernetes.io/hostname': 'edge-2', pushes: 'yes' };
    const pusher = cluster.addNode({ name: 'edge-2', labels });
    own = authority.enroll(edgeNode);
    authority.enroll(pusher);
    foreign = new NodeAuthority(join(folder, 'foreign')).issue(NODE);
    service = await CountingService.start(edgeNode);
    cleanup.add(() => service.stop());
    prometheus = await stack.startCloud('prometheus');
    second = await stack.startCloud('second');
    for (const name of ['pushgateway', 'pushgateway-services', 'metrics-gateway']) {
      await cluster.start('StatefulSet', CLOUD, name);
    }
    for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
  });

  afterAll(() => cleanup.run());

  const ask = (url: string, certificate?: ClientFiles, more: RequestOptions = {}) =>
    stack.fromEdge(url, { method: 'PUT', body: 'pushed 1\n', ...(certificate && { certificate }), ...more });

  const nodes = async () =>
    (await stack.query(prometheus, 'node_boot_time_seconds{node=~"edge-.*"}'))
      .map(({ metric }) => metric.node)
      .sort();

  test('metrics of the agent and of the sidecar arrive, and pods of the edge have no password', async () => {
    await stack.startEdges('edge-node-exporter');
    await stack.startEdges('edge-node-exporter-pushers');
    await stack.startEdges('edge-metrics-agent');
    await eventually('both nodes are in Prometheus', async () => (await nodes()).join() === 'edge-1,edge-2');
    const daemonSets = stack.cluster.all('DaemonSet').filter(({ metadata }) => metadata.namespace === EDGE);
    expect(JSON.stringify(daemonSets)).not.toContain('credentials');
  });

  describe.each([
    ['the guard, which ends TLS', PUSH],
    ['ingress-nginx, which ends TLS before the guard', BEHIND_NGINX],
  ])('by %s', (_, host) => {
    const key = `${host}${OWN_KEY}`;

    test('a node may push', async () => {
      expect(await ask(key, own)).toMatchObject({ status: 202 });
    });

    const refused: readonly (readonly [string, () => ClientFiles | undefined, string])[] = [
      ['none', () => undefined, 'no certificate was shown: show that of the node'],
      ['one of another authority', () => foreign, 'the certificate is refused: FAILED'],
      ['one that has ended', () => authority.issue(NODE, { days: 0 }), 'certificate has expired'],
      [
        'one for servers',
        () => authority.issue(NODE, { usage: 'serverAuth' }),
        'the certificate is refused: FAILED',
      ],
      [
        'that of a node that is cut off',
        () => authority.issue(`/O=system:nodes/CN=system:node:${STOLEN}`),
        `the node ${STOLEN} is cut off`,
      ],
      ...[
        '/O=KubeEdge/CN=kubeedge.io',
        '/O=system:nodes/CN=edge-1',
        '/O=system:nodes/CN=system:node:edge-9/CN=system:node:edge-1',
        '/O=system:nodes/O=system:masters/CN=system:node:edge-1',
        '/CN=system:node:edge-1,O=system:nodes',
        '/O=system:nodes/CN=system:node:Edge_1',
        '/CN=system:node:edge-1/O=system:nodes',
      ].map(
        (subject) =>
          [subject, () => authority.issue(subject), 'the subject of the certificate names no node'] as const,
      ),
    ];

    test.each(refused)('whose certificate is %s is refused, in words', async (name, certificate, reason) => {
      const files = certificate();
      if (name === 'one that has ended') await sleep(1_100);
      const answer = await ask(key, files, { user: stack.credentials });
      expect(answer).toMatchObject({ status: 401, body: expect.stringContaining(reason), challenge: '' });
    });

    test.each([
      '/metrics/job/try/hostname/edge-9',
      '/metrics/job/try',
      '/metrics/job/try/instance/edge-1',
      '/metrics/job/hostname/instance/hostname/x/edge-1',
      '/metrics/job/try/hostname@base64/ZWRnZS05',
      '/metrics/job/try/hostname@base64/ZWRnZS0x',
      '/metrics/job/try/hostname/edge-1/hostname/edge-9',
      '/metrics/job/try/hostname/edge-1/hostname@base64/ZWRnZS05',
      '/metrics/job/try/a/hostname/hostname/edge-10',
      '/metrics/job/try/hostn%61me/edge-9',
      '/metrics/job@base64/dHJ5/x/y/hostname/edge-1.',
    ])('as the node of its certificate alone: %s is refused', async (path) => {
      const answer = await ask(`${host}${path}`, own);
      expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('that of the node edge-1') });
    });

    test('with headers that say that it is another one, as itself', async () => {
      const headers = {
        'ssl-client-verify': 'SUCCESS',
        'ssl-client-subject-dn': 'CN=system:node:edge-9,O=system:nodes',
        'X-Auth-User': 'edge-9',
      };
      const other = `${host}/metrics/job/try/hostname/edge-9`;
      expect(await ask(other, own, { headers })).toMatchObject({ status: 403 });
      expect(await ask(other, undefined, { headers })).toMatchObject({ status: 401 });
    });
  });

  test('business services push by a password, which opens nothing else', async () => {
    const { credentials: user } = stack;
    const services = `${PUSH}/services/metrics/job/shop`;
    expect(await ask(services, undefined, { user })).toMatchObject({ status: 200 });
    expect(await ask(services, own)).toMatchObject({ status: 401 });
    expect(await ask(`${PUSH}${OWN_KEY}`, undefined, { user })).toMatchObject({
      status: 401,
    });
  });

  test('remote write is of the node of the certificate, whatever series and query say', async () => {
    const labels = { __name__: 'lied', node: 'edge-9', __node__: 'edge-9', job: 'liar', instance: 'edge-9' };
    const body = writeRequest([{ labels, samples: [new Sample(Date.now(), 1)] }]);
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    const url = `${PUSH}/api/v1/write?extra_label=node=edge-9&extra_label=__node__=edge-9`;
    expect(await ask(url, own, { method: 'POST', body, headers })).toMatchObject({ status: 204 });
    const [series] = await eventually('the sample is stored', async () => {
      const found = await stack.query(prometheus, 'lied');
      return found.length > 0 && found;
    });
    expect(series?.metric).toMatchObject({ node: 'edge-1', cluster: 'certified' });
    expect(series?.metric).not.toHaveProperty('__node__');
    const limiter = await stack.query(prometheus, 'metrics_gateway_limiter_nodes');
    expect(limiter.map(({ value }) => value[1])).not.toContain('2');
  });

  test('agents of logs are told to try again where their certificate is refused, and lose no line', async () => {
    const headers = { 'Content-Type': 'application/json' };
    for (const certificate of [undefined, foreign, authority.issue('/CN=edge-1')]) {
      expect(await ask(LOGS, certificate, { method: 'POST', body: '{}', headers })).toMatchObject({
        status: 503,
      });
    }
  });

  test('a renewed certificate is shown at the next connection, and no sample is lost', async () => {
    const before = service.said.length;
    next.enroll(stack.edgeNode);
    next.enroll(stack.node('edge-2'));
    // What the old authority signed is refused from now on.
    const config = stack.cluster.object('ConfigMap', CLOUD, 'push-guard-config');
    stack.cluster.apply({ ...config, data: { ...config.data, 'node-ca.crt': next.certificate } });
    for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
    await stack.ingress.endConnections();
    expect(await ask(`${PUSH}${OWN_KEY}`, own)).toMatchObject({ status: 401 });
    await eventually('it was read ten times since', () => service.said.length >= before + 10);
    const last = service.said.length;
    const stored = await eventually('the last number is stored', async () => {
      const [series] = await stack.samples(prometheus, 'counted_readings{node="edge-1"}[10m]');
      return series?.includes(last) && series;
    });
    const first = stored[0] ?? 0;
    expect(stored.slice(0, last - first + 1)).toEqual(
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    await eventually('the sidecar pushes on', async () => {
      const [pushed] = await stack.query(
        prometheus,
        'time() - push_time_seconds{node="edge-2", job="node_exporter"}',
      );
      return Number(pushed?.value[1]) < 3;
    });
    expect(await stack.pushed(second, 'pushed')).toEqual([expect.stringContaining('hostname="edge-1"')]);
  });
});
