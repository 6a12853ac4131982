import { LogCollector, LokiStack } from '../../lib';
import { fileOf, only, podOf } from '../support/manifests';
import { synthesized } from '../support/synthesize';

const objects = synthesized((chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') }), {
  platform: { cluster: 'here' },
});

test('reads the pods of cloud nodes and remembers where it was on the host', () => {
  const { volumes, affinity } = podOf(only(objects, 'DaemonSet'));
  expect(JSON.stringify(affinity)).toContain('DoesNotExist');
  expect(volumes).toContainEqual({ name: 'pods', hostPath: { path: '/var/log/pods', type: 'Directory' } });
  expect(volumes).toContainEqual({
    name: 'state',
    hostPath: { path: '/var/lib/edge-observability/alloy', type: 'DirectoryOrCreate' },
  });
});

test('sends lines to Loki with the schema’s labels', () => {
  const text = fileOf(objects, 'log-collector-config', 'config.alloy');
  expect(text).toContain('url = "http://loki.monitoring.svc:3100/loki/api/v1/push"');
  expect(text).toContain('external_labels = {"cluster" = "here", "node" = sys.env("NODE_NAME")}');
});

test('is the only one, with Grafana and Prometheus absent, that Loki lets in', () => {
  const { ingress } = only(objects, 'NetworkPolicy', 'loki').spec;
  expect(ingress).toHaveLength(1);
  expect(JSON.stringify(ingress)).toContain('log-collector');
});
