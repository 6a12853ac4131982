import type { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-25';
import { k8s } from 'cdk8s-plus-25';
import { fromLoki, fromPushgateway, type PushgatewaySink } from '../../lib';
import { containersOf, findOnly, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const sink = fromPushgateway({
  host: 'push.example.com',
  basePath: '/services',
  credentialsSecretName: 'push-credentials',
});

const template = (containers: k8s.Container[]) => ({
  selector: { matchLabels: { app: 'a' } },
  template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
});

const deployment = (chart: Chart, containers: k8s.Container[] = [{ name: 'main', image: 'a:1' }]) =>
  new k8s.KubeDeployment(chart, 'd', { spec: template(containers) });

const connected = (build: (chart: Chart) => void) => findOnly(synthesizeChart(build), 'Deployment');

test('an imported sink is an address and the name of a Secret', () => {
  expect(sink).toMatchObject({
    protocol: 'pushgateway',
    endpoint: { url: 'https://push.example.com/services', credentialsSecretName: 'push-credentials' },
  });
  expect(fromLoki({ host: 'logs.example.com', credentialsSecretName: 's' }).endpoint.url).toBe(
    'https://logs.example.com',
  );
});

test.each<[string, object, RegExp]>([
  ['a scheme', { host: 'https://push.example.com' }, /fromPushgateway: host is .*; allowed: a DNS name/],
  ['credentials', { host: 'user:hunter2@push.example.com' }, /host is/],
  ['no host', { host: undefined }, /host is missing/],
  ['a path with a slash at its end', { basePath: '/a/' }, /basePath is "\/a\/"/],
  ['no group', { groups: [] }, /groups is \[\]; allowed: a list of different names/],
  ['more shards than there may be', { shards: 33 }, /shards is 33; allowed: a whole number from 1 to 32/],
  ['no Secret', { credentialsSecretName: undefined }, /credentialsSecretName is missing/],
])('%s is refused', (_, props, message) => {
  const all = { host: 'push.example.com', credentialsSecretName: 's', ...props };
  expect(() => fromPushgateway(all as never)).toThrow(message);
});

describe('a business service that pushes by itself', () => {
  const expected = [
    { name: 'PUSHGATEWAY_URL', value: 'https://push.example.com/services' },
    { name: 'PUSHGATEWAY_CREDENTIALS_DIR', value: '/etc/pushgateway/credentials' },
  ];

  test('is the user of its group where the sink knows groups', () => {
    const grouped = fromPushgateway({
      host: 'push.example.com',
      credentialsSecretName: 'push-credentials',
      groups: ['north'],
    });
    const workload = connected((chart) => grouped.connect(deployment(chart), { group: 'north' }));
    expect(JSON.stringify(podOf(workload).volumes)).toContain('"secretName":"push-credentials-north"');
    expect(refusalMessage((chart) => grouped.connect(deployment(chart as Chart)))).toContain(
      'allowed: the groups that may',
    );
  });

  test('is told how many shards there are, to compute its own', () => {
    const sharded = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 's', shards: 4 });
    const workload = connected((chart) => sharded.connect(deployment(chart)));
    expect(containersOf(workload)[0]?.env).toContainEqual({ name: 'PUSHGATEWAY_SHARDS', value: '4' });
  });

  test('gets the address and the mounted credentials, and nothing secret in its environment', () => {
    const workload = connected((chart) => sink.connect(deployment(chart)));
    expect(containersOf(workload)[0]?.env).toEqual(expected);
    expect(containersOf(workload)[0]?.volumeMounts).toEqual([
      { name: 'push-credentials', mountPath: '/etc/pushgateway/credentials', readOnly: true },
    ]);
    expect(podOf(workload).volumes).toEqual([
      { name: 'push-credentials', secret: { secretName: 'push-credentials' } },
    ]);
  });

  test('may be a workload of cdk8s-plus, also when containers and volumes are added later', () => {
    const workload = connected((chart) => {
      const service = new kplus.Deployment(chart, 'd', { containers: [{ image: 'a:1', name: 'main' }] });
      sink.connect(service);
      service.addVolume(kplus.Volume.fromEmptyDir(chart, 'later', 'later'));
    });
    expect(containersOf(workload)[0]?.env).toEqual(expected);
    expect(podOf(workload).volumes.map(({ name }: { name: string }) => name)).toEqual([
      'later',
      'push-credentials',
    ]);
  });

  test('keeps what it has, and a chosen container pushes', () => {
    const containers = [
      { name: 'main', image: 'a:1' },
      { name: 'pusher', image: 'b:1', env: [{ name: 'A', value: 'b' }] },
    ];
    const workload = connected((chart) =>
      sink.connect(deployment(chart, containers), { container: 'pusher' }),
    );
    expect(containersOf(workload)[0]).not.toHaveProperty('env');
    expect(containersOf(workload)[1]?.env).toEqual([{ name: 'A', value: 'b' }, ...expected]);
  });

  test('trusts a private authority where the sink names one', () => {
    const privateCa = { configMapName: 'our-ca', key: 'ca.crt' };
    const trusting = fromPushgateway({ host: 'h.example.com', credentialsSecretName: 's', privateCa });
    const workload = connected((chart) => trusting.connect(deployment(chart)));
    expect(containersOf(workload)[0]?.env).toContainEqual({
      name: 'PUSHGATEWAY_CA_FILE',
      value: '/etc/pushgateway/ca/ca.crt',
    });
    expect(podOf(workload).volumes).toContainEqual({ name: 'push-ca', configMap: { name: 'our-ca' } });
  });

  test.each<[string, (chart: Chart, to: PushgatewaySink) => void, RegExp]>([
    [
      'a kind without pods',
      (chart, to) => to.connect(new k8s.KubeConfigMap(chart, 'c')),
      /the ConfigMap has no pod template with containers/,
    ],
    [
      'a container that is not there',
      (chart, to) => to.connect(deployment(chart), { container: 'x' }),
      /container "x" does not exist; allowed: main/,
    ],
    [
      'a second connection',
      (chart, to) => {
        const workload = deployment(chart);
        to.connect(workload);
        to.connect(workload);
      },
      /already has a volume, mount or environment variable named push-credentials: rename it; if connect\(\) is called several times/,
    ],
  ])('%s is refused', (_, build, message) => {
    expect(refusalMessage((chart) => build(chart as Chart, sink))).toMatch(message);
  });
});
