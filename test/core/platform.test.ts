import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Platform, type PlatformProps } from '../../lib';
import { allSettings as settings } from '../support/settings';

const chart = (namespace?: string) => new Chart(new App(), 'chart', { namespace });

const everything: Required<PlatformProps> = {
  cluster: 'c',
  kubernetesVersion: '1.30',
  namespaces: { cloud: 'a', nodes: 'b', edge: 'c' },
  images: {
    mirror: 'r.example.com',
    overrides: {},
    lock: { version: 1, images: {} },
    architectures: { cloud: ['amd64'], edge: ['arm64'] },
  },
  imagePullSecrets: ['pull'],
  storageClass: 'fast',
  nodeCidrs: ['10.1.0.0/16'],
  sharedNamespaces: true,
  scheduling: settings.scheduling,
  commonLabels: { 'cost-center': '4711' },
  commonAnnotations: { 'policy.example.com/owner': 'the fleet team' },
  cloudNodes: { sharedRootMount: false, seccomp: false, seLinuxType: 'spc_t', nodeExporterPort: 9101 },
  privateCa: { configMapName: 'ca', key: 'ca.crt' },
  syncWaves: true,
  secretStore: { name: 'vault', kind: 'SecretStore', prefix: 'edge/', refreshInterval: '5m' },
};

test('constructs below a scope see what was defined there', () => {
  const scope = chart();
  Platform.define(scope, everything);
  const platform = Platform.of(new Construct(scope, 'child'));
  expect(platform).toMatchObject({
    cluster: 'c',
    kubernetesMinor: 30,
    storageClass: 'fast',
    imagePullSecrets: [{ name: 'pull' }],
    nodeCidrs: ['10.1.0.0/16'],
    privateCa: { configMapName: 'ca', key: 'ca.crt' },
  });
});

test('without a definition there are defaults that the oldest cluster knows', () => {
  expect(Platform.of(chart())).toMatchObject({ cluster: 'default', kubernetesMinor: 22 });
});

test('the namespace is the construct’s own, then the chart’s, then the platform’s', () => {
  const platform = Platform.of(chart());
  expect(platform.namespaceOf(chart('theirs'), 'cloud', 'own')).toBe('own');
  expect(platform.namespaceOf(chart('theirs'), 'cloud')).toBe('theirs');
  expect(platform.namespaceOf(chart(), 'edge')).toBe('monitoring-edge');
});

test('nodes have addresses of IPv6 where their ranges say so', () => {
  const hasIpv6 = (nodeCidrs: string[]) => Platform.define(chart(), { nodeCidrs }).hasIpv6;
  expect(hasIpv6(['10.0.0.0/8', 'fd00::/8'])).toBe(true);
  expect(hasIpv6(['10.0.0.0/8'])).toBe(false);
  expect(Platform.of(chart()).hasIpv6).toBe(false);
});

test('what is not allowed is refused with the names of all that is wrong', () => {
  const wrong = { cluster: 'a b', nodeCidrs: ['here'], namespaces: { edge: 'Edge' } };
  expect(() => Platform.define(chart(), wrong)).toThrow(
    /chart: cluster is "a b".*namespaces.edge is "Edge".*nodeCidrs/,
  );
  expect(() => Platform.of(chart()).namespaceOf(chart(), 'cloud', 'No')).toThrow(/namespace is "No"/);
});
