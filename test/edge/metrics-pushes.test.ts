import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import { EdgeChart, EdgeMetricsAgent, type EdgeMetricsAgentProps, fromRemoteWrite } from '../../lib';
import { requiredSecrets } from '../../lib/core/required-secrets';
import { configFile, containersOf, findOnly, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const sink = fromRemoteWrite({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });

const synthesizeWithPushes = (
  pushes: EdgeMetricsAgentProps['pushes'],
  props: Partial<EdgeMetricsAgentProps> = {},
) => synthesizeChart((chart) => new EdgeMetricsAgent(chart, 'agent', { sink, pushes, ...props }));

const listenerContainer = (pushes: EdgeMetricsAgentProps['pushes'] = {}) =>
  containersOf(findOnly(synthesizeWithPushes(pushes), 'DaemonSet')).find(
    ({ name }) => name === 'push-listener',
  );

const nginxConfig = (pushes: EdgeMetricsAgentProps['pushes'] = {}) =>
  configFile(synthesizeWithPushes(pushes), 'edge-metrics-agent-push-listener-config', 'nginx.conf');

function synthesizeConnected(hostNetwork: boolean, pushes: EdgeMetricsAgentProps['pushes'] = {}) {
  const chart = new Chart(new App(), 'shop', { namespace: 'shop' });
  const meter = new k8s.KubeDeployment(chart, 'meter', {
    spec: {
      selector: { matchLabels: { app: 'meter' } },
      template: {
        metadata: { labels: { app: 'meter' } },
        spec: { hostNetwork, containers: [{ name: 'meter', image: 'registry.example.com/meter:1.0.0' }] },
      },
    },
  });
  new EdgeMetricsAgent(chart, 'agent', { sink, pushes }).connect(meter);
  const pod = podOf(meter.toJson());
  return { pod, container: pod.containers[0], secrets: requiredSecrets(chart.node.root) };
}

test('without the option nothing listens', () => {
  const objects = synthesizeChart((chart) => new EdgeMetricsAgent(chart, 'agent', { sink }));
  expect(JSON.stringify(objects)).not.toContain('push-listener');
});

test('the listener is all that pods reach: the agent asks for a password that is made on the node', () => {
  const agent = containersOf(findOnly(synthesizeWithPushes({}), 'DaemonSet')).find(
    ({ name }) => name === 'vmagent',
  );
  expect(agent?.args).toEqual(
    expect.arrayContaining([
      '-httpListenAddr=127.0.0.1:8429',
      '-httpAuth.username=agent',
      '-httpAuth.password=file:///var/lib/metrics-agent/login',
    ]),
  );
  expect(listenerContainer()?.ports).toEqual([
    { name: 'pushes', containerPort: 9091, hostPort: 9091, protocol: 'TCP' },
  ]);
});

test('it listens for pods of the node alone, and asks those with a network of their own for a password', () => {
  expect(nginxConfig()).toContain('listen 0.0.0.0:9091;');
  expect(nginxConfig({ podCidrs: ['10.42.0.0/16'] })).toMatch(
    /allow 127\.0\.0\.0\/8;\n\s+allow 10\.42\.0\.0\/16;\n\s+deny all;\n\s+auth_basic \$realm;/,
  );
});

test('without networks of pods it listens on the loopback address, and needs no Secret', () => {
  const pushes = { podCidrs: [] };
  expect(nginxConfig(pushes)).toContain('listen 127.0.0.1:9091;');
  expect(nginxConfig(pushes)).not.toContain('auth_basic $realm');
  expect(JSON.stringify(synthesizeWithPushes(pushes))).not.toContain('edge-push-users');
  expect(listenerContainer(pushes)?.ports).toEqual([
    { name: 'pushes', containerPort: 9091, hostPort: 9091, hostIP: '127.0.0.1', protocol: 'TCP' },
  ]);
});

test('limits are read at each push, with the jobs that the agent reads itself', () => {
  const objects = synthesizeWithPushes(
    { jobs: 3, seriesPerJob: 10, bytesPerPush: '1Ki', bytesPerMinute: '2Ki' },
    { services: [{ job: 'shop', port: 8080 }] },
  );
  const limits = JSON.parse(configFile(objects, 'edge-metrics-agent-config', 'pushes.json'));
  expect(limits).toMatchObject({ jobs: 3, seriesPerJob: 10, bytesPerPush: 1_024, bytesPerMinute: 2_048 });
  expect(limits.readJobs).toEqual(expect.arrayContaining(['edge-metrics-agent', 'cadvisor', 'shop']));
  expect(new RegExp(limits.reservedJobs).test('loki')).toBe(true);
});

test.each<[string, unknown, string]>([
  ['podCidrs', ['10.0.0.1'], 'pushes.podCidrs'],
  ['podCidrs of IPv6', ['2001:db8::/64'], 'pushes.podCidrs'],
  ['a body that no listener takes', '2Mi', 'pushes.bytesPerPush'],
])('what is wrong is refused by its name: %s', (name, value, named) => {
  const pushes = name.startsWith('podCidrs') ? { podCidrs: value } : { bytesPerPush: value };
  expect(
    refusalMessage((chart) => new EdgeMetricsAgent(chart, 'x', { sink, pushes: pushes as never })),
  ).toContain(named);
});

describe('connect', () => {
  const OTLP = {
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
  };
  const variables = ({ env }: { env: { name: string; value?: string }[] }) =>
    Object.fromEntries(env.map(({ name, value }) => [name, value]));

  test('tells a pod with a network of its own the address of its node, and mounts the password', () => {
    const { pod, container, secrets } = synthesizeConnected(false);
    expect(container.env[0]).toMatchObject({
      name: 'EDGE_NODE_ADDRESS',
      valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } },
    });
    expect(variables(container)).toMatchObject({
      ...OTLP,
      PUSHGATEWAY_URL: 'http://$(EDGE_NODE_ADDRESS):9091',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://$(EDGE_NODE_ADDRESS):9091/v1/metrics',
      PUSHGATEWAY_CREDENTIALS_DIR: '/etc/pushgateway/credentials',
    });
    expect(pod.volumes).toEqual([
      { name: 'push-credentials', secret: { secretName: 'edge-push-credentials' } },
    ]);
    const own = secrets.filter(({ host }) => host === 'edge-nodes');
    expect(own.map(({ side, namespace, name }) => [side, namespace, name])).toEqual([
      ['server', 'shop', 'edge-push-users'],
      ['client', 'shop', 'edge-push-credentials'],
    ]);
  });

  test('gives a pod on the network of its node the loopback address, and no password', () => {
    const { pod, container, secrets } = synthesizeConnected(true);
    expect(variables(container)).toEqual({
      ...OTLP,
      PUSHGATEWAY_URL: 'http://127.0.0.1:9091',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:9091/v1/metrics',
    });
    expect(pod.volumes).toBeUndefined();
    expect(secrets.filter(({ name }) => name === 'edge-push-credentials')).toEqual([]);
  });

  test('refuses a pod that could not reach the loopback address, and an agent that takes no pushes', () => {
    expect(() => synthesizeConnected(false, { podCidrs: [] })).toThrow('add the pod network to podCidrs');
    const chart = new Chart(new App(), 'shop');
    const agent = new EdgeMetricsAgent(chart, 'agent', { sink });
    expect(() => agent.connect(chart)).toThrow(
      'connect() requires an agent that accepts pushes: set the option "pushes"',
    );
  });

  test('is there in a chart of settings, for nodes in no group and for those of each', () => {
    const settings = {
      cluster: 'north',
      hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
      edge: {
        transport: 'remote-write' as const,
        agent: { pushes: {} },
        device: { ports: { metricsPushes: 9_191 } },
        groups: [{ name: 'vehicles' }],
      },
    };
    const edge = new EdgeChart(new App(), 'edge', { settings, metrics: sink });
    const job = new k8s.KubeJob(edge, 'job', {
      spec: { template: { spec: { containers: [{ name: 'a', image: 'b:1' }] } } },
    });
    edge.agent?.connect(job);
    expect(JSON.stringify(job.toJson())).toContain('http://$(EDGE_NODE_ADDRESS):9191');
    expect(edge.groups.get('vehicles')?.agent).toBeInstanceOf(EdgeMetricsAgent);
  });
});
