/**
 * Pushes to Loki's path what no agent sends, without a pause, until it is ended; prints with which statuses each
 * kind was answered. Run by Node in the network namespace of an edge node.
 */
import { readFileSync } from 'node:fs';
import { Agent, request as ask } from 'node:https';
import { deflateSync, gzipSync } from 'node:zlib';

const { host, address, ca, user } = JSON.parse(process.argv[2]);
const HOUR = 3_600_000;
const MIB = 2 ** 20;

let count = 0;
const next = () => {
  count += 1;
  return count;
};
const at = (age = 0) => `${BigInt(Date.now() - age) * 1_000_000n}`;
const container = (name, more = {}) => ({
  ...{ cluster: 'c', group: 'north', node: 'hostile', namespace: 'many', pod: name, container: 'main' },
  ...{ job: 'many/main', stream: 'stdout', ...more },
});
const line = (labels, text, age) => ({ stream: labels, values: [[at(age), text]] });
const push = (...streams) => ({ body: JSON.stringify({ streams }) });
const many = (length, make) => Array.from({ length }, (_, index) => make(index));
const text = (bytes) => 'x'.repeat(bytes);
const named = (length) => Object.fromEntries(many(length, (index) => [`label_${index}`, 'x']));

/** A push that is a few kilobytes until it is unpacked. */
const bomb = (pack) => {
  const whole = JSON.stringify({ streams: [line(container('bomb'), 'BOMB')] });
  return pack(Buffer.from(whole.replace('BOMB', text(200 * MIB))), { level: 9 });
};
const [gzipBomb, deflateBomb] = [bomb(gzipSync), bomb(deflateSync)];
/** Claims a size of four gigabytes, and has none. */
const snappyBomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
/** Small when packed, and much more in memory than unpacked. */
const packed = (piece, join) =>
  gzipSync(join(many(Math.floor((15 * MIB) / piece.length), () => piece).join(',')));
const packedEntries = packed('["1","x"]', (all) => `{"streams":[{"stream":{"a":"b"},"values":[${all}]}]}`);
const packedStreams = packed('{"stream":{"a":"b"}}', (all) => `{"streams":[${all}]}`);
const packedMetadata = packed(
  '"a":"b"',
  (all) => `{"streams":[{"stream":{"a":"b"},"values":[["${at()}","x",{${all}}]]}]}`,
);
const GZIP = { 'Content-Encoding': 'gzip' };
const PROTOBUF = { 'Content-Type': 'application/x-protobuf' };

const KINDS = {
  'new streams': () => push(...many(500, () => line(container(`pod-${next()}`), 'x'))),
  'invented nodes': () => push(...many(500, () => line(container('x', { node: `node-${next()}` }), 'x'))),
  'names of another group': () =>
    push(line(container('pod-0', { group: 'south', node: 'honest-south' }), 'forged 0')),
  'much of a stream': () =>
    push({ stream: container('much'), values: many(25, () => [at(), `${next()} ${text(100_000)}`]) }),
  'huge lines': () => push(line(container('huge'), text(7 * MIB))),
  'many labels': () => push(line(container('labels', named(30)), 'x')),
  'long values': () => push(line(container('long', { more: 'ü'.repeat(1_500) }), 'x')),
  'no labels': () => push(line({}, 'x')),
  'names that are none': () => push(line({ 'a b': '1', '': '2', é: '3' }, 'x')),
  'times in the future': () => push(line(container('future'), 'x', -48 * HOUR)),
  'times of long ago': () => push(line(container('old'), 'x', 60 * 24 * HOUR)),
  'times that are none': () =>
    push({
      stream: container('never'),
      values: [
        ['99999999999999999999', 'x'],
        ['-1', 'x'],
        ['x', 'x'],
      ],
    }),
  'much metadata': () => push({ stream: container('meta'), values: [[at(), 'x', named(5_000)]] }),
  'gzip bombs': () => ({ body: gzipBomb, headers: GZIP }),
  'deflate bombs': () => ({ body: deflateBomb, headers: { 'Content-Encoding': 'deflate' } }),
  'snappy bombs': () => ({ body: snappyBomb, headers: PROTOBUF }),
  'packed entries': () => ({ body: packedEntries, headers: GZIP }),
  'packed streams': () => ({ body: packedStreams, headers: GZIP }),
  'packed metadata': () => ({ body: packedMetadata, headers: GZIP }),
  'no JSON': () => ({ body: '{"streams": [' }),
  'nested JSON': () => ({ body: `{"streams": ${'['.repeat(MIB)}` }),
  'no protobuf': () => ({ body: text(1_000), headers: PROTOBUF }),
  'large bodies': () => ({ body: text(9 * MIB) }),
  'other methods': () => ({ method: 'DELETE' }),
  queries: () => ({ method: 'GET', path: '/loki/api/v1/query_range?query=%7Bnode%3D~%22.%2B%22%7D' }),
  'another tenant': () => ({
    ...push(line(container('tenant'), 'x')),
    headers: { 'X-Scope-OrgID': 'south' },
  }),
};

const agent = new Agent({ keepAlive: true });
const connection = {
  ...{ agent, host, servername: host, ca: readFileSync(ca), port: 443 },
  lookup: (_, { all }, found) => (all ? found(null, [{ address, family: 4 }]) : found(null, address, 4)),
};

function send({ method = 'POST', path = '/loki/api/v1/push', headers = {}, body = '' }) {
  return new Promise((answered) => {
    const sent = ask(
      {
        ...{ ...connection, method, path, auth: `${user.username}:${user.password}` },
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        response.resume().on('close', () => answered(response.statusCode));
      },
    );
    // A server that refuses a body may close the connection before it has received all of it.
    sent.on('error', ({ code }) => answered(code));
    sent.end(body);
  });
}

/** A query that keeps Loki busy for a second and more. */
const HEAVY = /packed|bombs|huge/;
const kinds = Object.entries(KINDS);
const said = new Set();

/** Number of concurrent requests. */
function flood(workers, some) {
  let turn = 0;
  const work = async () => {
    for (;;) {
      const [kind, make] = some[turn++ % some.length];
      const answer = `${kind}: ${await send(make())}`;
      if (!said.has(answer)) console.log(answer);
      said.add(answer);
    }
  };
  for (let worker = 0; worker < workers; worker += 1) work();
}

flood(
  4,
  kinds.filter(([kind]) => HEAVY.test(kind)),
);
flood(
  12,
  kinds.filter(([kind]) => !HEAVY.test(kind)),
);
