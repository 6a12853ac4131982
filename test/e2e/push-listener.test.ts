import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { request } from '../runtime/http';
import type { NetNamespace } from '../runtime/net-namespace';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { fleetDist, ReferenceStack } from '../stacks/reference-stack';

/** Sends parts to a port, each once the one before it is on its way, and prints what comes back until the other side closes. */
const RAW = `
const [, host, port, ...parts] = process.argv;
const socket = require('node:net').connect(Number(port), host, async () => {
  for (const part of parts) {
    const [, pause, text] = /^(\\d+) (.*)$/s.exec(part);
    await new Promise((resolve) => setTimeout(resolve, Number(pause)));
    if (text === 'reset') return socket.resetAndDestroy();
    socket.write(Buffer.from(text, 'latin1'));
  }
});
socket.on('data', (data) => process.stdout.write(data));
socket.on('error', () => {});
`;

/**
 * Holds a thousand connections, each in the middle of its headers, and reopens closed ones; prints the number when all
 * are open.
 */
const HOLD = `
let opened = 0;
const open = () => {
  const socket = require('node:net').connect(9091, process.argv[1], () => {
    socket.write('PUT /metrics/job/x HTTP/1.1\\r\\nHost: x\\r\\n');
    if (++opened === 3000) console.log(opened);
  });
  socket.on('error', () => {}).on('close', () => setTimeout(open, 10));
};
for (let count = 0; count < 1000; count++) open();
`;

jest.setTimeout(300_000);

describe('the listener for pushes of the fleet environment', () => {
  let stack: ReferenceStack;
  let agent: Pod;
  let inPod: NetNamespace;

  beforeAll(async () => {
    stack = await ReferenceStack.create({ dist: fleetDist(), edgeNodes: ['edge-1', 'edge-2'] });
    agent = await stack.startEdge('edge-metrics-agent');
    inPod = stack.edgeNode.connectPod('business/guest', `e2e-${process.pid}-guest`).namespace;
    await eventually('the listener answers', async () => (await push('/metrics/job/known')).status === 200);
  });

  afterAll(() => stack?.destroy());

  const onNode = (path: string, options: Parameters<typeof request>[2] = {}) =>
    request(stack.edgeNode.namespace, `http://127.0.0.1:9091${path}`, options);

  const push = (path: string, body: string | Buffer = 'x 1\n', headers: Record<string, string> = {}) =>
    onNode(path, { method: 'PUT', body, headers });

  /** From a pod with a network of its own, or from another node. */
  const from = (namespace: NetNamespace, options: Parameters<typeof request>[2] = {}) =>
    request(namespace, `http://${stack.edgeNode.address}:9091/metrics/job/known`, {
      method: 'PUT',
      body: 'x 1\n',
      ...options,
    });

  /** How many pushes are refused, by job and reason. */
  async function refused(): Promise<Record<string, number>> {
    const { body } = await onNode('/metrics');
    const found = [...body.matchAll(/^edge_pushes_refused_total\{job="(.*)",reason="(.*)"\} (\d+)$/gm)];
    return Object.fromEntries(found.map(([, job, reason, count]) => [`${job} ${reason}`, Number(count)]));
  }

  /** Returns the increase of refusals. */
  async function counted(act: () => Promise<unknown>, expected: Record<string, number>): Promise<void> {
    const before = await refused();
    await act();
    let more: Record<string, number> = {};
    await eventually(
      () => `${JSON.stringify(expected)} is counted, and not ${JSON.stringify(more)}`,
      async () => {
        const now = Object.entries(await refused());
        more = Object.fromEntries(
          now.map(([key, count]) => [key, count - (before[key] ?? 0)] as const).filter(([, count]) => count),
        );
        return JSON.stringify(more) === JSON.stringify(expected);
      },
    );
  }

  async function raw(...parts: string[]): Promise<string> {
    const command = [...stack.edgeNode.namespace.entry, process.execPath, '-e', RAW, '127.0.0.1', '9091'];
    const child = spawn('nsenter', [...command, ...parts], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said: Buffer[] = [];
    child.stdout.on('data', (data) => said.push(data));
    await once(child, 'close');
    return `${Buffer.concat(said)}`;
  }

  const HEAD = 'PUT /metrics/job/known HTTP/1.1\r\nHost: x\r\n';

  test.each<[string, () => Promise<unknown>, string, string]>([
    ['without the password', () => from(inPod), '401', 'known unauthorized'],
    ['from another node', () => from(stack.node('edge-2').namespace), '403', '(other) forbidden'],
    [
      'larger than a push may be',
      () => push('/metrics/job/known', 'x'.repeat(300_000)),
      '413',
      'known too_large',
    ],
    ['too large, of no job', () => push('/metrics/job', 'x'.repeat(300_000)), '413', '(other) too_large'],
    ['to another path', () => push('/api/v1/import'), '404', '(other) path'],
    [
      'by a method that nginx has none of',
      () => onNode('/metrics/job/known', { method: 'TRACE' }),
      '405',
      'known method',
    ],
    ['that do not arrive', () => raw(`0 ${HEAD}Content-Length: 5\r\n\r\nx`), '', 'known timeout'],
    ['given up', () => raw(`0 ${HEAD}Content-Length: 5\r\n\r\nx`, '200 reset'), '', 'known invalid_request'],
    [
      'of two lengths',
      () => raw(`0 ${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
      '400',
      'known invalid_request',
    ],
  ])('counts pushes %s', async (_, act, status, key) => {
    await counted(
      async () => {
        const answer = await act();
        const said = typeof answer === 'string' ? answer : `${(answer as { status: number }).status}`;
        expect(said).toContain(status);
      },
      { [key]: 1 },
    );
  });

  test('counts what is refused by its program once', async () => {
    await counted(() => push('/metrics/job/known', 'x\n'), { 'known unreadable': 1 });
    await counted(() => push('/metrics/job/known', gzipSync('x 1\n'), { 'Content-Encoding': 'gzip' }), {
      'known unsupported': 1,
    });
  });

  const CHUNKED = `${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

  test.each<[string, string[], number]>([
    ['in chunks', [`0 ${CHUNKED}${chunk('x ')}`, `100 ${chunk('1\n')}0\r\n\r\n`], 200],
    [
      'in chunks without an end',
      [`0 ${CHUNKED}${chunk('x'.repeat(100_000))}`, ...Array(3).fill(`50 ${chunk('x'.repeat(100_000))}`)],
      413,
    ],
    ['in a chunk of 2^63 bytes', [`0 ${CHUNKED}8000000000000000\r\nx`], 400],
    ['of a negative length', [`0 ${HEAD}Content-Length: -1\r\n\r\n`], 400],
    ['of two lengths', [`0 ${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\nx 1\n`], 400],
    ['packed in transfer', [`0 ${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`], 501],
    ['with a header of 40 kB', [`0 ${HEAD}X: ${'x'.repeat(40_000)}\r\n\r\n`], 400],
    ['with a path of 40 kB', [`0 PUT /metrics/job/${'x'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`], 414],
    [
      'to a path with a NUL',
      [`0 PUT /metrics/job/x%00y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
      400,
    ],
    [
      'out of its path',
      [`0 PUT /metrics/job/x/../../../v1/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
      405,
    ],
    [
      'to the agent through its path',
      [`0 PUT /metrics/job/../../api/v1/write HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
      404,
    ],
    [
      'to another host',
      [`0 PUT http://127.0.0.1:8429/config HTTP/1.1\r\nHost: 127.0.0.1:8429\r\nConnection: close\r\n\r\n`],
      404,
    ],
    ['by CONNECT', ['0 CONNECT 127.0.0.1:8429 HTTP/1.1\r\nHost: x\r\n\r\n'], 405],
  ])('answers pushes %s', async (_, parts, status) => {
    expect(await raw(...parts)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test('outlives another node that holds all of its connections', async () => {
    const { namespace } = stack.node('edge-2');
    const command = [...namespace.entry, process.execPath, '-e', HOLD, stack.edgeNode.address];
    const child = spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill();
    await once(child, 'close');
    await eventually('pushes are taken', async () => (await push('/metrics/job/known')).status === 200);
    expect(agent.containers.map(({ memory }) => memory.kills)).toEqual(agent.containers.map(() => 0));
  });
});
