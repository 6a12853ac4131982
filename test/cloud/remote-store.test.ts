import { App } from 'cdk8s';
import { parse } from 'yaml';
import { CloudChart, type RemoteStoreOptions, remoteStore, type Settings } from '../../lib';
import { configFile, containersOf, findOnly, type Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

const MIMIR: RemoteStoreOptions = {
  write: {
    url: 'https://mimir.example.com/api/v1/push',
    credentialsSecretName: 'mimir-writer',
    headers: { 'X-Scope-OrgID': 'edge' },
    privateCa: { configMapName: 'our-ca', key: 'ca.crt' },
  },
  query: {
    url: 'https://mimir.example.com/prometheus',
    credentialsSecretName: 'mimir-reader',
    headers: { 'X-Scope-OrgID': 'edge' },
    privateCa: { configMapName: 'our-ca', key: 'ca.crt' },
  },
};

const objectsOf = (more: Partial<Settings>): Manifest[] =>
  new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, ...more } }).toJson();

const cloud = (options: Partial<RemoteStoreOptions> = {}, more: Partial<Settings> = {}) =>
  objectsOf({
    edge: { transport: 'remote-write', fleet: { nodes: 100 } },
    metricsStore: remoteStore({ ...MIMIR, ...options }),
    ...more,
  });

test('no Prometheus runs: a vmagent scrapes, two vmalert evaluate, and the gateway writes to the store', () => {
  const objects = cloud();
  const names = objects
    .filter(({ kind }) => /Deployment|StatefulSet/.test(kind))
    .map(({ metadata }) => metadata.name);
  expect(names).not.toContain('prometheus');
  expect(findOnly(objects, 'StatefulSet', 'metrics-scraper').spec.replicas).toBe(1);
  expect(findOnly(objects, 'Deployment', 'metrics-rules').spec.replicas).toBe(2);
  const [gateway, ...sidecars] = containersOf(findOnly(objects, 'StatefulSet', 'metrics-gateway'));
  expect(gateway?.args).toContain('-remoteWrite.url=https://mimir.example.com/api/v1/push');
  expect(sidecars.map(({ name }) => name)).toEqual(['series-limiter']);
});

test('passwords are files of Secrets, and headers name the tenant', () => {
  const [vmalert] = containersOf(findOnly(cloud(), 'Deployment', 'metrics-rules'));
  expect(vmalert?.args).toEqual(
    expect.arrayContaining([
      '-datasource.url=https://mimir.example.com/prometheus',
      '-datasource.basicAuth.usernameFile=/etc/metrics-store/query/username',
      '-datasource.basicAuth.passwordFile=/etc/metrics-store/query/password',
      '-datasource.tlsCAFile=/etc/metrics-store/query-ca/ca.crt',
      '-datasource.headers=X-Scope-OrgID:edge',
      '-remoteRead.url=https://mimir.example.com/prometheus',
      '-remoteWrite.url=https://mimir.example.com/api/v1/push',
      '-remoteWrite.basicAuth.passwordFile=/etc/metrics-store/write/password',
    ]),
  );
  const { template } = findOnly(cloud(), 'Deployment', 'metrics-rules').spec;
  const secrets = template.spec.volumes.flatMap(({ secret }: { secret?: { secretName: string } }) =>
    secret ? [secret.secretName] : [],
  );
  expect(secrets.sort()).toEqual(['mimir-reader', 'mimir-writer']);
});

test('the vmagent has every job that Prometheus would have, without its own', () => {
  const jobs = (text: string) =>
    parse(text).scrape_configs.map(({ job_name }: { job_name: string }) => job_name);
  const ours = objectsOf({ edge: { transport: 'remote-write' } });
  const ofPrometheus = jobs(configFile(ours, 'prometheus-config', 'prometheus.yaml'));
  const ofScraper = jobs(configFile(cloud(), 'metrics-scraper-config', 'scrape.yaml'));
  const others = ['prometheus', 'metrics-scraper', 'metrics-rules', 'metrics-gateway-filter'];
  const kept = (all: string[]) => all.filter((name) => !others.includes(name)).sort();
  expect(kept(ofScraper)).toEqual(kept(ofPrometheus));
  expect(ofScraper).toEqual(expect.arrayContaining(['metrics-scraper', 'metrics-rules']));
});

test('Grafana asks the store with what it has to show, and has it from files', () => {
  const objects = cloud();
  const { datasources } = parse(configFile(objects, 'grafana-datasources', 'datasources.yaml'));
  expect(datasources[0]).toMatchObject({
    uid: 'prometheus',
    url: 'https://mimir.example.com/prometheus',
    basicAuth: true,
    basicAuthUser: '$__file{/etc/grafana/data-sources/prometheus/username}',
    jsonData: { httpHeaderName1: 'X-Scope-OrgID', tlsAuthWithCACert: true },
    secureJsonData: {
      basicAuthPassword: '$__file{/etc/grafana/data-sources/prometheus/password}',
      httpHeaderValue1: 'edge',
      tlsCACert: '$__file{/etc/grafana/data-sources/prometheus-ca/ca.crt}',
    },
  });
  const mounts = containersOf(findOnly(objects, 'StatefulSet', 'grafana'))[0]?.volumeMounts ?? [];
  expect(mounts.map(({ mountPath }) => mountPath)).toEqual(
    expect.arrayContaining([
      '/etc/grafana/data-sources/prometheus',
      '/etc/grafana/data-sources/prometheus-ca',
    ]),
  );
});

test('alerts go to every Alertmanager', () => {
  const { static_configs } = parse(configFile(cloud(), 'metrics-rules-notifiers', 'notifiers.yaml'));
  expect(static_configs[0].targets[0]).toBe('alertmanager-0.alertmanager.monitoring.svc:9093');
});

test('rules elsewhere are files of a ConfigMap that no pod reads', () => {
  const objects = cloud({ rules: 'elsewhere' });
  expect(
    objects.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'metrics-rules'),
  ).toBe(false);
  expect(Object.keys(findOnly(objects, 'ConfigMap', 'metrics-rules').data)).toContain(
    'edge-reachability.yaml',
  );
});

test.each([
  [{ retention: { metrics: '30d' } }, 'settings.retention.metrics has no effect with this metricsStore'],
  [{ retention: { metricsSize: '30Gi' } }, 'settings.retention.metricsSize has no effect'],
  [{ retention: { outOfOrderWindow: '1d' } }, 'settings.retention.outOfOrderWindow has no effect'],
  [{ storage: { prometheus: '30Gi' } }, 'settings.storage.prometheus has no effect'],
] as [Partial<Settings>, string][])('%j contradicts it, in one sentence', (more, message) => {
  const said = refusalMessage((chart) => {
    const settings = { ...minimalSettings, metricsStore: remoteStore(MIMIR), ...more };
    new CloudChart(chart, 'cloud', { settings });
  });
  expect(said).toContain(message);
});

test('refuses what is no address, in the function that it was given to', () => {
  expect(() => remoteStore({ ...MIMIR, query: { url: 'mimir' } })).toThrow(
    /^remoteStore: query.url is "mimir"; allowed: http/,
  );
  expect(() => remoteStore({ write: MIMIR.write } as never)).toThrow(/remoteStore: query is/);
});

test.each([
  'https://mimir.example.com/prometheus/api/v1',
  'https://mimir.example.com/prometheus/api/v1/query',
  'https://mimir.example.com/api/v1/query_range/',
])('refuses the query address %s, to which clients would append a path again', (url) => {
  expect(() => remoteStore({ ...MIMIR, query: { url } })).toThrow(
    /^remoteStore: query.url is .* allowed: the URL without \/api\/v1/,
  );
});

test.each([
  ['write', 'http://mimir.example.com/api/v1/push'],
  ['query', 'http://10.0.0.7/prometheus'],
] as const)('refuses to send the password for %s without encryption', (part, url) => {
  expect(() => remoteStore({ ...MIMIR, [part]: { ...MIMIR[part], url } })).toThrow(
    new RegExp(
      `^remoteStore: ${part}.credentialsSecretName is "mimir-\\w+", but the password in this Secret would be sent without encryption to ${part}.url "${url}"`,
    ),
  );
});

test.each(['http://vmauth.vm.svc:8427', 'http://vmauth.vm.svc.cluster.local:8427', 'http://127.0.0.1:8427'])(
  'a password may go to %s, which does not leave the cluster',
  (address) => {
    const write = { ...MIMIR.write, url: `${address}/api/v1/push` };
    expect(() => remoteStore({ write, query: { ...MIMIR.query, url: address } })).not.toThrow();
  },
);

test('refuses resources of a vmalert that does not run', () => {
  const rulesResources = { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' } as const;
  expect(() => remoteStore({ ...MIMIR, rules: 'elsewhere', rulesResources })).toThrow(
    /^remoteStore: rulesResources has no effect if the option "rules" is "elsewhere"/,
  );
});

test('refuses an outage that is longer than the window of a Prometheus elsewhere', () => {
  const write = { ...MIMIR.write, outOfOrderWindow: '1h' } as const;
  const refuse = () => cloud({ write }, { longestOutage: '3h' });
  expect(refusalMessage(refuse)).toContain('increase write.outOfOrderWindow of remoteStore()');
  expect(() => cloud({ write: { ...write, outOfOrderWindow: '3h' } }, { longestOutage: '3h' })).not.toThrow();
});

test('a longer outage than Prometheus would take is the store’s to take', () => {
  expect(() => cloud({}, { longestOutage: '3d' })).not.toThrow();
});
