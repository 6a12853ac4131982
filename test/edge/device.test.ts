import { App, Chart } from 'cdk8s';
import {
  type Device,
  EdgeChart,
  EdgeExporter,
  EdgeGroup,
  type EdgeSettings,
  fromLoki,
  fromPushgateway,
  fromRemoteWrite,
  promtail,
} from '../../lib';
import { configFile, containersOf, findOnly, type Manifest, podOf, workloads } from '../support/manifests';
import { minimalSettings } from '../support/settings';

const secret = { host: 'push.example.com', credentialsSecretName: 'push-credentials' };
const sinks = { pushgateway: fromPushgateway(secret), 'remote-write': fromRemoteWrite(secret) };
const logs = fromLoki({ host: 'logs.example.com', credentialsSecretName: 'logs-credentials' });

type Transport = keyof typeof sinks;

const listPods = (objects: readonly Manifest[]) => workloads(objects).map(podOf);

/** The objects of an edge, with a custom exporter. */
function synthesizeEdge(settings: EdgeSettings, transport: Transport = 'remote-write'): Manifest[] {
  const chart = new EdgeChart(new App(), 'edge', {
    settings: { ...minimalSettings, edge: { transport, ...settings } },
    metrics: Object.values(sinks),
    logs,
  });
  new EdgeExporter(chart, 'modem', { name: 'modem', image: 'ghcr.io/a/b:1', port: 9800, sink: chart.sink });
  return chart.toJson();
}

const synthesizeOnDevice = (device: Device, transport?: Transport) => synthesizeEdge({ device }, transport);

const podsOfAllTransports = (device: Device) =>
  (['pushgateway', 'remote-write'] as const).flatMap((transport) =>
    listPods(synthesizeOnDevice(device, transport)),
  );

const deviceError = (device: unknown): string => {
  try {
    synthesizeOnDevice(device as Device);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
};

const listHostFolders = (objects: Manifest[], name: string): string[] =>
  podOf(findOnly(objects, 'DaemonSet', name)).volumes.flatMap(
    ({ hostPath }: Manifest) => hostPath?.path ?? [],
  );

test('every pod of a kernel without seccomp goes without a profile, and every other has one', () => {
  for (const pod of podsOfAllTransports({ seccomp: false }))
    expect(pod.securityContext).not.toHaveProperty('seccompProfile');
  for (const pod of podsOfAllTransports({}))
    expect(pod.securityContext.seccompProfile.type).toBe('RuntimeDefault');
});

test('under SELinux, all containers that mount folders of the device have its type, and no others', () => {
  for (const pod of podsOfAllTransports({ seLinuxType: 'spc_t' })) {
    const ofHost = pod.volumes.flatMap(({ name, hostPath }: Manifest) => (hostPath ? [name] : []));
    for (const { volumeMounts = [], securityContext } of [...pod.containers, ...(pod.initContainers ?? [])]) {
      const needsIt = volumeMounts.some(({ name }: Manifest) => ofHost.includes(name));
      expect(securityContext.seLinuxOptions).toEqual(needsIt ? { type: 'spc_t' } : undefined);
      expect(securityContext.allowPrivilegeEscalation).toBe(false);
    }
  }
  expect(JSON.stringify(podsOfAllTransports({}))).not.toContain('seLinuxOptions');
});

test('mounts are propagated from a shared root mount alone', () => {
  const propagation = (device: Device) =>
    JSON.stringify(podsOfAllTransports(device)).includes('mountPropagation');
  expect(propagation({})).toBe(true);
  expect(propagation({ sharedRootMount: false })).toBe(false);
});

test('what agents keep is below the folder that the device has for it', () => {
  const objects = synthesizeOnDevice({ stateDirectory: '/data/edge' });
  expect(listHostFolders(objects, 'edge-metrics-agent')).toContain('/data/edge/edge-metrics-agent');
  expect(listHostFolders(objects, 'edge-log-collector')).toContain('/data/edge/edge-log-collector');
  expect(JSON.stringify(objects)).not.toContain('/var/lib/edge-observability');
});

test('no folder is made below /etc of a device with read-only mounts', () => {
  expect(listHostFolders(synthesizeOnDevice({}), 'edge-metrics-agent')).toContain(
    '/etc/edge-observability/targets',
  );
  const image = synthesizeOnDevice({ readOnlyMounts: ['/'], stateDirectory: '/data/edge' });
  expect(listHostFolders(image, 'edge-metrics-agent')).toContain('/data/edge/targets');
  for (const pod of listPods(image)) {
    expect(pod.volumes.filter(({ hostPath }: Manifest) => hostPath?.path.startsWith('/etc'))).toEqual([]);
  }
});

test('the folder of targets can be another one, or none', () => {
  const device = { readOnlyMounts: ['/'] };
  const folders = (targetsDirectory: string | false) =>
    listHostFolders(synthesizeEdge({ device, agent: { targetsDirectory } }), 'edge-metrics-agent');
  expect(folders('/run/targets')).toContain('/run/targets');
  const without = synthesizeEdge({ agent: { targetsDirectory: false } });
  expect(listHostFolders(without, 'edge-metrics-agent')).toEqual([
    '/var/lib/edge-observability/edge-metrics-agent',
  ]);
  expect(configFile(without, 'edge-metrics-agent-config', 'jobs.yaml')).not.toContain('file_sd');
  expect(JSON.stringify(podOf(findOnly(without, 'DaemonSet', 'edge-metrics-agent')))).not.toContain(
    'targets',
  );
});

test('ports are those of the device, and who reads them follows', () => {
  const ports = { nodeExporter: 9101, metricsAgent: 8430, logCollector: 12_346 };
  const objects = synthesizeOnDevice({ ports });
  const jobs = configFile(objects, 'edge-metrics-agent-config', 'jobs.yaml');
  for (const port of Object.values(ports)) expect(jobs).toContain(`127.0.0.1:${port}`);
  const hostPorts = listPods(objects).flatMap((pod) =>
    pod.containers.flatMap(({ ports: of = [] }: Manifest) =>
      of.flatMap(({ hostPort }: Manifest) => hostPort ?? []),
    ),
  );
  expect(hostPorts.sort()).toEqual([12_346, 8430, 9101, 9800]);
  expect(JSON.stringify(objects)).not.toMatch(/127\.0\.0\.1:(9100|8429|12345)/);
  const sidecar = containersOf(
    findOnly(synthesizeOnDevice({ ports }, 'pushgateway'), 'DaemonSet', 'edge-node-exporter'),
  ).at(-1);
  expect(sidecar?.env).toContainEqual({ name: 'SOURCE_URL', value: 'http://127.0.0.1:9101/metrics' });
});

test('two programs of a node never have one port', () => {
  expect(deviceError({ ports: { nodeExporter: 8429 } })).toContain(
    'port 8429 is already used on the same nodes by',
  );
});

describe('a proxy', () => {
  const httpProxy = { address: 'http://proxy.example.com:3128', credentialsSecretName: 'proxy-credentials' };
  const env = (container: Manifest): Record<string, unknown> =>
    Object.fromEntries(
      (container.env ?? []).map(({ name, value, valueFrom }: Manifest) => [name, value ?? valueFrom]),
    );
  const ADDRESS = 'http://$(PROXY_USERNAME):$(PROXY_PASSWORD)@proxy.example.com:3128';

  test.each<[string, Transport, string, string, string]>([
    ['vmagent', 'remote-write', 'edge-metrics-agent', 'vmagent', 'HTTPS_PROXY'],
    ['the keeper of its queue', 'remote-write', 'edge-metrics-agent', 'queue-keeper', 'HTTPS_PROXY'],
    ['its clock guard', 'remote-write', 'edge-metrics-agent', 'clock-guard', 'HTTPS_PROXY'],
    ['the sidecar of node_exporter', 'pushgateway', 'edge-node-exporter', 'push', 'HTTPS_PROXY'],
    ['the sidecar of an exporter of one’s own', 'pushgateway', 'modem', 'push', 'HTTPS_PROXY'],
    ['Fluent Bit', 'remote-write', 'edge-log-collector', 'fluent-bit', 'HTTP_PROXY'],
  ])(
    'is used by %s, with the password of its Secret and without the node itself',
    (...[, transport, name, container, variable]) => {
      const pod = podOf(findOnly(synthesizeOnDevice({ httpProxy }, transport), 'DaemonSet', name));
      const found = [...pod.containers, ...pod.initContainers].find(
        (one: Manifest) => one.name === container,
      );
      expect(env(found)).toMatchObject({
        PROXY_USERNAME: { secretKeyRef: { name: 'proxy-credentials', key: 'username' } },
        PROXY_PASSWORD: { secretKeyRef: { name: 'proxy-credentials', key: 'password' } },
        [variable]: ADDRESS,
        NO_PROXY: 'localhost,127.0.0.1,::1',
      });
      expect(pod.initContainers.map((one: Manifest) => one.name)).toContain('check-proxy');
    },
  );

  test('is asked for by the configuration of an agent that does not look for it by itself', () => {
    const agent = promtail();
    jest.spyOn(console, 'warn').mockReturnValue(undefined);
    const configured = (device: Device) =>
      JSON.stringify(
        findOnly(synthesizeEdge({ device, logs: { agent } }), 'ConfigMap', 'edge-log-collector-config').data,
      );
    expect(configured({ httpProxy })).toContain('proxy_from_environment: true');
    expect(configured({})).not.toContain('proxy');
  });

  test('without a password needs no Secret', () => {
    const pods = JSON.stringify(
      podsOfAllTransports({ httpProxy: { address: 'http://[2001:db8::1]:8080', noProxy: ['logs.lan'] } }),
    );
    expect(pods).toContain('{"name":"HTTPS_PROXY","value":"http://[2001:db8::1]:8080"}');
    expect(pods).toContain('"localhost,127.0.0.1,::1,logs.lan"');
    expect(pods).not.toContain('PROXY_USERNAME');
    expect(pods).not.toContain('check-proxy');
  });

  test.each([
    ['http://user:secret@proxy.example.com:3128'],
    ['https://proxy.example.com:3128'],
    ['proxy.example.com:3128'],
    ['http://proxy.example.com'],
    ['http://proxy.example.com:99999'],
    ['http://proxy.example.com:3128/path'],
    ['http://[1.2.3]:80'],
  ])('is refused with the address %s, and no password is repeated', (address) => {
    const said = deviceError({ httpProxy: { address } });
    expect(said).toContain('httpProxy');
    expect(said).not.toContain('secret');
  });
});

test.each<[string, unknown]>([
  ['stateDirectory', 'relative'],
  ['readOnlyMounts', ['/usr/']],
  ['readOnlyMounts', '/'],
  ['sharedRootMount', 'no'],
  ['seccomp', 'off'],
  ['seLinuxType', 'spc t'],
  ['ports', { nodeExporter: 0 }],
])('%s is refused where it is %j', (option, value) => {
  expect(deviceError({ [option]: value })).toMatch(
    new RegExp(`settings.edge.device.${option}\\S* is .*allowed`),
  );
});

test('a group says only what differs from all other devices', () => {
  const objects = synthesizeEdge({
    device: {
      seccomp: false,
      ports: { nodeExporter: 9101, logCollector: 12_346 },
      httpProxy: { address: 'http://p:1' },
    },
    groups: [{ name: 'north', device: { ports: { nodeExporter: 9102 }, httpProxy: false } }],
  });
  const north = (name: string) => podOf(findOnly(objects, 'DaemonSet', `${name}-north`));
  expect(north('edge-node-exporter').securityContext).not.toHaveProperty('seccompProfile');
  expect(north('edge-node-exporter').containers[0].ports[0].hostPort).toBe(9102);
  expect(north('edge-log-collector').containers[0].ports[0].hostPort).toBe(12_346);
  expect(JSON.stringify(north('edge-log-collector'))).not.toContain('PROXY');
});

test('a group alone describes its devices, and hands that on to exporters of one’s own', () => {
  const chart = new Chart(new App(), 'edge');
  const group = new EdgeGroup(chart, 'north', {
    name: 'north',
    metrics: sinks.pushgateway,
    device: { seccomp: false },
  });
  new EdgeExporter(chart, 'modem', {
    ...group.nodes,
    ...{ name: 'modem', image: 'ghcr.io/a/b:1', port: 9800, sink: group.sink },
  });
  for (const pod of listPods(chart.toJson()))
    expect(pod.securityContext).not.toHaveProperty('seccompProfile');
});
