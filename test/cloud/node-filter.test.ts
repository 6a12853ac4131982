import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { NodeFilter } from '../../lib/cloud/loki/node-filter/node-filter.mjs';
import { setLabelsInLabelSetText } from '../../lib/cloud/loki/node-filter/push-request.mjs';
import { Fields } from '../../lib/programs/protobuf.mjs';
import { decompressSnappy, encodeSnappyWithoutCompression } from '../../lib/programs/snappy.mjs';
import { encodePushRequest } from '../support/log-push';
import { type ServedHere, serveHere } from '../support/served-here';

const LONGEST = 100_000;

describe('the filter before a Loki', () => {
  const taken: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  let status = 204;
  let loki: Server;
  let served: ServedHere;

  beforeAll(async () => {
    loki = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        taken.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(status).end('said by Loki');
      });
    });
    await new Promise<void>((resolve) => loki.listen(0, '127.0.0.1', resolve));
    const { port } = loki.address() as AddressInfo;
    const filter = new NodeFilter({
      LOKI_PORT: `${port}`,
      NODE_HEADER: 'Node',
      GROUP_HEADER: 'Group',
      LARGEST_PUSH: `${LONGEST}`,
    });
    served = await serveHere(filter.handleRequest);
  });

  afterAll(async () => {
    await served.stop();
    loki.close();
    loki.closeAllConnections();
  });

  beforeEach(() => {
    taken.length = 0;
    status = 204;
  });

  const push = (body: Buffer, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${served.ports[0]}/loki/api/v1/push`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { Node: 'edge-1', ...headers },
    });
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };
  const PROTOBUF = { 'Content-Type': 'application/x-protobuf' };

  /** Labels and raw entries of a push of protobuf. */
  const streamsOf = (packed: Buffer) => {
    const request = decompressSnappy(packed, LONGEST);
    const streams: { labels: string; entries: Buffer[] }[] = [];
    for (const field = new Fields(request); field.readNextField(); ) {
      const one = { labels: '', entries: [] as Buffer[] };
      for (const part = new Fields(request, field.start, field.end); part.readNextField(); ) {
        if (part.tag === 10) one.labels = request.toString('utf8', part.start, part.end);
        else one.entries.push(request.subarray(part.from, part.end));
      }
      streams.push(one);
    }
    return streams;
  };

  test.each([
    [undefined, { node: 'edge-1', group: 'lie' }],
    ['-', { node: 'edge-1' }],
    ['north', { node: 'edge-1', group: 'north' }],
  ])('sets the group that the guard states: %s', async (group, labels) => {
    const stated: Record<string, string> = group ? { Group: group } : {};
    await push(json({ streams: [{ stream: { group: 'lie' }, values: [] }] }), { ...JSON_TYPE, ...stated });
    const [{ body = Buffer.alloc(0) } = {}] = taken;
    expect(JSON.parse(body.toString()).streams).toEqual([{ stream: labels, values: [] }]);
  });

  test.each([
    ['as it is', (body: Buffer) => body, {}],
    ['packed', (body: Buffer) => gzipSync(body), { 'Content-Encoding': 'gzip' }],
  ])('sets the node of lines in JSON, and nothing else, %s', async (_, packed, headers) => {
    const values = [['1700000000000000000', 'a "line" ü', { trace: '1' }]];
    const body = json({
      streams: [
        { stream: { job: 'a', node: 'edge-9' }, values },
        { stream: {}, values },
      ],
    });
    expect((await push(packed(body), { ...JSON_TYPE, ...headers })).status).toBe(204);
    expect(JSON.parse(`${taken[0]?.body}`)).toEqual({
      streams: [
        { stream: { job: 'a', node: 'edge-1' }, values },
        { stream: { node: 'edge-1' }, values },
      ],
    });
    expect(taken[0]?.headers).not.toHaveProperty('content-encoding');
  });

  test('hands on nothing that Loki would read and it does not', async () => {
    const liar = [{ stream: { node: 'edge-9' }, values: [], Stream: { node: 'edge-9' } }];
    await push(json({ streams: liar, Streams: liar, STREAMS: liar }), JSON_TYPE);
    expect(`${taken[0]?.body}`).not.toContain('edge-9');
  });

  test('sets the node of lines in protobuf, and leaves them as they are', async () => {
    const entries = [Buffer.from('first'), Buffer.from([0xff, 0xfe])];
    const request = encodePushRequest([
      { labels: '{job="a", node="edge-9", b="x\\"y,node=\\"z"}', entries },
      { labels: '{job="b"}', entries: [Buffer.from('other')] },
    ]);
    expect((await push(encodeSnappyWithoutCompression(request), PROTOBUF)).status).toBe(204);
    const streams = streamsOf(taken[0]?.body ?? Buffer.alloc(0));
    expect(streams.map(({ labels }) => labels)).toEqual([
      '{node="edge-1",job="a",b="x\\"y,node=\\"z"}',
      '{node="edge-1",job="b"}',
    ]);
    expect(streams.map((one) => one.entries.length)).toEqual([2, 1]);
    expect(streams[0]?.entries[1]?.subarray(-2)).toEqual(Buffer.from([0xff, 0xfe]));
  });

  test('leaves pushes alone that come by a password', async () => {
    const body = gzipSync(json({ streams: [] }));
    await push(body, { ...JSON_TYPE, Node: '', 'Content-Encoding': 'gzip' });
    expect(taken[0]?.body).toEqual(body);
    expect(taken[0]?.headers['content-encoding']).toBe('gzip');
  });

  test.each([
    ['JSON that is cut short', Buffer.from('{"streams": ['), JSON_TYPE, 400],
    ['JSON without streams', json({}), JSON_TYPE, 400],
    ['JSON of a stream that is none', json({ streams: [null] }), JSON_TYPE, 400],
    ['null', Buffer.from('null'), JSON_TYPE, 400],
    ['no Snappy', Buffer.from('none'), PROTOBUF, 400],
    [
      'labels in a form of their own',
      encodeSnappyWithoutCompression(encodePushRequest([{ labels: "{node='edge-9'}", entries: [] }])),
      PROTOBUF,
      400,
    ],
    ['too much', Buffer.alloc(LONGEST + 1), PROTOBUF, 413],
    [
      'too much when unpacked',
      gzipSync(Buffer.alloc(LONGEST + 1)),
      { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
      413,
    ],
    ['another packing', Buffer.from('{}'), { ...JSON_TYPE, 'Content-Encoding': 'zstd' }, 415],
    [
      'protobuf that is packed twice',
      gzipSync(encodeSnappyWithoutCompression(Buffer.alloc(0))),
      { ...PROTOBUF, 'Content-Encoding': 'gzip' },
      415,
    ],
  ])('refuses %s, and Loki gets nothing', async (_, body, headers, expected) => {
    expect((await push(body, headers)).status).toBe(expected);
    expect(taken).toEqual([]);
  });

  test('answers what Loki answers', async () => {
    status = 429;
    const answer = await push(json({ streams: [] }), JSON_TYPE);
    expect([answer.status, await answer.text()]).toEqual([429, 'said by Loki']);
  });
});

test.each([
  ['{}', '{node="n"}'],
  [' { node = "a" , } ', '{node="n"}'],
  ['{a="1",node="x",node="y"}', '{node="n",a="1"}'],
  ['{a="\\\\", node="}"}', '{node="n",a="\\\\"}'],
])('of labels, the node alone is replaced: %s', (labels, expected) => {
  expect(setLabelsInLabelSetText({ node: 'n' }, labels)).toBe(expected);
});

test('of labels, one that is empty is removed', () => {
  expect(setLabelsInLabelSetText({ node: 'n', group: '' }, '{group="x", a="1"}')).toBe('{node="n",a="1"}');
});

test.each([
  '',
  'a="1"',
  '{a}',
  '{a=1}',
  '{"node"="x"}',
  '{a=`1`}',
  '{a="1" b="2"}',
  '{a="1"}{node="x"}',
  '{a="\n"}',
])('labels that no agent writes are refused: %j', (labels) => {
  expect(() => setLabelsInLabelSetText({ node: 'n' }, labels)).toThrow('invalid labels');
});
