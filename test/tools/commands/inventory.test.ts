import { CloudChart, type Environment, type Settings } from '../../../lib';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import { EXAMPLES, exampleManifests } from '../../support/examples';
import { workloads } from '../../support/manifests';
import { callCommand } from '../../support/recorded-io';
import { minimalSettings } from '../../support/settings';

const pods = workloads(exampleManifests('reference')).flatMap(({ spec }) => spec.template.spec.containers);
const images = [...new Set<string>(pods.map(({ image }) => image))].sort();

const runInventory = (...args: string[]) => callCommand(['inventory', ...args], EXAMPLES);

test('of the reference environment holds every image, demand, endpoint and permission of dist', async () => {
  const { code, stdout, stderr } = await runInventory('--environment', 'reference');
  expect([code, stderr]).toEqual([EXIT.done, '']);
  expect(stdout.split('\n').slice(0, images.length + 1)).toEqual([
    `${images.length} images`,
    ...images.map((image) => `  ${image}`),
  ]);
  expect(stdout).toMatch(
    /^ {2}cloud components: \d+m CPU, \d+Mi memory \(limit: \d+Mi\), \d+ workloads, \d+Gi of volumes$/m,
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
  const { code, stdout } = await runInventory('--json', '--mirror', 'harbor.example.com/edge');
  const { images, environments } = JSON.parse(stdout);
  expect(code).toBe(EXIT.done);
  expect(environments.map(({ environment }: { environment: string }) => environment)).toContain('reference');
  expect(images).toContainEqual({
    image: 'docker.io/curlimages/curl:8.21.0',
    mirror: 'harbor.example.com/edge/curlimages/curl:8.21.0',
    usedBy: expect.arrayContaining(['reference/edge/DaemonSet/edge-node-exporter']),
  });
});

test('--mirror prints a line for each image that copies it there, and nothing else', async () => {
  const args = ['--environment', 'reference', '--mirror', 'harbor.example.com/edge'];
  const { code, stdout, stderr } = await runInventory(...args);
  const copyOf = (image: string) => `harbor.example.com/edge/${image.replace(/^[^/]*\//, '')}`;
  expect([code, stderr]).toEqual([EXIT.done, '']);
  expect(stdout.trimEnd().split('\n')).toEqual(
    images.map((image) => `skopeo copy --all --preserve-digests docker://${image} docker://${copyOf(image)}`),
  );
});

test('--mirror takes a mirror for each registry, and another tool', async () => {
  const mirrors = [
    'quay.io=h.example.com/quay',
    'docker.io=h.example.com/hub',
    'registry.k8s.io=h.example.com/k8s',
  ];
  const given = mirrors.map((mirror) => `--mirror=${mirror}`);
  const { code, stdout } = await runInventory(...given, '--copy-tool', 'crane');
  expect(code).toBe(EXIT.done);
  expect(stdout).toContain(
    'crane copy docker.io/library/node:24.11.1-alpine3.22 h.example.com/hub/library/node:24.11.1-alpine3.22\n',
  );
});

test('--mirror without a value is about the mirrors of the settings', async () => {
  const settings: Settings = { ...minimalSettings, images: { mirror: 'r.example.com/m' } };
  const site: Environment = (app) => void new CloudChart(app, 'cloud', { settings });
  const { code, stdout } = await callCommand(['inventory', '--mirror', '--copy-tool', 'docker'], { site });
  expect(code).toBe(EXIT.done);
  expect(stdout).toContain(` --tag r.example.com/m/grafana/loki:3.7.6 docker.io/grafana/loki:3.7.6\n`);
});

test('an image of a registry that has no mirror is an error', async () => {
  const { code, stderr } = await runInventory('--mirror', 'quay.io=h.example.com/quay');
  expect(code).toBe(EXIT.failed);
  expect(stderr).toContain('inventory: images: images.mirror has no entry for docker.io');
});

test.each<[string[], string]>([
  [['--mirror'], '--mirror requires a registry, because no environment sets images.mirror'],
  [['--mirror', '../../etc'], '--mirror is "../../etc"; allowed: a registry host'],
  [
    ['--mirror', 'a.example.com', '--mirror', 'b.example.com'],
    '--mirror is ["a.example.com","b.example.com"]',
  ],
  [['--mirror', 'quay.io=a.example.com', '--mirror', 'quay.io=b.example.com'], '--mirror is ["quay.io=a'],
  [
    ['--mirror', 'r.example.com', '--copy-tool', 'scp'],
    '--copy-tool is "scp"; allowed: skopeo, crane, docker',
  ],
  [['--copy-tool', 'crane'], '--copy-tool requires --mirror'],
  [
    ['--mirror', 'https://harbor.example.com'],
    '--mirror is "https://harbor.example.com"; allowed: a registry host',
  ],
  [['--mirror', ''], '--mirror is ""; allowed: a registry host'],
  [['--environment', 'west'], '--environment is "west"; allowed: reference'],
])('%j is refused in one message', async (args, message) => {
  const { code, stdout, stderr } = await runInventory(...args);
  expect([code, stdout]).toEqual([EXIT.usage, '']);
  expect(stderr).toContain(`inventory: ${message}`);
});
