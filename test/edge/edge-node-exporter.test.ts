import { EdgeNodeExporter, type EdgeNodeExporterProps, fromPushgateway } from '../../lib';
import { findOnly, podOf, runningContainersOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
const nodeExporterDaemonSet = (props: Partial<EdgeNodeExporterProps> = {}) =>
  findOnly(
    synthesizeChart((chart) => new EdgeNodeExporter(chart, 'x', { sink, ...props })),
    'DaemonSet',
  );
const nodeExporterContainer = (props?: Partial<EdgeNodeExporterProps>) =>
  runningContainersOf(nodeExporterDaemonSet(props))[0];

test('it has every field of the reference DaemonSet', () => {
  const { metadata, spec } = nodeExporterDaemonSet({ instance: 'address' });
  expect(metadata.name).toBe('edge-node-exporter');
  expect(spec.updateStrategy.type).toBe('OnDelete');
  expect(podOf(nodeExporterDaemonSet())).toMatchObject({
    priorityClassName: 'system-node-critical',
    hostNetwork: true,
    hostPID: true,
  });
  expect(nodeExporterContainer()).toMatchObject({
    name: 'node-exporter',
    args: expect.arrayContaining(['--path.procfs=/host/proc', '--path.sysfs=/host/sys']),
    ports: [{ name: 'metrics', containerPort: 9100, hostPort: 9100, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '50Mi' }, limits: { memory: '50Mi' } },
    volumeMounts: expect.arrayContaining([
      { name: 'proc', mountPath: '/host/proc', readOnly: true },
      { name: 'sys', mountPath: '/host/sys', readOnly: true },
    ]),
  });
});

test('disk metrics are the device’s: it sees the host’s root, and mounts that come later', () => {
  expect(nodeExporterContainer()?.args).toContain('--path.rootfs=/host/root');
  expect(nodeExporterContainer()?.volumeMounts).toContainEqual({
    name: 'root',
    mountPath: '/host/root',
    readOnly: true,
    mountPropagation: 'HostToContainer',
  });
});

test('it listens where only the node itself can reach it', () => {
  expect(nodeExporterContainer({ port: 9200 })?.args).toContain('--web.listen-address=127.0.0.1:9200');
});

test('a folder of the node brings along what programs write there', () => {
  const props = { textfileDirectory: '/var/lib/node-exporter' };
  expect(nodeExporterContainer(props)?.args).toContain('--collector.textfile.directory=/host/textfile');
  expect(podOf(nodeExporterDaemonSet(props)).volumes).toContainEqual({
    name: 'textfile',
    hostPath: { path: '/var/lib/node-exporter', type: 'DirectoryOrCreate' },
  });
});

test('further arguments come last, so that they win', () => {
  expect(nodeExporterContainer({ args: ['--no-collector.hwmon'] })?.args?.at(-1)).toBe(
    '--no-collector.hwmon',
  );
});

test.each(['relative/path', '/a/../b', '/a:b'])('the textfile folder %s is refused', (textfileDirectory) => {
  expect(refusalMessage((chart) => new EdgeNodeExporter(chart, 'x', { sink, textfileDirectory }))).toMatch(
    /textfileDirectory is .*; allowed: an absolute path/,
  );
});
