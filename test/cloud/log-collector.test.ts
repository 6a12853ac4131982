import { parse } from 'yaml';
import { fluentBit, LogCollector, LokiStack, Prometheus } from '../../lib';
import { LOG_AGENTS } from '../../lib/agents/log-agents';
import { configFile, containersOf, findOnly, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const objects = synthesizeChart(
  (chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') }),
  {
    platform: { cluster: 'here' },
  },
);

/** Alerts of agents that have a notice. */
beforeEach(() => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined);
});

test('reads the pods of cloud nodes and remembers where it was on the host', () => {
  const { volumes, affinity } = podOf(findOnly(objects, 'DaemonSet'));
  expect(JSON.stringify(affinity)).toContain('DoesNotExist');
  expect(volumes).toContainEqual({ name: 'pods', hostPath: { path: '/var/log/pods', type: 'Directory' } });
  expect(volumes).toContainEqual({
    name: 'state',
    hostPath: { path: '/var/lib/edge-observability/log-collector', type: 'DirectoryOrCreate' },
  });
});

test('sends lines to Loki with the schema’s labels', () => {
  const [output] = parse(configFile(objects, 'log-collector-config', 'fluent-bit.yaml')).pipeline.outputs;
  expect(output).toMatchObject({
    ...{ host: 'loki.monitoring.svc', port: 3100, uri: '/loki/api/v1/push', tls: 'off' },
    labels: `cluster=here, side=cloud, node=\${NODE_NAME}`,
  });
});

test('has its agent read a new configuration, and give deleted files back before a disk is full', () => {
  const [, reloader] = containersOf(findOnly(objects, 'DaemonSet'));
  const env = Object.fromEntries((reloader?.env ?? []).map(({ name, value }) => [name, value]));
  expect(env).toMatchObject({
    WATCH_DIRS: '/etc/log-agent/config',
    RELOAD_URL: 'http://127.0.0.1:12345/api/v2/reload',
    DISK_DIRS: '/var/log/pods /var/lib/docker/containers',
    PAUSED_METRIC: 'fluentbit_input_ingestion_paused',
  });
});

test('is read by Prometheus, each pod by its address', () => {
  const made = synthesizeChart((chart) => {
    const collector = new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') });
    new Prometheus(chart, 'p').addTarget(collector);
  });
  const { scrape_configs } = parse(configFile(made, 'prometheus-config', 'prometheus.yaml'));
  expect(
    scrape_configs.find(({ job_name }: { job_name: string }) => job_name === 'log-collector'),
  ).toMatchObject({
    metrics_path: '/api/v2/metrics/prometheus',
    dns_sd_configs: [{ names: ['log-collector.monitoring-nodes.svc'], type: 'A', port: 12_345 }],
  });
  expect(findOnly(made, 'Service', 'log-collector').spec.clusterIP).toBe('None');
  expect(JSON.stringify(findOnly(made, 'NetworkPolicy', 'log-collector').spec.ingress)).toContain(
    'prometheus',
  );
});

test('asks the API server for the pods of its node, and for nothing else, with an agent that is told to', () => {
  const agent = { ...fluentBit(), needsApiServer: true };
  const asking = synthesizeChart(
    (chart) => new LogCollector(chart, 'c', { agent, loki: new LokiStack(chart, 'l') }),
  );
  expect(findOnly(asking, 'ClusterRole').rules).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  ]);
  expect(podOf(findOnly(asking, 'DaemonSet')).automountServiceAccountToken).toBe(true);
});

test.each(Object.values(LOG_AGENTS))(
  'needs no permissions with an agent that does not query the API server: $name',
  (agent) => {
    const without = synthesizeChart(
      (chart) => new LogCollector(chart, 'c', { agent, loki: new LokiStack(chart, 'l') }),
    );
    expect(without.filter(({ kind }) => kind === 'ClusterRole')).toEqual([]);
    expect(podOf(findOnly(without, 'DaemonSet')).automountServiceAccountToken).toBe(false);
  },
);

test.each([
  ['IPv4 alone', ['10.0.0.0/8'], '0.0.0.0'],
  ['IPv6, too', ['10.0.0.0/8', 'fd00::/8'], '::'],
])('is asked for its readiness where nodes have %s', (_, nodeCidrs, address) => {
  const made = synthesizeChart((chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') }), {
    platform: { nodeCidrs },
  });
  const { service } = parse(configFile(made, 'log-collector-config', 'fluent-bit.yaml'));
  expect(service).toMatchObject({ http_listen: address, http_port: 12_345 });
});

test('refuses what no agent can read', () => {
  expect(
    refusalMessage(
      (chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l'), drop: [{ line: '(?=x)' }] }),
    ),
  ).toMatch(/drop\[0\].line is "\(\?=x\)"; allowed: a regular expression in RE2 syntax/);
});

test('is the only one, with Grafana and Prometheus absent, that Loki lets in', () => {
  const { ingress } = findOnly(objects, 'NetworkPolicy', 'loki').spec;
  expect(ingress).toHaveLength(1);
  expect(JSON.stringify(ingress)).toContain('log-collector');
});
