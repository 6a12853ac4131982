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
import { program, tryRun } from '../runtime/programs';
import { secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { WatchedApi } from '../runtime/watched-api';
import { CLOUD, EDGE, EDGE_NODE_LABELS, folderOf, ReferenceStack } from '../stacks/reference-stack';
import { Sample, writeRequest } from '../support/write-request';
import { CountingService } from './counting-service';

const PUSH = 'https://push.example.com';
/** The same nodes push to it through ingress-nginx, which ends TLS. */
const BEHIND_NGINX = 'https://nginx.example.com';
const LOGS = 'https://logs.example.com/loki/api/v1/push';

/** A node that is denied by its name, and one that was deleted from the cluster. */
const STOLEN = 'edge-7';
const DELETED = 'edge-8';

const settingsWith = (ca: string): Settings => ({
  cluster: 'certified',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  ingress: {
    controller: proxy({
      namespace: 'ingress-nginx',
      tlsPassthrough: true,
      annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' },
    }),
    authentication: nodeCertificate({ ca }),
  },
  pushgateways: { exporters: { scrapeInterval: '1s' } },
  edge: {
    transport: 'remote-write',
    interval: '1s',
    agent: { sending: { batchWait: '1s', maxBackoff: '1s' }, kubelet: false },
    groups: [{ name: 'pushers', nodeSelector: PUSHES, transport: 'pushgateway' }],
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
    authentication: nodeCertificate({ ca }),
    nodeAdmission: cloud.nodeAdmission,
  });
  new Pushgateway(cloud, 'second', { name: 'second', ingress, consistencyCheck: false });
  new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  warn.mockRestore();
  return app;
}

const node = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
});

/** The labels of nodes in the group `pushers`. */
const PUSHES = { pushes: 'yes' };

/** As `credentials --deny` writes it. */
const denied = (...names: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'denied-nodes', namespace: CLOUD },
  data: Object.fromEntries(names.map((name) => [name, '2026-11-28T01:00:00Z'])),
});

/** Whole numbers, both ends included. */
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

const NODE = '/O=system:nodes/CN=system:node:edge-1';
const keyOf = (name: string) => `/metrics/job/try/instance/${name}/hostname/${name}`;
const OWN_KEY = keyOf('edge-1');

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
  let api: WatchedApi;
  let admissions: Pod[];

  beforeAll(async () => {
    const folder = folderOf(new App(), cleanup);
    authority = new NodeAuthority(join(folder, 'authority'));
    next = new NodeAuthority(join(folder, 'next'));
    const ca = `${authority.certificate}${next.certificate}`;
    stack = await ReferenceStack.create({ dist: folderOf(synthesis(ca), cleanup) });
    cleanup.add(() => stack.destroy());
    const { cluster, edgeNode } = stack;
    cluster.apply(secret(CLOUD, 'nginx-tls', { ...cluster.authority.issue('nginx.example.com') }));
    const labels = { ...EDGE_NODE_LABELS, 'kubernetes.io/hostname': 'edge-2', ...PUSHES };
    const pusher = cluster.addNode({ name: 'edge-2', labels });
    api = new WatchedApi(cluster);
    for (const name of ['cloud-1', 'edge-1', STOLEN]) api.put(node(name));
    api.put(node('edge-2', PUSHES));
    api.put(denied(STOLEN));
    await api.start();
    admissions = await cluster.start('Deployment', CLOUD, 'cloud-node-admission');
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
    const daemonSets = stack.cluster
      .objectsOfKind('DaemonSet')
      .filter(({ metadata }) => metadata.namespace === EDGE);
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
      ['none', () => undefined, 'the client presented no certificate: present the certificate of the node'],
      ['one of another CA', () => foreign, 'the client certificate is invalid: FAILED'],
      ['one that has ended', () => authority.issue(NODE, { days: 0 }), 'certificate has expired'],
      [
        'one for servers',
        () => authority.issue(NODE, { usage: 'serverAuth' }),
        'the client certificate is invalid: FAILED',
      ],
      [
        'that of a denied node',
        () => authority.issue(`/O=system:nodes/CN=system:node:${STOLEN}`),
        `the node ${STOLEN} is denied`,
      ],
      [
        'that of a deleted node',
        () => authority.issue(`/O=system:nodes/CN=system:node:${DELETED}`),
        `the node ${DELETED} does not exist in the cluster`,
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
          [
            subject,
            () => authority.issue(subject),
            'the subject of the certificate contains no node name',
          ] as const,
      ),
    ];

    test.each(refused)('whose certificate is %s is refused, in words', async (name, certificate, reason) => {
      const files = certificate();
      if (name === 'one that has ended') await sleep(1_100);
      const [named = 'edge-1'] = /edge-\d/.exec(reason) ?? [];
      const answer = await ask(`${host}${keyOf(named)}`, files, { user: stack.credentials });
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
      expect(answer).toMatchObject({
        status: 403,
        body: expect.stringContaining('belongs to the node edge-1'),
      });
    });

    test('one that expires is refused on an open connection and on resumed sessions', async () => {
      const end = new Date(Date.now() + 20_000);
      const { certificateFile, keyFile } = authority.issue(NODE, { end });
      const route = [stack.ingress.addressOf(new URL(host).hostname), stack.cluster.authority.file];
      const client = [program('node'), join(__dirname, 'outliving-client.mjs'), key, ...route];
      const command = [...client, certificateFile, keyFile, `${end.getTime()}`];
      const said = await tryRun('nsenter', [...stack.edgeNode.namespace.entry, ...command]);
      const { before, after, again } = JSON.parse(said.stdout || `"${said.stderr}"`);
      expect(before).toMatchObject({ status: 202 });
      const refused = { status: 401, body: expect.stringMatching(/certificate .*expired/) };
      expect(after).toMatchObject(refused);
      expect(again).toEqual(again.map(() => expect.objectContaining(refused)));
      expect(again).toContainEqual(expect.objectContaining({ resumed: true }));
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

  /** Numbers of the service on the node, in whatever group it was when they came. */
  const storedNumbers = async (time: string) => {
    const series = await stack.samples(prometheus, `counted_readings{node="edge-1"}[${time}]`);
    return series.flat().sort((one, other) => one - other);
  };

  describe('is in the group that its labels in the cluster say', () => {
    const groupKey = (group: string) => `${PUSH}${OWN_KEY}/group/${group}`;
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    let written = 0;

    /** The group with which a sample is stored that says another one, in every place that it can. */
    async function groupOfSample(): Promise<string | undefined> {
      const name = `grouped_${++written}`;
      const labels = { __name__: name, job: 'liar', group: 'liars', __group__: 'liars' };
      const body = writeRequest([{ labels, samples: [new Sample(Date.now(), 1)] }]);
      const lies = { ...headers, 'Certified-Group': 'liars', Group: 'liars' };
      const url = `${PUSH}/api/v1/write?extra_label=__group__=liars&extra_label=group=liars`;
      expect(await ask(url, own, { method: 'POST', body, headers: lies })).toMatchObject({ status: 204 });
      const [series] = await eventually(`${name} is stored`, async () => {
        const found = await stack.query(prometheus, name);
        return found.length > 0 && found;
      });
      return series?.metric.group;
    }

    test('by remote write and by pushes, where it is in none', async () => {
      expect(await groupOfSample()).toBeUndefined();
      const answer = await ask(groupKey('pushers'), own, { headers: { 'Certified-Group': 'pushers' } });
      expect(answer).toMatchObject({
        status: 403,
        body: expect.stringContaining('remove the label "group"'),
      });
      expect(await ask(`${PUSH}${OWN_KEY}`, own)).toMatchObject({ status: 202 });
    });

    test('and in the new one, once these labels have changed', async () => {
      api.put(node('edge-1', PUSHES));
      // Of both guards, two in turn, which keep answers of their own.
      await eventually('it is in the group', async () => {
        for (let asked = 0; asked < 4; asked += 1)
          if ((await ask(groupKey('pushers'), own)).status !== 202) return false;
        return true;
      });
      for (let asked = 0; asked < 2; asked += 1) expect(await groupOfSample()).toBe('pushers');
      expect(await ask(groupKey('liars'), own)).toMatchObject({
        status: 403,
        body: expect.stringContaining('set the label "group" to pushers'),
      });
    });

    test('and in none, once it has none of them', async () => {
      api.put(node('edge-1'));
      await eventually('it is in none again', async () => (await groupOfSample()) === undefined);
    });
  });

  test('agents of logs are told to try again where their certificate is refused, and lose no line', async () => {
    const headers = { 'Content-Type': 'application/json' };
    for (const certificate of [undefined, foreign, authority.issue('/CN=edge-1')]) {
      expect(await ask(LOGS, certificate, { method: 'POST', body: '{}', headers })).toMatchObject({
        status: 503,
      });
    }
  });

  /** Number of requests that the replicas of the program refused so far, by reason. */
  const refusals = async (): Promise<Record<string, number>> => {
    const counted: Record<string, number> = {};
    for (const pod of admissions) {
      const { body } = await stack.fromCloud(pod, ':8081/metrics');
      for (const [, reason = '', name, value] of body.matchAll(
        /^node_admission_refused_total\{reason="(\w+)",node="(.*)"\} (\d+)$/gm,
      )) {
        const key = name ? `${reason} ${name}` : reason;
        counted[key] = (counted[key] ?? 0) + Number(value);
      }
    }
    return counted;
  };

  test('what was refused is counted by reason, and with the name where the certificate is valid', async () => {
    const counted = await refusals();
    expect(Object.keys(counted).sort()).toEqual([
      'deleted edge-8',
      'denied edge-7',
      'expired',
      'foreign',
      'no_certificate',
      'wrong_name',
    ]);
  });

  describe('a node that is cut off', () => {
    const status = async () => (await ask(`${PUSH}${OWN_KEY}`, own)).status;
    /** The host has two guards with separate caches, so two requests in turn reach both. */
    const becomes = (expected: number) =>
      eventually(`the node is answered ${expected}`, async () => {
        for (let asked = 0; asked < 4; asked += 1) if ((await status()) !== expected) return false;
        return true;
      });
    const stored = () => storedNumbers('15m');
    const pushedBySecond = async () => {
      const [pushed] = await stack.query(prometheus, 'push_time_seconds{node="edge-2", job="node_exporter"}');
      return Number(pushed?.value[1]);
    };

    /** The node is refused within a minute, in samples of one second; another one pushes on. */
    async function isCutOff(cut: () => void): Promise<void> {
      const before = service.said.length;
      const pushed = await pushedBySecond();
      cut();
      await becomes(401);
      await eventually('the agent was read on', () => service.said.length >= before + 5);
      await eventually('the other node pushes on', async () => (await pushedBySecond()) > pushed + 2);
      const last = (await stored()).at(-1) ?? 0;
      expect(last).toBeLessThanOrEqual(before + 60);
      expect(last).toBeLessThan(service.said.length);
    }

    /** Expects that every number of the service is stored once. */
    async function isBackWhole(): Promise<void> {
      await becomes(202);
      const last = service.said.length;
      await eventually('each number is stored', async () => {
        const numbers = new Set(await stored());
        const [first = 0] = numbers;
        return range(first, last).every((one) => numbers.has(one));
      });
    }

    test('by the list of denied nodes sends nothing until it is allowed again, and loses no sample', async () => {
      await isCutOff(() => api.put(denied(STOLEN, 'edge-1')));
      api.put(denied(STOLEN));
      await isBackWhole();
    });

    test('by its deletion from the cluster is refused until it joins again', async () => {
      await isCutOff(() => api.remove(node('edge-1')));
      api.put(node('edge-1'));
      await isBackWhole();
    });

    test('stays so while the program is away, and others are admitted', async () => {
      const stolen = authority.issue(`/O=system:nodes/CN=system:node:${STOLEN}`);
      const key = `${PUSH}${keyOf(STOLEN)}`;
      // Both guards of the host, which know their own answers.
      for (let asked = 0; asked < 4; asked += 1)
        expect(await ask(key, stolen)).toMatchObject({ status: 401 });
      for (const pod of admissions) await pod.stop(0);
      const unknown = authority.issue('/O=system:nodes/CN=system:node:edge-5');
      expect(await ask(`${PUSH}${keyOf('edge-5')}`, unknown)).toMatchObject({ status: 202 });
      expect(await status()).toBe(202);
      expect(await ask(key, stolen)).toMatchObject({ status: 401 });
      expect(await ask(key, undefined)).toMatchObject({ status: 401 });
      for (const pod of admissions) await pod.start();
      const other = authority.issue('/O=system:nodes/CN=system:node:edge-6');
      await eventually(
        'an unknown node is refused again',
        async () => (await ask(`${PUSH}${keyOf('edge-6')}`, other)).status === 401,
      );
    });

    test('after a restart of the API server that knows no change of before', async () => {
      api.stop();
      expect(await status()).toBe(202);
      await api.start();
      api.forget();
      api.put(denied('edge-1'));
      await becomes(401);
      api.put(denied(STOLEN));
      await becomes(202);
    });

    test('and an empty list of nodes cuts off nobody', async () => {
      api.stop();
      await api.start(true);
      const doubtful = () =>
        admissions.every((pod) =>
          pod.container('cloud-node-admission').logs.join('\n').includes('returned only 0 nodes'),
        );
      await eventually('each replica has read the empty list', doubtful);
      expect(await status()).toBe(202);
      api.heal();
      api.put(denied('edge-1'));
      await becomes(401);
      api.put(denied(STOLEN));
      await becomes(202);
    });
  });

  test('a renewed certificate is shown at the next connection, and no sample is lost', async () => {
    const before = service.said.length;
    next.enroll(stack.edgeNode);
    next.enroll(stack.node('edge-2'));
    // Certificates of the old CA are refused from now on.
    const config = stack.cluster.object('ConfigMap', CLOUD, 'push-guard-config');
    stack.cluster.apply({ ...config, data: { ...config.data, 'node-ca.crt': next.certificate } });
    for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
    await stack.ingress.endConnections();
    expect(await ask(`${PUSH}${OWN_KEY}`, own)).toMatchObject({ status: 401 });
    await eventually('it was read ten times since', () => service.said.length >= before + 10);
    const last = service.said.length;
    const stored = await eventually('the last number is stored', async () => {
      const numbers = await storedNumbers('10m');
      return numbers.includes(last) && numbers;
    });
    const first = stored[0] ?? 0;
    expect(stored.slice(0, last - first + 1)).toEqual(range(first, last));
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
