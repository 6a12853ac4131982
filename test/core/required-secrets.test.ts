import { App } from 'cdk8s';
import { CloudChart, EdgeChart, traefik } from '../../lib';
import { requiredSecrets } from '../../lib/core/required-secrets';
import { least } from '../support/settings';

function of(settings = least) {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: cloud.metrics, logs: cloud.logs });
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
  expect(of({ ...least, hosts: { ...least.hosts, grafana: 'grafana.example.com' } })).toContainEqual([
    'grafana.example.com',
    'server',
    'monitoring/grafana-users',
  ]);
});

test('users are written as the controller reads them', () => {
  const app = new App();
  new CloudChart(app, 'cloud', { settings: { ...least, ingress: { controller: traefik() } } });
  expect(requiredSecrets(app)[0]).toMatchObject({ side: 'server', format: { key: 'users', hash: 'bcrypt' } });
});

test('one app knows nothing of another', () => expect(requiredSecrets(new App())).toEqual([]));
