import { App, Testing } from 'cdk8s';
import { CloudChart, EdgeChart, envoyGateway, type Settings, traefik } from '../../lib';
import { requiredSecrets } from '../../lib/core/required-secrets';
import type { Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';

function of(settings = minimalSettings) {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  return requiredSecrets(app).map(({ namespace, name, host, side }) => [host, side, `${namespace}/${name}`]);
}

test('an app knows every Secret of users that its manifests name, each once', () => {
  expect(of()).toEqual([
    ['logs.example.com', 'server', 'monitoring/logs-users'],
    ['logs.example.com', 'client', 'monitoring-edge/logs-credentials'],
    ['push.example.com', 'server', 'monitoring/push-users'],
    ['push.example.com', 'client', 'monitoring-edge/push-credentials'],
  ]);
});

test('Grafana’s users are known where it is on the Internet', () => {
  expect(
    of({ ...minimalSettings, hosts: { ...minimalSettings.hosts, grafana: 'grafana.example.com' } }),
  ).toContainEqual(['grafana.example.com', 'server', 'monitoring/grafana-users']);
});

test('users are written as the controller reads them', () => {
  const app = new App();
  new CloudChart(app, 'cloud', { settings: { ...minimalSettings, ingress: { controller: traefik() } } });
  const formats = requiredSecrets(app).map((one) => one.side === 'server' && [one.name, one.format]);
  expect(formats).toContainEqual(['push-users', { key: 'users', hash: 'bcrypt' }]);
  expect(formats).toContainEqual(['logs-users', { key: 'auth', hash: 'bcrypt' }]);
});

test('one app knows nothing of another', () => expect(requiredSecrets(new App())).toEqual([]));

describe('with a store of External Secrets', () => {
  const secretStore = { name: 'vault', prefix: 'edge/' };
  const external = (settings: Settings = { ...minimalSettings, secretStore }) => {
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings });
    const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
    return [cloud, edge].map((chart) =>
      (Testing.synth(chart) as Manifest[]).filter(({ kind }) => kind === 'ExternalSecret'),
    );
  };
  const ids = (objects: readonly Manifest[] = []) =>
    objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();

  test('every Secret that is mounted is made from it, where it is mounted', () => {
    const [cloud, edge] = external();
    expect(ids(cloud)).toEqual(['monitoring/logs-users', 'monitoring/push-users']);
    expect(ids(edge)).toEqual(['monitoring-edge/logs-credentials', 'monitoring-edge/push-credentials']);
  });

  test('its objects carry labels of the stack, whatever the length of a name', () => {
    const [[users] = []] = external({
      ...minimalSettings,
      secretStore,
      secrets: { pushUsers: 'u'.repeat(100) },
    });
    expect(users?.metadata).toMatchObject({
      name: 'u'.repeat(100),
      labels: { 'app.kubernetes.io/name': 'credentials', 'app.kubernetes.io/part-of': 'edge-observability' },
    });
  });

  test('server and clients of a host share one entry of the store', () => {
    const [[users] = [], [credentials] = []] = external();
    expect(users?.spec).toMatchObject({
      secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' },
      target: { name: 'push-users', deletionPolicy: 'Retain', template: { type: 'Opaque' } },
      data: [{ secretKey: 'auth', remoteRef: { key: 'edge/push.example.com', property: 'users' } }],
    });
    expect(credentials?.spec).toMatchObject({
      target: { name: 'push-credentials', template: { type: 'kubernetes.io/basic-auth' } },
      data: [
        { secretKey: 'username', remoteRef: { key: 'edge/push.example.com', property: 'username' } },
        { secretKey: 'password', remoteRef: { key: 'edge/push.example.com', property: 'password' } },
      ],
    });
  });

  test('a group has an entry of its own below that of the host', () => {
    const settings = {
      ...minimalSettings,
      secretStore,
      ingress: { groups: ['north'] },
      edge: { group: 'north' },
    };
    const [cloud = [], edge = []] = external(settings);
    const users = cloud.find(({ metadata }) => metadata.name === 'push-users');
    const credentials = edge.find(({ metadata }) => metadata.name === 'push-credentials-north');
    expect(users?.spec.data[0].remoteRef.key).toBe('edge/push.example.com');
    expect(credentials?.spec.data[0].remoteRef.key).toBe('edge/push.example.com/north');
  });

  test('users stand under the key that the controller reads', () => {
    const [[users] = []] = external({
      ...minimalSettings,
      secretStore,
      ingress: { controller: envoyGateway() },
    });
    expect(users?.spec.data[0].secretKey).toBe('.htpasswd');
  });

  test.each([
    ['name', { name: 'A B' }],
    ['kind', { name: 'vault', kind: 'Vault' }],
    ['prefix', { name: 'vault', prefix: 'a b' }],
    ['refreshInterval', { name: 'vault', refreshInterval: '2h' }],
  ])('its %s is checked', (option, store) => {
    expect(() => external({ ...minimalSettings, secretStore: store as never })).toThrow(
      `secretStore.${option} is `,
    );
  });
});
