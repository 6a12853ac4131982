import { parse } from 'yaml';
import {
  EdgeExporter,
  type EdgeExporterProps,
  EdgeMetricsAgent,
  type ExporterTarget,
  fromPushgateway,
  fromRemoteWrite,
} from '../../lib';
import { configFile, findOnly, podOf, runningContainersOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
const props: EdgeExporterProps = { name: 'modem', image: 'ghcr.io/a/modem-exporter:1.2', port: 9800, sink };

const synthesizeExporter = (more: Partial<EdgeExporterProps> = {}) =>
  synthesizeChart((chart) => new EdgeExporter(chart, 'x', { ...props, ...more }));
const exporterDaemonSet = (more?: Partial<EdgeExporterProps>) =>
  findOnly(synthesizeExporter(more), 'DaemonSet');
const pushSidecar = (more?: Partial<EdgeExporterProps>) => runningContainersOf(exporterDaemonSet(more))[1];
const sidecarEnvironment = (more?: Partial<EdgeExporterProps>) =>
  Object.fromEntries((pushSidecar(more)?.env ?? []).map(({ name, value }) => [name, value]));

test('the exporter runs beside the sidecar that pushes what it says', () => {
  expect(runningContainersOf(exporterDaemonSet()).map(({ name }) => name)).toEqual(['exporter', 'push']);
  expect(sidecarEnvironment()).toMatchObject({
    PUSH_URL: 'https://push.example.com',
    SOURCE_URL: 'http://127.0.0.1:9800/metrics',
    JOB: 'modem',
    INTERVAL_SECONDS: '10',
  });
});

test('the instance is the node, or its address where the old form is wanted', () => {
  expect(sidecarEnvironment().INSTANCE).toBe('$(NODE_NAME)');
  expect(sidecarEnvironment({ instance: 'address' }).INSTANCE).toBe('$(NODE_IP):9800');
});

test('variables are used only after they are defined', () => {
  const names = (pushSidecar()?.env ?? []).map(({ name }) => name);
  expect(names.indexOf('NODE_NAME')).toBeLessThan(names.indexOf('INSTANCE'));
  expect(names.indexOf('NODE_IP')).toBeLessThan(names.indexOf('INSTANCE'));
});

describe('several targets', () => {
  const targets: readonly ExporterTarget[] = [
    { instance: 'plc-1', params: { module: 'modbus', target: '192.0.2.1:502' } },
    { instance: 'plc-2', params: { target: 'tcp://[2001:db8::1]:502/?a=b c&d$(x)' } },
  ];

  test('are pushed by the sidecar, each with its address, which no shell and no kubelet takes for a variable', () => {
    expect(sidecarEnvironment({ targets, metricsPath: '/probe', timeout: '8s' })).toMatchObject({
      TARGETS:
        'plc-1 http://127.0.0.1:9800/probe?module=modbus&target=192.0.2.1%3A502\n' +
        'plc-2 http://127.0.0.1:9800/probe?target=tcp%3A%2F%2F%5B2001%3Adb8%3A%3A1%5D%3A502%2F%3Fa%3Db+c%26d%24%28x%29',
      READ_SECONDS: '8',
    });
    expect(sidecarEnvironment({ targets, metricsPath: '/probe?x=y' }).TARGETS).toContain(
      '/probe?x=y&module=modbus',
    );
  });

  test('are no variables of a sidecar for one', () => {
    expect(Object.keys(sidecarEnvironment())).not.toEqual(expect.arrayContaining(['TARGETS']));
    expect(Object.keys(sidecarEnvironment())).not.toEqual(expect.arrayContaining(['READ_SECONDS']));
  });

  test('are read by an agent, each with its own parameters and labels', () => {
    const objects = synthesizeChart((chart) => {
      const agent = new EdgeMetricsAgent(chart, 'agent', {
        sink: fromRemoteWrite({ host: 'push.example.com', credentialsSecretName: 'push-credentials' }),
      });
      new EdgeExporter(chart, 'x', { ...props, sink: agent, targets, metricsPath: '/probe', timeout: '9s' });
    });
    const jobs = parse(configFile(objects, 'edge-metrics-agent-config', 'jobs.yaml'));
    expect(jobs.find(({ job_name }: { job_name: string }) => job_name === 'modem')).toMatchObject({
      scrape_timeout: '9s',
      metrics_path: '/probe',
      static_configs: targets.map(({ instance, params }) => ({
        targets: ['127.0.0.1:9800'],
        labels: Object.fromEntries([
          ['instance', instance],
          ['target', instance],
          ...Object.entries(params).map(([name, value]) => [`__param_${name}`, value]),
        ]),
      })),
    });
  });

  test.each<[string, object, string]>([
    ['none', { targets: [] }, 'targets is []; allowed: at least one target'],
    [
      'two of one name',
      { targets: [targets[0], targets[0]] },
      'allowed: at least one target, each with a unique instance',
    ],
    [
      'a name with a space',
      { targets: [{ ...targets[0], instance: 'a b' }] },
      'targets[0].instance is "a b"',
    ],
    ['no parameter', { targets: [{ instance: 'a', params: {} }] }, 'targets[0].params is {}'],
    ['a line break', { targets: [{ instance: 'a', params: { a: 'b\nc' } }] }, 'targets[0].params is'],
    [
      'a variable of vmagent',
      { targets: [{ instance: 'a', params: { a: '%{B}' } }] },
      'targets[0].params is',
    ],
    [
      'instances that are addresses',
      { targets, instance: 'address' },
      'but each target has its own label instance',
    ],
    [
      'an answer after the next question',
      { timeout: '20s' },
      'the option "timeout" is 20s; allowed: at most 10s, the interval of the exporter',
    ],
  ])('are refused with %s', (_, more, message) => {
    expect(refusalMessage((chart) => new EdgeExporter(chart, 'x', { ...props, ...more }))).toContain(message);
  });
});

test('the script is a file of a ConfigMap with a fixed name', () => {
  const { data, metadata } = findOnly(synthesizeExporter(), 'ConfigMap');
  expect(metadata.name).toBe('modem-push');
  expect(data['push.sh']).toMatch(/^#!\/bin\/sh\n/);
  expect(pushSidecar()?.command).toEqual(['/bin/sh', '/opt/push/push.sh']);
});

test('the credentials are a mounted folder that only the pod’s user can read', () => {
  expect(podOf(exporterDaemonSet()).volumes).toContainEqual({
    name: 'push-credentials',
    secret: { secretName: 'push-credentials', defaultMode: 0o440 },
  });
  expect(podOf(exporterDaemonSet()).securityContext.fsGroup).toBe(
    podOf(exporterDaemonSet()).securityContext.runAsUser,
  );
});

test('a private authority is trusted where the sink names one', () => {
  const privateCa = { configMapName: 'our-ca', key: 'ca.crt' };
  const trusting = fromPushgateway({ host: 'h.example.com', credentialsSecretName: 's', privateCa });
  expect(sidecarEnvironment({ sink: trusting }).CA_FILE).toBe('/etc/push/ca/ca.crt');
  expect(JSON.stringify(podOf(exporterDaemonSet({ sink: trusting })).volumes)).toContain('"our-ca"');
  expect(sidecarEnvironment().CA_FILE).toBeUndefined();
});

test('the number of shards is known where there are several, and only there', () => {
  const sharded = fromPushgateway({ host: 'h.example.com', credentialsSecretName: 's', shards: 4 });
  expect(sidecarEnvironment({ sink: sharded }).SHARDS).toBe('4');
  expect(sidecarEnvironment()).not.toHaveProperty('SHARDS');
});

describe('a group of nodes', () => {
  const grouped = fromPushgateway({
    host: 'push.example.com',
    credentialsSecretName: 'push-credentials',
    groups: ['north', 'south'],
  });

  test('is a label of what they push', () => {
    expect(sidecarEnvironment({ group: 'north' }).GROUP).toBe('north');
    expect(sidecarEnvironment()).not.toHaveProperty('GROUP');
  });

  test('pushes as its own user where the sink knows it, and is named by the sink alone', () => {
    const north = exporterDaemonSet({ group: 'north', sink: grouped });
    expect(JSON.stringify(podOf(north).volumes)).toContain('"secretName":"push-credentials-north"');
    expect(sidecarEnvironment({ group: 'north', sink: grouped })).not.toHaveProperty('GROUP');
  });

  test.each([['west'], [undefined]])('is one that the sink knows, not %s', (group) => {
    const message = refusalMessage(
      (chart) => new EdgeExporter(chart, 'x', { ...props, sink: grouped, group }),
    );
    expect(message).toBe(
      `test/x: the option "group" is ${group && JSON.stringify(group)}; allowed: the groups that may push to ` +
        'https://push.example.com: north, south',
    );
  });
});

test('a port of the host is claimed on the host’s network only', () => {
  expect(runningContainersOf(exporterDaemonSet())[0]?.ports?.[0]).not.toHaveProperty('hostPort');
  expect(runningContainersOf(exporterDaemonSet({ hostNetwork: true }))[0]?.ports?.[0]).toHaveProperty(
    'hostPort',
    9800,
  );
});

test('every option reaches the manifest', () => {
  const everything: Required<EdgeExporterProps> = {
    ...props,
    namespace: 'here',
    labels: { a: 'b' },
    nodeSelector: { c: 'd' },
    excludedNodes: { e: ['f'] },
    family: 'modem',
    tolerations: [{ operator: 'Exists' }],
    priorityClassName: 'high',
    updateStrategy: '5%',
    timeout: '20s',
    targets: [{ instance: 'plc-1', params: { target: '192.0.2.1' } }],
    device: { seLinuxType: 'spc_t' },
    interval: '30s',
    group: 'north',
    instance: 'node',
    job: 'my job',
    containerName: 'modem-exporter',
    command: ['/bin/exporter'],
    args: ['--all'],
    env: [{ name: 'K', value: 'V' }],
    metricsPath: '/probe?module=modem',
    resources: { cpu: '77m', memory: '20Mi', memoryLimit: '40Mi' },
    hostNetwork: true,
    hostPid: true,
    uid: 1000,
    volumes: [{ name: 'dev', hostPath: { path: '/dev/ttyUSB0' } }],
    volumeMounts: [{ name: 'dev', mountPath: '/dev/ttyUSB0' }],
    securityContext: { runAsGroup: 20 },
    // For an agent; a sidecar pushes all.
    metricRelabeling: [],
    slowMetrics: { names: ['modem_info'] },
  };
  const text = JSON.stringify(exporterDaemonSet(everything));
  for (const part of [
    '"here"',
    '"a":"b"',
    '"c":"d"',
    '"high"',
    '"5%"',
    '"30"',
    '"north"',
    '"my job"',
    '"modem-exporter"',
    '"/bin/exporter"',
    '"--all"',
    '"K"',
    '9800/probe?module=modem',
    '"77m"',
    '"40Mi"',
    '"hostPID":true',
    '1000',
    '/dev/ttyUSB0',
    '"runAsGroup":20',
  ]) {
    expect(text).toContain(part);
  }
});

test.each<[string, Partial<EdgeExporterProps>, RegExp]>([
  [
    'an interval below a second',
    { interval: '0s' },
    /interval is "0s"; allowed: a duration from "1s" to "1h"/,
  ],
  ['an interval above an hour', { interval: '2h' }, /interval is "2h"/],
  ['an image without a tag', { image: 'ghcr.io/a/b' }, /image is "ghcr.io\/a\/b"; allowed: .*tag/],
  ['the tag latest', { image: 'ghcr.io/a/b:latest' }, /image is/],
  ['a port', { port: 0 }, /port is 0/],
  [
    'a path',
    { metricsPath: 'metrics' },
    /metricsPath is "metrics"; allowed: a path that starts with a slash/,
  ],
  ['an empty job', { job: '' }, /job is ""/],
  [
    'a job of the cloud',
    { job: 'pushgateway-services' },
    /job is "pushgateway-services"; allowed: .*, except for alertmanager, .* scrape jobs in the cloud/,
  ],
  ['a name that becomes a job of the cloud', { name: 'loki' }, /job is "loki"; allowed: /],
  ['an instance', { instance: 'ip' as never }, /instance is "ip"; allowed: "node" or "address"/],
  ['a group', { group: 'a b' }, /group is "a b"; allowed: a label value/],
  ['no sink', { sink: undefined as never }, /sink is missing; allowed: a Pushgateway/],
])('%s is refused', (_, more, message) => {
  expect(refusalMessage((chart) => new EdgeExporter(chart, 'x', { ...props, ...more }))).toMatch(message);
});

test('two exporters of one job on the same nodes would overwrite each other’s group', () => {
  const message = refusalMessage((chart) => {
    new EdgeExporter(chart, 'one', { ...props, name: 'one', job: 'modem' });
    new EdgeExporter(chart, 'other', { ...props, name: 'other', job: 'modem' });
  });
  expect(message).toBe(
    'test/other: job "modem" is already used on the same nodes by test/one: change the job or the nodeSelector of one of the two exporters',
  );
});
