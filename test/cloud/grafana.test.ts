import { parse } from 'yaml';
import { BasicAuthIngress, Grafana, LokiStack, Prometheus } from '../../lib';
import { fileOf, only } from '../support/manifests';
import { synthesized } from '../support/synthesize';

const synthesize = (host?: string) =>
  synthesized((chart) => {
    const ingress = host
      ? new BasicAuthIngress(chart, 'i', { name: 'grafana', host, tls: { secretName: 's' } })
      : undefined;
    const grafana = new Grafana(chart, 'g', { ingress });
    grafana.addDataSource(new Prometheus(chart, 'p'));
    grafana.addDataSource(new LokiStack(chart, 'l'));
  });
const settings = (host?: string) => fileOf(synthesize(host), 'grafana-config', 'grafana.ini');

test('takes its administrator from mounted files', () => {
  expect(settings()).toContain('admin_password = $__file{/etc/grafana/admin/password}');
  expect(JSON.stringify(only(synthesize(), 'StatefulSet', 'grafana'))).toContain(
    '"secretName":"grafana-admin"',
  );
});

test.each([
  'reporting_enabled',
  'check_for_updates',
  'check_for_plugin_updates',
  'plugin_admin_enabled',
  'news_feed_enabled',
  'external_enabled',
  'allow_sign_up',
])('sends nothing home and opens nothing: %s is off', (key) =>
  expect(settings()).toContain(`${key} = false`),
);

test.each([
  'preinstall_disabled = true',
  'preinstall_auto_update = false',
  'public_key_retrieval_disabled = true',
])('downloads no plugins, and no keys for them: %s', (line) => expect(settings()).toContain(line));

test('knows its public address where it has one', () => {
  expect(settings('grafana.example.com')).toContain('root_url = https://grafana.example.com/');
  expect(settings('grafana.example.com')).toContain('cookie_secure = true');
});

test('leads from a line to the metrics of its node, and back', () => {
  const [prometheus, loki] = parse(
    fileOf(synthesize(), 'grafana-datasources', 'datasources.yaml'),
  ).datasources;
  expect(loki.jsonData.derivedFields).toMatchObject([
    { matcherType: 'label', matcherRegex: 'node', datasourceUid: 'prometheus' },
  ]);
  expect(loki.jsonData.derivedFields[0].url).toContain('node="$${__value.raw}"');
  expect(prometheus.correlations).toMatchObject([
    { targetUID: 'loki', type: 'query', config: { field: 'node', target: { expr: '{node="$${node}"}' } } },
  ]);
});

test('offers the data sources that were added, read-only', () => {
  const { datasources, prune } = parse(fileOf(synthesize(), 'grafana-datasources', 'datasources.yaml'));
  expect(prune).toBe(true);
  expect(datasources).toMatchObject([
    { uid: 'prometheus', url: 'http://prometheus.monitoring.svc:9090', isDefault: true, editable: false },
    { uid: 'loki', url: 'http://loki.monitoring.svc:3100', editable: false },
  ]);
});
