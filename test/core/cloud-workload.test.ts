import { CloudWorkload } from '../../lib/core/cloud-workload';
import type { CloudWorkloadProps } from '../../lib/core/cloud-workload-options';
import { containersOf, findOnly, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart, type TestChartProps } from '../support/synthesize';

const props: CloudWorkloadProps = {
  name: 'thing',
  image: 'prometheus',
  uid: 65_534,
  ports: { http: 80 },
  container: { resources: { cpu: '10m', memory: '16Mi' } },
};

const synthesize = (more: Partial<CloudWorkloadProps> = {}, chart?: TestChartProps) =>
  synthesizeChart((scope) => new CloudWorkload(scope, 'x', { ...props, ...more }), chart);

test('without a volume it is a Deployment, with one a StatefulSet', () => {
  expect(findOnly(synthesize(), 'Deployment').metadata.name).toBe('thing');
  const { spec } = findOnly(synthesize({ storage: { size: '2Gi', mountPath: '/data' } }), 'StatefulSet');
  expect(spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe('2Gi');
  expect(spec.template.spec.containers[0].volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
});

test('its Service offers each port under its own number', () => {
  expect(findOnly(synthesize({ ports: { http: 80, grpc: 90 } }), 'Service').spec.ports).toEqual([
    { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' },
    { name: 'grpc', port: 90, protocol: 'TCP', targetPort: 'grpc' },
  ]);
});

test('a headless Service names replicas before they are ready', () => {
  expect(findOnly(synthesize({ headless: true }), 'Service').spec).toMatchObject({
    clusterIP: 'None',
    publishNotReadyAddresses: true,
  });
});

test('replicas keep apart and have a disruption budget', () => {
  const objects = synthesize({ replicas: 2 });
  expect(findOnly(objects, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  expect(podOf(findOnly(objects, 'Deployment')).affinity).toHaveProperty('podAntiAffinity');
  expect(synthesize().some(({ kind }) => kind === 'PodDisruptionBudget')).toBe(false);
});

test.each<[string, TestChartProps, string | undefined]>([
  ['from 1.27 on, which knows how to say so', { platform: { kubernetesVersion: '1.27' } }, 'AlwaysAllow'],
  ['and nothing is said before', { platform: { kubernetesVersion: '1.26' } }, undefined],
])('replicas of which none works keep no node from being drained, %s', (_, chart, policy) => {
  const { spec } = findOnly(synthesize({ replicas: 2 }, chart), 'PodDisruptionBudget');
  expect(spec.unhealthyPodEvictionPolicy).toBe(policy);
});

test('a change of its files changes its pods', () => {
  const checksum = (text: string) =>
    findOnly(
      synthesize({ config: [{ name: 'config', mountPath: '/etc/x', files: () => ({ 'a.yaml': text }) }] }),
      'Deployment',
    ).spec.template.metadata.annotations['checksum/config'];
  expect(checksum('a')).toBe(checksum('a'));
  expect(checksum('a')).not.toBe(checksum('b'));
});

test('it gets a token only where it asks something of the API server, and may ask only that', () => {
  expect(podOf(findOnly(synthesize(), 'Deployment')).automountServiceAccountToken).toBe(false);
  const permissions = [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }];
  const objects = synthesize({ permissions }, { namespace: 'theirs' });
  expect(podOf(findOnly(objects, 'Deployment')).automountServiceAccountToken).toBe(true);
  const role = findOnly(objects, 'ClusterRole');
  expect(role.rules).toEqual(permissions);
  expect(role.metadata).toMatchObject({ name: 'theirs-thing' });
  expect(role.metadata.namespace).toBeUndefined();
  expect(findOnly(objects, 'ClusterRoleBinding').subjects).toEqual([
    { kind: 'ServiceAccount', name: 'thing', namespace: 'theirs' },
  ]);
});

test('Secrets are folders, and may have names that no volume may have', () => {
  const deployment = findOnly(synthesize({ secrets: { '/etc/admin': 'grafana.admin' } }), 'Deployment');
  expect(containersOf(deployment)[0]?.volumeMounts).toContainEqual({
    name: 'admin',
    mountPath: '/etc/admin',
    readOnly: true,
  });
  expect(podOf(deployment).volumes).toContainEqual({
    name: 'admin',
    secret: { secretName: 'grafana.admin', defaultMode: 0o440 },
  });
});

test('it takes mirror, pull Secrets and storage class from the platform', () => {
  const platform = { images: { mirror: 'r.example.com' }, imagePullSecrets: ['pull'], storageClass: 'fast' };
  const { spec } = findOnly(
    synthesize({ storage: { size: '1Gi', mountPath: '/d' } }, { platform }),
    'StatefulSet',
  );
  expect(spec.template.spec.containers[0].image).toMatch(/^r\.example\.com\/prometheus\/prometheus:/);
  expect(spec.template.spec.imagePullSecrets).toEqual([{ name: 'pull' }]);
  expect(spec.volumeClaimTemplates[0].spec.storageClassName).toBe('fast');
});

test.each<[string, Partial<CloudWorkloadProps>, RegExp]>([
  ['a name', { name: 'A' }, /name is "A"/],
  ['no replicas', { replicas: 0 }, /replicas is 0; allowed: a whole number from 1 to 100/],
  ['a size', { storage: { size: '2G' as never, mountPath: '/d' } }, /storage.size is "2G"/],
  ['a Secret’s name', { secrets: { '/a': 'A B' } }, /secrets\["\/a"\] is "A B"/],
])('%s that is not allowed is refused', (_, more, message) => {
  expect(refusalMessage((scope) => new CloudWorkload(scope, 'x', { ...props, ...more }))).toMatch(message);
});

test('a port that it does not have is an error of the caller', () => {
  expect(refusalMessage((scope) => new CloudWorkload(scope, 'x', props).serviceAddress('nope'))).toMatch(
    /has no port "nope"/,
  );
});
