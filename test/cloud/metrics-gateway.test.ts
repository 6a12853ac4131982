import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { parse } from 'yaml';
import {
  BasicAuthIngress,
  MetricsGateway,
  type MetricsGatewayProps,
  Prometheus,
  proxy,
  toRemoteWrite,
} from '../../lib';
import { joinPatternsToMatchWholeText, RESERVED_JOBS, RESERVED_METRICS } from '../../lib/core/reserved-names';
import { type Quantity, toBytes } from '../../lib/core/units';
import { configFile, containersOf, findOnly, type Manifest, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const store = toRemoteWrite({
  url: 'https://mimir.example.com/api/v1/push',
  credentialsSecretName: 'mimir',
  headers: { 'X-Scope-OrgID': 'edge' },
});

const external = (props: Partial<MetricsGatewayProps> = {}) =>
  synthesizeChart((chart) => new MetricsGateway(chart, 'x', { store, ...props }));

/** The gateway before the Prometheus of the stack, as the edge reaches it. */
const inFront = (groups?: string[], pushPrefix?: string, limits: Partial<MetricsGatewayProps> = {}) =>
  synthesizeChart((chart) => {
    const prometheus = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d' });
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      name: 'push',
      host: 'push.example.com',
      tls: { secretName: 'push-tls' },
      controller: proxy({ namespace: 'ingress' }),
      groups,
    });
    prometheus.addTarget(
      new MetricsGateway(chart, 'gateway', { store: prometheus, ingress, pushPrefix, ...limits }),
    );
  });

const workload = (objects: readonly Manifest[]) => findOnly(objects, 'StatefulSet', 'metrics-gateway');
const args = (objects: readonly Manifest[]) => containersOf(workload(objects))[0]?.args;
const relabeling = (objects: readonly Manifest[]) =>
  parse(configFile(objects, 'metrics-gateway-config', 'relabel.yaml'));

test('it writes to the Prometheus of the stack through a filter in each of its pods', () => {
  const objects = inFront();
  expect(args(objects)).toContain('-remoteWrite.url=http://127.0.0.1:8430/api/v1/write');
  const filter = containersOf(workload(objects)).find(({ name }) => name === 'write-filter');
  expect(filter?.env).toEqual(
    expect.arrayContaining([
      { name: 'TARGET_URL', value: 'http://prometheus.monitoring.svc:9090/api/v1/write' },
      { name: 'OUT_OF_ORDER_SECONDS', value: '86400' },
    ]),
  );
});

test('it listens and writes by IPv6, too, which vmagent does when it is told', () => {
  expect(args(inFront())).toContain('-enableTCP6=true');
});

test('it writes to another store by one prop, without a filter where the store refuses single samples', () => {
  expect(containersOf(workload(external())).map(({ name }) => name)).not.toContain('write-filter');
  expect(args(external())).toEqual(
    expect.arrayContaining([
      '-remoteWrite.url=https://mimir.example.com/api/v1/push',
      '-remoteWrite.forcePromProto=true',
      '-remoteWrite.basicAuth.passwordFile=/etc/metrics-gateway/credentials/password',
      '-remoteWrite.headers=X-Scope-OrgID:edge',
    ]),
  );
  expect(
    args(external({ store: toRemoteWrite({ url: 'http://vm:8428/api/v1/write', encoding: 'zstd' }) })),
  ).toContain('-remoteWrite.forceVMProto=true');
});

test('another Prometheus is written to through the filter, which knows its password and its authority', () => {
  const objects = external({
    store: toRemoteWrite({
      url: 'https://prometheus.example.com/api/v1/write',
      outOfOrderWindow: '6h',
      credentialsSecretName: 'theirs',
      privateCa: { configMapName: 'their-ca', key: 'ca.crt' },
    }),
  });
  const filter = containersOf(workload(objects)).find(({ name }) => name === 'write-filter');
  expect(filter?.env).toEqual(
    expect.arrayContaining([
      { name: 'CREDENTIALS_DIR', value: '/etc/metrics-gateway/credentials' },
      { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/metrics-gateway/ca/ca.crt' },
      { name: 'OUT_OF_ORDER_SECONDS', value: '21600' },
    ]),
  );
  expect(JSON.stringify(podOf(workload(objects)).volumes)).toContain('"their-ca"');
  const mounted = filter?.volumeMounts?.find(({ mountPath }) => mountPath.endsWith('/credentials'));
  const volume = podOf(workload(objects)).volumes?.find(
    (one: { name: string }) => one.name === mounted?.name,
  );
  expect(volume?.secret?.secretName).toBe('theirs');
});

test('two replicas keep what waits on volumes of their own, and are read one by one', () => {
  const objects = inFront();
  expect(workload(objects).spec).toMatchObject({ replicas: 2, serviceName: 'metrics-gateway-replicas' });
  expect(findOnly(objects, 'Service', 'metrics-gateway').spec).not.toHaveProperty('clusterIP');
  expect(findOnly(objects, 'Service', 'metrics-gateway-replicas').spec.clusterIP).toBe('None');
  const text = configFile(objects, 'prometheus-config', 'prometheus.yaml');
  for (const pod of ['metrics-gateway-0', 'metrics-gateway-1']) {
    for (const port of [8429, 8431, 8432]) {
      expect(text).toContain(`${pod}.metrics-gateway-replicas.monitoring.svc:${port}`);
    }
  }
});

test('a client cannot say that it is of another cluster', () => {
  expect((relabeling(inFront()) as object[]).at(-1)).toEqual({
    target_label: 'cluster',
    replacement: 'default',
  });
});

test('nor can it take the name of what the cloud measures, the job of a component, or a Pushgateway of the stack', () => {
  expect(relabeling(inFront())).toEqual([
    { source_labels: ['__name__'], regex: joinPatternsToMatchWholeText(RESERVED_METRICS), action: 'drop' },
    { source_labels: ['job'], regex: joinPatternsToMatchWholeText(RESERVED_JOBS), action: 'drop' },
    expect.objectContaining({ action: 'labeldrop', regex: 'pushgateway' }),
    expect.objectContaining({ target_label: 'side', replacement: 'edge' }),
    { target_label: 'cluster', replacement: 'default' },
  ]);
});

test('a group without limits of its own gets the limits of the gateway', () => {
  const objects = inFront(['north', 'spare'], undefined, {
    limits: { nodes: 7 },
    groupLimits: { north: { nodes: 20 } },
  });
  const { pools } = JSON.parse(configFile(objects, 'metrics-gateway-config', 'limits.json'));
  expect(pools).toMatchObject({ north: { nodes: 20 }, spare: { nodes: 7 } });
});

test('where there are groups, only the guard says which group it is', () => {
  expect((relabeling(inFront(['north', 'south'])) as object[]).slice(0, 2)).toEqual([
    { action: 'labeldrop', regex: 'group' },
    { action: 'labelmap', regex: '__group__', replacement: 'group' },
  ]);
  expect(configFile(inFront(['north', 'south']), 'push-guard-config', 'nginx.conf')).toContain(
    'rewrite ^ $uri?extra_label=__group__=$group? break;',
  );
});

test('it lets in the guard alone, which lets through nothing but remote write', () => {
  const nginx = configFile(inFront(), 'push-guard-config', 'nginx.conf');
  expect(nginx).toMatch(/location ~ "\^\/api\/v1\/write\$" \{.*\$request_method !~ "\^\(POST\)\$"/s);
});

describe('pushes in the protocol of Pushgateway', () => {
  const nginx = (groups?: string[], prefix?: string) =>
    configFile(inFront(groups, prefix), 'push-guard-config', 'nginx.conf');

  test('come in at a path of their own, by PUT and POST, beside remote write', () => {
    const config = nginx(undefined, '/a.b');
    expect(config).toMatch(
      /location ~ "\^\/a\\\.b\/metrics\/job\(.*\$request_method !~ "\^\(PUT\|POST\)\$"/s,
    );
    expect(config).toMatch(/location ~ "\^\/api\/v1\/write\$"/);
    expect(config.match(/upstream metrics-gateway /g)).toHaveLength(1);
  });

  test('have the group that the guard says', () => {
    const stamps = nginx(['north', 'south'], '/services').match(/rewrite .*__group__.*/g);
    expect(stamps).toHaveLength(2);
  });

  test('are none where there is no prefix', () => {
    expect(nginx()).not.toContain('/metrics/job');
    expect(JSON.parse(configFile(inFront(), 'metrics-gateway-config', 'limits.json'))).not.toHaveProperty(
      'pushes',
    );
  });

  test('are what a workload can be connected to', () => {
    const objects = synthesizeChart((chart) => {
      const ingress = new BasicAuthIngress(chart, 'ingress', {
        name: 'push',
        host: 'push.example.com',
        tls: { secretName: 'push-tls' },
        controller: proxy({ namespace: 'ingress' }),
      });
      const gateway = new MetricsGateway(chart, 'gateway', { store, ingress, pushPrefix: '/services' });
      const meter = new k8s.KubeJob(chart, 'meter', {
        metadata: { name: 'meter' },
        spec: {
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'meter', image: 'meter' }] } },
        },
      });
      gateway.pushes?.connect(meter);
      expect(gateway.endpoint.url).toBe('https://push.example.com');
    });
    const [meter] = containersOf(findOnly(objects, 'Job', 'meter'));
    expect(meter?.env).toContainEqual({
      name: 'PUSHGATEWAY_URL',
      value: 'https://push.example.com/services',
    });
  });

  test.each(['services', '/services/', '/', ''])('have no prefix such as %j', (pushPrefix) => {
    expect(refusalMessage((chart) => new MetricsGateway(chart, 'x', { store, pushPrefix }))).toContain(
      'pushPrefix',
    );
  });
});

test('the limits of all nodes together are options', () => {
  expect(
    args(external({ limits: { nodes: 2, seriesPerNode: 300, sharedSeries: 400 }, samplesPerSecond: 5_000 })),
  ).toEqual(expect.arrayContaining(['-remoteWrite.maxHourlySeries=2000', '-maxIngestionRate=5000']));
});

test('what one request may take follows from its memory limit', () => {
  const bounds = (memoryLimit?: '1Gi' | '128Mi') => {
    const objects = external(memoryLimit && { resources: { cpu: '100m', memory: '128Mi', memoryLimit } });
    const [container] = containersOf(workload(objects));
    return [container?.args?.find((arg: string) => arg.startsWith('-maxInsertRequestSize=')), container?.env];
  };
  expect(bounds()).toEqual(['-maxInsertRequestSize=2097152', [{ name: 'GOMEMLIMIT', value: '429496729' }]]);
  expect(bounds('1Gi')[0]).toBe('-maxInsertRequestSize=4194304');
  // Twice a block of the edge's agents, at least.
  expect(bounds('128Mi')[0]).toBe('-maxInsertRequestSize=1048576');
  expect(args(external())).toContain('-maxConcurrentInserts=1');
});

test('a guard that reads requests to their end stands before it, since it reads one at a time', () => {
  const nginx = configFile(inFront(), 'push-guard-config', 'nginx.conf');
  expect(nginx).not.toContain('proxy_request_buffering off');
});

test('nothing at the edge can reach a gateway without an ingress, and it says so', () => {
  expect(refusalMessage((chart) => void new MetricsGateway(chart, 'x', { store }).endpoint)).toContain(
    'edge nodes cannot reach the metrics gateway, because it has no ingress',
  );
});

test.each<[string, Partial<MetricsGatewayProps>, RegExp]>([
  [
    'no store',
    { store: undefined as never },
    /store is missing; allowed: a Prometheus construct, or toRemoteWrite/,
  ],
  [
    'a small volume',
    { storage: '1Gi' },
    /storage is "1Gi"; allowed: a size of at least 1120Mi, because vmagent needs 1120Mi for its queue/,
  ],
  ['no replica', { replicas: 0 }, /replicas is 0/],
  ['a limit', { limits: { nodes: 0 } }, /limits.nodes is 0/],
])('%s is refused', (_, props, message) => {
  expect(refusalMessage((chart) => new MetricsGateway(chart, 'x', { store, ...props }))).toMatch(message);
});

test('a volume that is too small for the queues of all replicas of a store is refused', () => {
  const create = (replicas: number, storage: Quantity) => (chart: Construct) =>
    new MetricsGateway(chart, 'x', { store: new Prometheus(chart, 'prometheus', { replicas }), storage });
  expect(refusalMessage(create(2, '2Gi'))).toContain(
    'storage is "2Gi"; allowed: a size of at least 2240Mi, because vmagent needs 1120Mi for each of its 2 queues, one for each replica of the store',
  );
});

test.each<[Quantity, number]>([
  ['1120Mi', 1],
  ['2240Mi', 2],
  ['5Gi', 1],
  ['5Gi', 2],
  ['100Gi', 2],
])(
  'a volume of %s holds the queues of %d store replicas, and for each one more file',
  (storage, replicas) => {
    const gateway = synthesizeChart((chart) => {
      new MetricsGateway(chart, 'x', { store: new Prometheus(chart, 'prometheus', { replicas }), storage });
    });
    const limit = containersOf(workload(gateway))[0]
      ?.args?.map((arg: string) => /^-remoteWrite.maxDiskUsagePerURL=(\d+)$/.exec(arg)?.[1])
      .find((bytes: string | undefined) => bytes !== undefined);
    expect(Number(limit)).toBeGreaterThanOrEqual(toBytes('512Mi'));
    expect((Number(limit) + toBytes('512Mi')) * replicas).toBeLessThanOrEqual(0.95 * toBytes(storage));
  },
);

test.each<[string, Parameters<typeof toRemoteWrite>[0], RegExp]>([
  ['an address with a password', { url: 'https://a:secret@h.example.com/x' }, /url is "https:\/\/\*\*\*@h/],
  ['an address without a scheme', { url: 'h.example.com/x' }, /url is "h.example.com\/x"; allowed: http/],
  ['an encoding', { url: 'https://h.example.com/x', encoding: 'gzip' as never }, /encoding is "gzip"/],
  ['a secret header', { url: 'https://h.example.com/x', headers: { Authorization: 'x' } }, /headers is/],
  [
    'a window',
    { url: 'https://h.example.com/x', outOfOrderWindow: 'soon' as never },
    /outOfOrderWindow is "soon"/,
  ],
])('a store with %s is refused', (_, props, message) => {
  expect(refusalMessage(() => toRemoteWrite(props))).toMatch(message);
});

test('each of two Prometheus has a queue, a filter and half of the volume; the address of the first is that of a single one', () => {
  const objects = (replicas: number) =>
    synthesizeChart((chart) => {
      const store = new Prometheus(chart, 'prometheus', { replicas });
      new MetricsGateway(chart, 'gateway', { store, storage: '10Gi' });
    });
  const flags = (replicas: number, flag: string) =>
    containersOf(findOnly(objects(replicas), 'StatefulSet', 'metrics-gateway'))[0]?.args?.filter(
      (arg: string) => arg.startsWith(flag),
    );
  const [first, second] = flags(2, '-remoteWrite.url=') ?? [];
  expect(flags(1, '-remoteWrite.url=')).toEqual([first]);
  expect(second).toBe('-remoteWrite.url=http://127.0.0.1:8433/api/v1/write');
  const size = (replicas: number) =>
    Number(flags(replicas, '-remoteWrite.maxDiskUsagePerURL=')?.[0]?.split('=')[1]);
  expect(2 * size(2)).toBe(size(1));
  const filters = containersOf(findOnly(objects(2), 'StatefulSet', 'metrics-gateway')).filter(({ name }) =>
    name.startsWith('write-filter'),
  );
  const targets = filters.map(
    ({ env }) => env?.find(({ name }: { name: string }) => name === 'TARGET_URL')?.value,
  );
  expect(targets).toEqual([0, 1].map((n) => `http://prometheus-${n}.monitoring.svc:9090/api/v1/write`));
});
