// Malicious or broken requests that one client can send, by name.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { field, label, sample, series, snappy } from '../../support/remote-write.mjs';

const KEY = '/metrics/job/hostile/instance/x/hostname/x';
const GZIP = { 'Content-Encoding': 'gzip' };
const WRITE = { 'Content-Type': 'application/x-protobuf' };

const push = (body, { path = KEY, headers = {}, method = 'PUT' } = {}) => ({
  method,
  path,
  headers,
  body: Buffer.from(body),
});
const packed = (body) => push(gzipSync(body), { headers: GZIP });
const write = (plain, headers = {}) => ({
  body: snappy(plain),
  headers: { ...WRITE, 'Content-Encoding': 'snappy', ...headers },
});
const unpackingTo = (plain) => ({
  body: zstdCompressSync(plain),
  headers: { ...WRITE, 'Content-Encoding': 'zstd' },
});

const MEBI = 2 ** 20;
const now = Date.now();
const one = (labels, ...more) => series({ __name__: 'attack', node: 'x', job: 'any', ...labels }, more);
const many = (count, make) => Buffer.concat(Array.from({ length: count }, (_, number) => make(number)));

/** One label of 1.5 GB, in many small members of gzip. */
function bomb() {
  const part = gzipSync('x'.repeat(2 ** 24), { level: 9 });
  return Buffer.concat([gzipSync('a{b="'), ...Array.from({ length: 90 }, () => part), gzipSync('"} 1\n')]);
}

const careless = [
  'a{job="honest",instance="h",hostname="h"} 1',
  '# TYPE honest_total gauge',
  'honest_total{job="honest"} 77 1700000000000',
  'go_goroutines 5',
  'process_cpu_seconds_total 6',
  '',
].join('\n');

/** A stale marker: https://github.com/prometheus/prometheus/blob/main/model/value/value.go. */
function stale(time) {
  const marked = sample(time, 0);
  marked.writeBigUInt64LE(0x7ff0000000000002n, marked.indexOf(9) + 1);
  return marked;
}

/** Exemplars and metadata: https://github.com/prometheus/prometheus/blob/main/prompb/types.proto. */
const exemplar = field(3, Buffer.concat([label('trace_id', 'x'), sample(now, 1).subarray(2)]));
const metadata = field(3, Buffer.concat([Buffer.from([8, 1]), field(2, Buffer.from('attack'))]));

/** @typedef {{ method?: string, path?: string, query?: string, headers: Record<string, string>, body: Buffer }} Attack */

/** @type {Record<string, Attack>} */
const PUSHES = {
  'a careless exporter': push(careless),
  'the same series twice': push('a 1\na 2\n'),
  'a name that is there twice': push('a{__name__="b"} 1\n'),
  'a label that is there twice': push('a{b="1",b="2"} 1\n'),
  'not a number, 500 times': push(Array.from({ length: 500 }, (_, n) => `nan_${n} NaN\n`).join('')),
  'an exemplar': push('a_total 1 # {trace_id="x"} 1\n'),
  'a key that is no UTF-8': push('a 1\n', { path: '/metrics/job/%ff%fe' }),
  'the same in base64': push('a 1\n', { path: '/metrics/job@base64/__4' }),
  'a key of another shape': push('a 1\n', { path: '/metrics/job/x/site/y' }),
  'a group of others': push('a 1\n', { path: `${KEY}/group/south` }),
  'a label of 1.5 GB': push(bomb(), { headers: GZIP }),
  'a body of 5 MB': push(`#${'x'.repeat(5_000_000)}\n`),
  'half a million series': packed(Array.from({ length: 500_000 }, (_, n) => `flood{n="${n}"} 1\n`).join('')),
  'the job of Loki': push('up 1\n', { path: '/metrics/job/loki/instance/x/hostname/x' }),
  'up of Loki': push('up{job="loki"} 1\n'),
  'an alert': push('ALERTS{alertname="EdgeFleetSilent"} 1\n'),
  'a figure of the fleet': push('edge_fleet:silent:ratio 1\n'),
  'a last sign of life': push('edge_node:last_seen:timestamp 9999999999\n'),
  'the job of Loki in base64': push('up 1\n', { path: '/metrics/job@base64/bG9raQ/instance/x/hostname/x' }),
  'the job of Loki in percents': push('up 1\n', { path: '/metrics/job/%6c%6fki/instance/x/hostname/x' }),
  'a group of others in base64': push('a 1\n', { path: `${KEY}/group@base64/c291dGg` }),
  'a group of others in percents': push('a 1\n', { path: `${KEY}/%67roup/south` }),
  'the cluster of others': push('a 1\n', { path: `${KEY}/cluster/other` }),
  'another Pushgateway': push('a 1\n', { path: `${KEY}/pushgateway/other` }),
  'a quoted name': push('{"ALERTS",alertname="x"} 1\n'),
  'states of alerts': push('ALERTS_FOR_STATE{alertname="x"} 1\n'),
  'a name that begins with a colon': push(':a 1\n'),
  'notifications of Alertmanager': push('alertmanager_notifications_total 1\n'),
  'roles of nodes': push('kube_node_role{node="x",role="edge"} 1\n'),
  'a time with a fraction': push('a 1 1700000000.5\n'),
  'a time in words': push('a 1 now\n'),
  'a time below zero': push('a 1 -1\n'),
  'a time of twenty digits': push('a 1 99999999999999999999\n'),
  'packed twice': push(gzipSync(gzipSync('a 1\n')), { headers: { 'Content-Encoding': 'gzip, gzip' } }),
  'an unknown packing': push('a 1\n', { headers: { 'Content-Encoding': 'br' } }),
  'a group that is not its own to delete': push('', { method: 'DELETE' }),
};

/** @type {Record<string, Attack>} */
const WRITES = {
  '31 MiB of empty series': unpackingTo(Buffer.alloc(31 * MEBI, Buffer.from([0x0a, 0x00]))),
  '9 MiB of empty series': unpackingTo(Buffer.alloc(9 * MEBI, Buffer.from([0x0a, 0x00]))),
  '9 MiB of empty samples': unpackingTo(field(1, Buffer.alloc(9 * MEBI, Buffer.from([0x12, 0x00])))),
  '9 MiB of empty labels': unpackingTo(field(1, Buffer.alloc(9 * MEBI, Buffer.from([0x0a, 0x00])))),
  'up of Loki, written': write(one({ __name__: 'up', job: 'loki' }, sample(now, 0))),
  'an alert, written': write(one({ __name__: 'ALERTS', alertname: 'x' }, sample(now, 1))),
  'a figure of the fleet, written': write(one({ __name__: 'edge_fleet:silent:ratio' }, sample(now, 1))),
  'remote write 2.0': write(one({}, sample(now, 1)), {
    'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  }),
  'remote write 2.0, quoted': write(one({}, sample(now, 1)), {
    'Content-Type': 'application/x-protobuf; proto="io.prometheus.write.v2.Request"',
  }),
  'remote write 2.0 that says nothing of it': write(
    Buffer.concat([field(4, Buffer.alloc(0)), field(4, Buffer.from('a')), field(5, sample(now, 1))]),
  ),
  'roles of nodes, written': write(one({ __name__: 'kube_node_role', role: 'edge' }, sample(now, 1))),
  'a name that begins with a colon, written': write(one({ __name__: ':a' }, sample(now, 1))),
  'up of Alertmanager, written': write(one({ __name__: 'up', job: 'alertmanager' }, sample(now, 0))),
  'a stamp of others': write(one({ __group__: 'south', group: 'south', side: 'cloud' }, sample(now, 1))),
  'labels that are not sorted': write(
    series({ node: 'x', job: 'any', a: '1', __name__: 'attack' }, [sample(now, 1)]),
  ),
  'stale markers': write(many(200, (n) => one({ stale: `${n}` }, stale(now)))),
  'an exemplar alone': write(one({ exemplar: '1' }, exemplar)),
  'metadata alone': write(metadata),
  'nothing at all': write(Buffer.alloc(0)),
  'samples out of order': write(one({ order: '1' }, sample(now, 3), sample(now - 2_000, 1), sample(now, 4))),
  'a name that is written twice': write(one({}, label('__name__', 'again'), sample(now, 1))),
  'a label as long as may be': write(one({ ['n'.repeat(256)]: 'v'.repeat(4_096) }, sample(now, 1))),
  'a name of a label that is too long': write(one({ ['n'.repeat(257)]: 'v' }, sample(now, 1))),
  'a value of a label that is too long': write(one({ n: 'v'.repeat(4_097) }, sample(now, 1))),
  'a list of packings': write(one({}, sample(now, 1)), { 'Content-Encoding': 'snappy, zstd' }),
  'another node of the group of others': {
    ...write(one({ node: 'honest', group: 'south' }, sample(now, 1))),
    query: '?extra_label=group=south',
  },
  'thirty series of 250 kB': unpackingTo(
    many(30, (n) =>
      one(
        {
          node: 'large',
          ...Object.fromEntries(Array.from({ length: 60 }, (_, l) => [`l${l}`, `${n}`.padEnd(4_000)])),
        },
        sample(now, 1),
      ),
    ),
  ),

  // These occupy the slots of other nodes.
  '2,500 nodes with four old series each': write(
    many(10_000, (n) => one({ node: `old-${n % 2_500}`, n: `${n}` }, sample(now - 30 * 86_400_000, 1))),
  ),
  'ten nodes with four old series each': write(
    many(40, (n) => one({ node: `old-${n % 10}`, n: `${n}` }, sample(now - 30 * 86_400_000, 1))),
  ),
  'names of nodes of 3.9 kB': write(many(100, (n) => one({ node: `${n}`.repeat(1_950) }, sample(now, 1)))),
};

/** Returns the path of a push to the gateway with another job: written samples stay visible for five minutes. */
const toGateway = (path) => `/gateway${path?.replace('/job/hostile/', '/job/gateway/')}`;

/** Each push is also sent to the gateway. @type {Record<string, Attack>} */
export const ATTACKS = {
  ...PUSHES,
  ...Object.fromEntries(
    Object.entries(PUSHES).map(([name, one]) => [
      `${name}, to the gateway`,
      { ...one, path: toGateway(one.path) },
    ]),
  ),
  ...WRITES,
};
