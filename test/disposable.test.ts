import { refuseUnlessDisposable } from './cluster/disposable';

const cluster = { uid: '9b0c', namespaces: ['default', 'kube-system'] };

test('the cluster suite begins where the cluster is named as one to throw away', () => {
  expect(() => refuseUnlessDisposable(cluster, '9b0c', ['monitoring'])).not.toThrow();
});

test.each([
  [undefined, 'missing'],
  ['', 'missing'],
  ['yes', '"yes"'],
])('it does not begin in any other cluster: %p', (given, shown) => {
  expect(() => refuseUnlessDisposable(cluster, given, ['monitoring'])).toThrow(
    `E2E_CLUSTER_DISPOSABLE is ${shown}; allowed: the UID of the namespace kube-system`,
  );
});

test('it does not begin where something of ours runs', () => {
  const used = { ...cluster, namespaces: [...cluster.namespaces, 'monitoring'] };
  expect(() => refuseUnlessDisposable(used, '9b0c', ['monitoring', 'monitoring-edge'])).toThrow(
    'the cluster has the namespaces monitoring, which the suite creates and deletes',
  );
});
