import { join } from 'node:path';
import { App } from 'cdk8s';
import { CloudChart, EdgeChart, nodeCertificate, proxy, type Settings } from '../../lib';
import { encodeSnappyWithoutCompression } from '../../lib/programs/snappy.mjs';
import { Cleanup } from '../runtime/cleanup';
import type { RequestOptions } from '../runtime/http';
import { type ClientFiles, NodeAuthority } from '../runtime/node-authority';
import { eventually } from '../runtime/wait';
import { WatchedApi } from '../runtime/watched-api';
import { AGENTS_UNDER_TEST, GIVEN_AGENTS } from '../stacks/log-agents';
import { LokiClient } from '../stacks/loki-client';
import { withLoki } from '../stacks/loki-objects';
import { CLOUD, EDGE_NODE_LABELS, folderOf, ReferenceStack } from '../stacks/reference-stack';
import { encodePushRequest } from '../support/log-push';
import { CONTAINERS, ContainerLogs } from './container-logs';

const PUSH = 'https://logs.example.com/loki/api/v1/push';

/** Each agent whose program is given has a group of nodes of its name, with one node. */
const given = GIVEN_AGENTS.map(({ agent }) => ({ group: agent.name, agent }));

const listedNode = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
});

const nodeOf = (group: string): string => `edge-${group}`;

function synthesis(ca: string): App {
  const warn = jest.spyOn(console, 'warn').mockReturnValue(undefined);
  const settings: Settings = {
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
    edge: {
      groups: [
        ...given.map(({ group, agent }) => ({
          name: group,
          nodeSelector: { agent: group },
          logs: { agent },
        })),
        // The node that lies is in none of the groups that there are.
        { name: 'empty', nodeSelector: { agent: 'none' } },
      ],
    },
  };
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  warn.mockRestore();
  return app;
}

for (const { variable, name } of AGENTS_UNDER_TEST) {
  if (!process.env[variable]) test.todo(`${name} with a certificate: NOT RUN, set ${variable} and E2E_LOKI`);
}

withLoki('log lines of nodes with certificates', () => {
  const cleanup = new Cleanup();
  let stack: ReferenceStack;
  let next: NodeAuthority;
  let loki: LokiClient;
  let own: ClientFiles;
  const files = new Map<string, ContainerLogs>();

  beforeAll(async () => {
    const folder = folderOf(new App(), cleanup);
    const authority = new NodeAuthority(join(folder, 'authority'));
    next = new NodeAuthority(join(folder, 'next'));
    const ca = `${authority.certificate}${next.certificate}`;
    stack = await ReferenceStack.create({ dist: folderOf(synthesis(ca), cleanup) });
    cleanup.add(() => stack.destroy());
    own = authority.enroll(stack.edgeNode);
    const api = new WatchedApi(stack.cluster);
    for (const name of ['cloud-1', 'edge-1']) api.put(listedNode(name));
    for (const { group } of given) api.put(listedNode(nodeOf(group), { agent: group }));
    await api.start();
    await stack.cluster.start('Deployment', CLOUD, 'cloud-node-admission');
    const pod = await stack.startCloud('loki');
    loki = new LokiClient(stack.node('cloud-1').namespace, pod);
    for (const { group } of given) {
      const labels = { ...EDGE_NODE_LABELS, 'kubernetes.io/arch': 'amd64', agent: group };
      const node = stack.cluster.addNode({ name: nodeOf(group), labels });
      authority.enroll(node);
      files.set(group, new ContainerLogs(node));
    }
    await eventually('Loki takes lines', async () => (await loki.push()).status < 500, { seconds: 60 });
  });

  afterAll(() => cleanup.run());

  const push = (body: string | Buffer, type: string, more: RequestOptions = {}) =>
    stack.fromEdge(PUSH, {
      method: 'POST',
      body,
      certificate: own,
      headers: { 'Content-Type': type },
      ...more,
    });

  const nodesOf = async (text: string) =>
    eventually(`lines of ${text} are stored`, async () => {
      const lines = await loki.lines(`{job="lie"} |= \`${text}\``, 1);
      return lines.length > 0 && lines.map(({ labels }) => `${labels.node} in ${labels.group}`);
    });

  test('in JSON are of the node of the certificate, whatever they say', async () => {
    const values = [[`${Date.now()}000000`, 'told in JSON']];
    const body = JSON.stringify({
      streams: [{ stream: { job: 'lie', node: 'edge-9', group: 'liars' }, values }],
    });
    const headers = {
      'Content-Type': 'application/json',
      'Certified-Node': 'edge-9',
      'Certified-Group': 'liars',
    };
    expect(await push(body, '', { headers })).toMatchObject({ status: 204 });
    expect(await nodesOf('told in JSON')).toEqual(['edge-1 in undefined']);
  });

  test('in protobuf are so, too', async () => {
    const labels = '{job="lie", node="edge-9", group="liars"}';
    const body = encodeSnappyWithoutCompression(
      encodePushRequest([{ labels, entries: [Buffer.from('told in protobuf')] }]),
    );
    expect(await push(body, 'application/x-protobuf')).toMatchObject({ status: 204 });
    expect(await nodesOf('told in protobuf')).toEqual(['edge-1 in undefined']);
  });

  test('that Loki refuses are answered as Loki does', async () => {
    expect(await push('{"streams": "none"}', 'application/json')).toMatchObject({ status: 400 });
    const old = [['1000000000000000000', 'too old']];
    const body = JSON.stringify({ streams: [{ stream: { job: 'lie' }, values: old }] });
    expect(await push(body, 'application/json')).toMatchObject({
      status: 400,
      body: expect.stringContaining('too old'),
    });
  });

  if (given.length === 0) return;

  const counts = (text: string, group: string) =>
    loki.values(`sum by (pod) (count_over_time({node="${nodeOf(group)}"} |= \`${text}\` [1h]))`);

  const arrived = (text: string, lines: number) =>
    Promise.all(
      given.map(({ group }) => {
        let found: number[] = [];
        return eventually(
          () => `${lines} lines "${text}" of ${group} in ${CONTAINERS} containers are stored, but ${found}`,
          async () => {
            found = await counts(text, group);
            return found.length === CONTAINERS && found.every((count) => count === lines);
          },
          { seconds: 180, progress: () => found },
        );
      }),
    );

  test(`of ${given.map(({ group }) => group).join(', ')} arrive by the certificates of their nodes`, async () => {
    for (const { group } of given) await stack.startEdges(`edge-log-collector-${group}`);
    for (const one of files.values()) one.write('before', 2);
    await arrived('before', 2);
  });

  test('are all there after the authority and the certificates were replaced while lines were written', async () => {
    let written = 0;
    const write = () => {
      for (const one of files.values()) one.write('renewed', 1);
      written += 1;
    };
    const timer = setInterval(write, 500);
    try {
      await eventually('lines are written', () => written >= 5);
      for (const { group } of given) next.enroll(stack.node(nodeOf(group)));
      // Certificates of the old CA are refused from now on.
      const config = stack.cluster.object('ConfigMap', CLOUD, 'logs-guard-config');
      stack.cluster.apply({ ...config, data: { ...config.data, 'node-ca.crt': next.certificate } });
      for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
      await stack.ingress.endConnections();
      expect(await push('{"streams": []}', 'application/json')).toMatchObject({ status: 503 });
      const before = written;
      await eventually('lines are written with the new certificates', () => written >= before + 20);
    } finally {
      clearInterval(timer);
    }
    await arrived('renewed', written);
  });
});
