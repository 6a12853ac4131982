import { alloy, fluentBit, LogCollector, LokiStack } from '../../lib';
import { argsOf, fileOf, only, podOf } from '../support/manifests';
import { refusal, synthesized } from '../support/synthesize';

const objects = synthesized((chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') }), {
  platform: { cluster: 'here' },
});

test('reads the pods of cloud nodes and remembers where it was on the host', () => {
  const { volumes, affinity } = podOf(only(objects, 'DaemonSet'));
  expect(JSON.stringify(affinity)).toContain('DoesNotExist');
  expect(volumes).toContainEqual({ name: 'pods', hostPath: { path: '/var/log/pods', type: 'Directory' } });
  expect(volumes).toContainEqual({
    name: 'state',
    hostPath: { path: '/var/lib/edge-observability/log-collector', type: 'DirectoryOrCreate' },
  });
});

test('sends lines to Loki with the schema’s labels', () => {
  const text = fileOf(objects, 'log-collector-config', 'config.alloy');
  expect(text).toContain('url = "http://loki.monitoring.svc:3100/loki/api/v1/push"');
  expect(text).toContain(
    'external_labels = {"cluster" = "here", "side" = "cloud", "node" = sys.env("NODE_NAME")}',
  );
});

test('asks the API server for the pods of its node, and for nothing else', () => {
  expect(only(objects, 'ClusterRole').rules).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  ]);
  expect(podOf(only(objects, 'DaemonSet')).automountServiceAccountToken).toBe(true);
});

test.each([alloy(), fluentBit()])('asks nobody with an agent that needs nobody: $name', (agent) => {
  const without = synthesized(
    (chart) => new LogCollector(chart, 'c', { agent, loki: new LokiStack(chart, 'l') }),
  );
  expect(without.filter(({ kind }) => kind === 'ClusterRole')).toEqual([]);
  expect(podOf(only(without, 'DaemonSet')).automountServiceAccountToken).toBe(false);
});

test.each([
  ['IPv4 alone', ['10.0.0.0/8'], '0.0.0.0:12345'],
  ['IPv6, too', ['10.0.0.0/8', 'fd00::/8'], '[::]:12345'],
])('is asked for its readiness where nodes have %s', (_, nodeCidrs, address) => {
  const made = synthesized((chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') }), {
    platform: { nodeCidrs },
  });
  expect(argsOf(made, 'DaemonSet')).toContain(`--server.http.listen-addr=${address}`);
});

test('refuses what no agent can read', () => {
  expect(
    refusal(
      (chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l'), drop: [{ line: '(?=x)' }] }),
    ),
  ).toMatch(/drop\[0\].line is "\(\?=x\)"; allowed: a regular expression in RE2 syntax/);
});

test('is the only one, with Grafana and Prometheus absent, that Loki lets in', () => {
  const { ingress } = only(objects, 'NetworkPolicy', 'loki').spec;
  expect(ingress).toHaveLength(1);
  expect(JSON.stringify(ingress)).toContain('log-collector');
});
