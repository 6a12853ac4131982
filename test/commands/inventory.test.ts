import { fleet } from '../../environments/fleet';
import { reference } from '../../environments/reference';
import { EXIT } from '../../lib/commands/exit-codes';
import { load, workloads } from '../support/manifests';
import { called } from '../support/recorded-io';

const inventory = (...args: string[]) => called(['inventory', ...args], { reference, fleet });

test('of the reference environment holds every image, demand, endpoint and permission of dist', async () => {
  const args = ['--environment', 'reference', '--mirror', 'harbor.example.com/edge'];
  const { code, stdout, stderr } = await inventory(...args);
  expect([code, stderr]).toEqual([EXIT.done, '']);
  const pods = workloads(load('dist/reference')).flatMap(({ spec }) => spec.template.spec.containers);
  const images = [...new Set(pods.map(({ image }) => image))].sort();
  const mapped = images.map(
    (image) => `  ${image} -> harbor.example.com/edge/${image.replace(/^[^/]*\//, '')}`,
  );
  expect(stdout.split('\n').slice(0, images.length + 1)).toEqual([`${images.length} images`, ...mapped]);
  expect(stdout).toMatch(
    /^ {2}the cloud side: \d+m CPU, \d+Mi memory \(at most \d+Mi\), \d+ workloads, \d+Gi of volumes$/m,
  );
  expect(stdout).toMatch(/^ {2}each edge node on amd64 and arm64 and arm: \d+m CPU, /m);
  expect(stdout).toContain(
    '  push.edge.example.com /metrics /services/metrics (Ingress monitoring/push, TLS by Secret push-tls)\n',
  );
  expect(stdout).toContain(
    '  ServiceAccount monitoring/prometheus in the whole cluster (ClusterRole monitoring-prometheus)\n',
  );
  expect(stdout).not.toContain('fleet');
});

test('--json is the same, for programs', async () => {
  const { code, stdout } = await inventory('--json', '--mirror', 'harbor.example.com/edge');
  const { images, environments } = JSON.parse(stdout);
  expect(code).toBe(EXIT.done);
  expect(environments.map(({ environment }: { environment: string }) => environment)).toContain('reference');
  expect(images).toContainEqual({
    image: 'docker.io/curlimages/curl:8.21.0',
    mirror: 'harbor.example.com/edge/curlimages/curl:8.21.0',
    usedBy: expect.arrayContaining(['reference/edge/DaemonSet/edge-node-exporter']),
  });
});

test.each<[string[], string]>([
  [
    ['--mirror', 'https://harbor.example.com'],
    '--mirror is "https://harbor.example.com"; allowed: a registry host',
  ],
  [['--mirror', ''], '--mirror is ""; allowed: a registry host'],
  [['--environment', 'west'], '--environment is "west"; allowed: reference'],
])('%j is refused in one message', async (args, message) => {
  const { code, stdout, stderr } = await inventory(...args);
  expect([code, stdout]).toEqual([EXIT.usage, '']);
  expect(stderr).toContain(`inventory: ${message}`);
});
