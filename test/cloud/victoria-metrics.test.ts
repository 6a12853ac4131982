import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  CloudChart,
  type Settings,
  type VictoriaMetricsClusterOptions,
  victoriaMetricsCluster,
} from '../../lib';
import { configFile, containersOf, findOnly, type Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

const cloud = (options: VictoriaMetricsClusterOptions = {}, more: Partial<Settings> = {}): Manifest[] => {
  const settings: Settings = {
    ...minimalSettings,
    edge: { transport: 'remote-write', fleet: { nodes: 1_000 } },
    metricsStore: victoriaMetricsCluster(options),
    ...more,
  };
  return new CloudChart(new App(), 'cloud', { settings }).toJson();
};

const argsOf = (objects: Manifest[], kind: string, name: string): string[] =>
  (containersOf(findOnly(objects, kind, name))[0]?.args ?? []) as string[];

const jobsOf = (objects: Manifest[]) =>
  parse(configFile(objects, 'metrics-scraper-config', 'scrape.yaml')).scrape_configs as {
    job_name: string;
    static_configs?: { targets: string[] }[];
    dns_sd_configs?: { names: string[] }[];
  }[];

test('three vmstorage keep two copies of each sample, and both other programs know all of them', () => {
  const objects = cloud();
  expect(findOnly(objects, 'StatefulSet', 'vmstorage').spec.replicas).toBe(3);
  const nodes = (port: number) =>
    [0, 1, 2].map((n) => `-storageNode=vmstorage-${n}.vmstorage.monitoring.svc:${port}`);
  expect(argsOf(objects, 'Deployment', 'vminsert')).toEqual(
    expect.arrayContaining([...nodes(8400), '-replicationFactor=2']),
  );
  expect(argsOf(objects, 'Deployment', 'vmselect')).toEqual(
    expect.arrayContaining([...nodes(8401), '-replicationFactor=2', '-dedup.minScrapeInterval=1ms']),
  );
});

test('vmstorage has the retention of the settings, and the same deduplication as vmselect', () => {
  const objects = cloud({ dedupInterval: '10s' }, { retention: { metrics: '90d' } });
  const storage = argsOf(objects, 'StatefulSet', 'vmstorage');
  expect(storage).toEqual(expect.arrayContaining(['-retentionPeriod=90d', '-dedup.minScrapeInterval=10s']));
  expect(argsOf(objects, 'Deployment', 'vmselect')).toContain('-dedup.minScrapeInterval=10s');
});

test('vmselect neither caches what late samples change nor answers with a part of the nodes, and looks back as far as Prometheus', () => {
  expect(argsOf(cloud(), 'Deployment', 'vmselect')).toEqual(
    expect.arrayContaining([
      '-search.disableCache=true',
      '-search.denyPartialResponse=true',
      '-search.minStalenessInterval=5m',
    ]),
  );
});

test('each program is spread over zones, and one pod of it goes at a time', () => {
  const objects = cloud();
  for (const [kind, name] of [
    ['StatefulSet', 'vmstorage'],
    ['Deployment', 'vminsert'],
    ['Deployment', 'vmselect'],
  ] as const) {
    const [spread] = findOnly(objects, kind, name).spec.template.spec.topologySpreadConstraints;
    expect(spread.topologyKey).toBe('topology.kubernetes.io/zone');
    expect(findOnly(objects, 'PodDisruptionBudget', name).spec.maxUnavailable).toBe(1);
  }
});

test('the gateway, the vmagent and both vmalert write to vminsert, and rules and Grafana ask vmselect', () => {
  const objects = cloud();
  const write = 'http://vminsert.monitoring.svc:8480/insert/0/prometheus/api/v1/write';
  const query = 'http://vmselect.monitoring.svc:8481/select/0/prometheus';
  for (const name of ['metrics-gateway', 'metrics-scraper']) {
    expect(argsOf(objects, 'StatefulSet', name)).toContain(`-remoteWrite.url=${write}`);
  }
  expect(findOnly(objects, 'Deployment', 'metrics-rules').spec.replicas).toBe(2);
  expect(argsOf(objects, 'Deployment', 'metrics-rules')).toEqual(
    expect.arrayContaining([
      `-remoteWrite.url=${write}`,
      `-datasource.url=${query}`,
      `-remoteRead.url=${query}`,
    ]),
  );
  const { datasources } = parse(configFile(objects, 'grafana-datasources', 'datasources.yaml'));
  expect(datasources[0]).toMatchObject({ uid: 'prometheus', url: query });
  const { static_configs } = parse(configFile(objects, 'metrics-rules-notifiers', 'notifiers.yaml'));
  expect(static_configs[0].targets).toHaveLength(2);
});

test('every pod of the cluster is scraped', () => {
  const jobs = Object.fromEntries(jobsOf(cloud()).map((job) => [job.job_name, job]));
  expect(jobs.vmstorage?.static_configs?.[0]?.targets).toHaveLength(3);
  expect(jobs.vminsert?.dns_sd_configs?.[0]?.names).toEqual(['vminsert-replicas.monitoring.svc']);
  expect(jobs.vmselect?.dns_sd_configs?.[0]?.names).toEqual(['vmselect-replicas.monitoring.svc']);
});

test('only clients of each port are admitted', () => {
  const objects = cloud();
  const clients = (server: string, port: number): string[] =>
    findOnly(objects, 'NetworkPolicy', server)
      .spec.ingress.filter(({ ports }: { ports: { port: number }[] }) =>
        ports.some((one) => one.port === port),
      )
      .map(
        ({ from }: { from: { podSelector: { matchLabels: Record<string, string> } }[] }) =>
          from[0]?.podSelector.matchLabels['app.kubernetes.io/name'],
      )
      .sort();
  expect(clients('vmstorage', 8400)).toEqual(['vminsert']);
  expect(clients('vmstorage', 8401)).toEqual(['vmselect']);
  expect(clients('vminsert', 8480)).toEqual(['metrics-gateway', 'metrics-rules', 'metrics-scraper']);
  expect(clients('vmselect', 8481)).toEqual(['grafana', 'metrics-rules', 'metrics-scraper']);
});

test('Watchdog ends when the store answers no queries', () => {
  const { groups } = parse(configFile(cloud(), 'metrics-rules-rules', 'watchdog.yaml'));
  expect(groups[0].rules[0]).toMatchObject({
    alert: 'Watchdog',
    expr: 'count by (cluster) (up{job="metrics-scraper"})',
  });
});

test('grows with the fleet, but for what options say', () => {
  const fleet = { edge: { transport: 'remote-write', fleet: { nodes: 100_000 } } } as const;
  const large = cloud({ selectNodes: 7 }, fleet);
  expect(findOnly(large, 'StatefulSet', 'vmstorage').spec.replicas).toBeGreaterThan(10);
  expect(findOnly(large, 'Deployment', 'vmselect').spec.replicas).toBe(7);
  expect(findOnly(cloud({ storageNodes: 30 }, fleet), 'StatefulSet', 'vmstorage').spec.replicas).toBe(30);
});

test.each([
  [{ replicationFactor: 3, storageNodes: 2 }, /replicationFactor is 3, but storageNodes is 2; allowed/],
  [{ replicationFactor: 1, dedupInterval: '10s' }, /dedupInterval is 10s, but replicationFactor is 1/],
  [{ dedupInterval: '1m' }, /dedupInterval is 1m; allowed: at most 30s/],
  [{ replicationFactor: 0 }, /replicationFactor is 0; allowed: a whole number from 1 to 5/],
  [{ storageNodes: 0 }, /storageNodes is 0; allowed/],
  [{ insertNodes: 1 }, /insertNodes is 1; allowed: a whole number from 2 to 100/],
  [{ selectNodes: 1 }, /selectNodes is 1; allowed: a whole number from 2 to 100/],
] as [VictoriaMetricsClusterOptions, RegExp][])('%j is refused where it is given', (options, message) => {
  expect(() => victoriaMetricsCluster(options)).toThrow(message);
});

test.each([
  [{ retention: { metricsSize: '30Gi' } }, 'settings.retention.metricsSize has no effect'],
  [{ retention: { outOfOrderWindow: '1d' } }, 'settings.retention.outOfOrderWindow has no effect'],
  [{ storage: { prometheus: '30Gi' } }, 'settings.storage.prometheus has no effect'],
  [{ retention: { metrics: '12h' } }, 'retention.metrics is 12h; allowed: at least 1d'],
  [{ longestOutage: '20d' }, 'longestOutage is 20d, but metrics are only retained for 15d'],
] as [Partial<Settings>, string][])('%j contradicts it, in one sentence', (more, message) => {
  const said = refusalMessage((chart) => {
    new CloudChart(chart, 'cloud', {
      settings: { ...minimalSettings, metricsStore: victoriaMetricsCluster(), ...more },
    });
  });
  expect(said).toContain(message);
});

test('a rule that reads more than is retained is refused by name', () => {
  const said = refusalMessage((chart) => {
    const settings = { ...minimalSettings, metricsStore: victoriaMetricsCluster() };
    const { metricsStore } = new CloudChart(chart, 'cloud', { settings });
    const rule = { record: 'a:b:c', description: 'Over a month.', expr: 'sum(increase(a[20d] offset 10d))' };
    metricsStore.addRules({ ruleGroups: [{ name: 'month', rules: [rule] }] });
  });
  expect(said).toContain(
    'rule a:b:c of the group month reads samples of the last 2592000 seconds, but the retention is only 15d',
  );
});
