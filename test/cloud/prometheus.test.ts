import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  Alertmanager,
  CloudChart,
  KubernetesTargets,
  MetricsGateway,
  Prometheus,
  type PrometheusProps,
  prometheus as prometheusStore,
  type ScrapeTarget,
} from '../../lib';
import { configFile, containerArgs, containersOf, findOnly } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const target = (job_name: string, more: object = {}): ScrapeTarget => ({
  scrapeConfigs: [{ job_name, ...more }],
  scrapeServers: [],
});

const synthesize = (props?: PrometheusProps, more: (prometheus: Prometheus) => void = () => {}) =>
  synthesizeChart((chart) => more(new Prometheus(chart, 'p', props)), { platform: { cluster: 'here' } });
const configuration = (...built: Parameters<typeof synthesize>) =>
  parse(configFile(synthesize(...built), 'prometheus-config', 'prometheus.yaml'));

test('keeps samples for a time and to a size below its volume', () => {
  const args = containerArgs(synthesize({ retention: '30d', storage: '100Gi' }));
  expect(args).toContain('--storage.tsdb.retention.time=30d');
  expect(args).toContain('--storage.tsdb.retention.size=81920MB');
  expect(containerArgs(synthesize({ retentionSize: '10Gi' }))).toContain(
    '--storage.tsdb.retention.size=10240MB',
  );
});

test.each([
  ['basic_auth.password', 'password_file', { basic_auth: { username: 'a', password: 'x' } }],
  ['authorization.credentials', 'credentials_file', { authorization: { credentials: 'x' } }],
  ['oauth2.client_secret', 'client_secret_file', { oauth2: { client_id: 'a', client_secret: 'x' } }],
  ['oauth2.tls_config.key', 'key_file', { oauth2: { tls_config: { key: 'x' } } }],
  ['http_headers.X-Api-Key.values', 'files', { http_headers: { 'X-Api-Key': { values: ['x'] } } }],
  ['http_headers.X-Site.secrets', 'files', { http_headers: { 'X-Site': { secrets: ['x'] } } }],
  ['consul_sd_configs[0].token', '', { consul_sd_configs: [{ server: 'consul:8500', token: 'x' }] }],
  ['azure_sd_configs[0].client_secret', '', { azure_sd_configs: [{ client_secret: 'x' }] }],
  [
    'eureka_sd_configs[0].basic_auth.password',
    'password_file',
    { eureka_sd_configs: [{ server: 'http://eureka:8761', basic_auth: { password: 'x' } }] },
  ],
  ['http_sd_configs[0].url', '', { http_sd_configs: [{ url: 'https://a:x@sd.example.com/targets' }] }],
  ['params.token', '', { params: { module: ['http'], token: ['x'] } }],
  ['proxy_url', '', { proxy_url: 'http://a:x@proxy.example.com:3128' }],
])('refuses a literal secret in %s of a scrape job', (path, fileField, job) => {
  const message = refusalMessage(() =>
    synthesize({}, (prometheus) => prometheus.addTarget(target('shop', job))),
  );
  expect(message).toContain(`target.scrapeConfigs[0].${path} would write a secret into the manifests`);
  expect(message).toContain(fileField ? `allowed: ${fileField} ` : ': remove ');
});

test('accepts secrets of scrape jobs in files, and maps with names that look like secrets', () => {
  const job = {
    basic_auth: { username: 'a', password_file: '/etc/shop/password' },
    http_headers: { 'X-Api-Key': { files: ['/etc/shop/key'] }, 'X-Site': { values: ['berlin'] } },
    static_configs: [{ targets: ['shop:80'], labels: { key: 'a', token: 'b' } }],
    params: { module: ['http'] },
  };
  const config = configuration({}, (prometheus) => prometheus.addTarget(target('shop', job)));
  expect(config.scrape_configs).toContainEqual(expect.objectContaining(job));
});

test('takes addresses with a path as targets where relabelling makes hosts of them, and nowhere else', () => {
  const static_configs = [{ targets: ['https://shop.example.com/health'] }];
  const relabel_configs = [
    { source_labels: ['__address__'], target_label: '__param_target' },
    { target_label: '__address__', replacement: 'blackbox:9115' },
  ];
  const of = (more: object) => () =>
    configuration({}, (prometheus) => prometheus.addTarget(target('shop', more)));
  expect(of({ static_configs, relabel_configs })().scrape_configs).toContainEqual(
    expect.objectContaining({ static_configs }),
  );
  expect(of({ static_configs })).toThrow(
    'targets[0] is "https://shop.example.com/health"; allowed: a host and a port, without scheme and path',
  );
});

test('takes remote writes, and samples that come late', () => {
  expect(containerArgs(synthesize())).toContain('--web.enable-remote-write-receiver');
  const { tsdb } = configuration({ outOfOrderWindow: '6h' }).storage;
  // With the ten minutes that a node's clock may be ahead, which all others would lose.
  expect(tsdb.out_of_order_time_window).toBe('22200s');
});

test('its log begins at a level of severity', () => {
  expect(containerArgs(synthesize({ logLevel: 'warn' }))).toContain('--log.level=warn');
  expect(containerArgs(synthesize()).join(' ')).not.toContain('--log.level');
});

test('scrapes itself and what is added to it', () => {
  const { scrape_configs } = configuration({}, (prometheus) => prometheus.addTarget(target('mine')));
  expect(scrape_configs.map(({ job_name }: { job_name: string }) => job_name)).toEqual([
    'prometheus',
    'mine',
  ]);
});

test('rules about itself look for the job that it has under another name', () => {
  const objects = synthesize({ name: 'second' });
  const { scrape_configs } = parse(configFile(objects, 'second-config', 'prometheus.yaml'));
  expect(scrape_configs[0].job_name).toBe('second');
  expect(configFile(objects, 'second-rules', 'prometheus.yaml')).toContain('{job="second"}');
});

test('stamps the cluster on everything, and nothing that is pushed can claim another one', () => {
  const stamp = { target_label: 'cluster', replacement: 'here' };
  const { scrape_configs } = configuration({}, (prometheus) => {
    prometheus.addTarget(
      target('pushed', { honor_labels: true, metric_relabel_configs: [{ target_label: 'a' }] }),
    );
  });
  for (const job of scrape_configs) expect(job.relabel_configs.at(-1)).toEqual(stamp);
  expect(scrape_configs[1].metric_relabel_configs).toEqual([{ target_label: 'a' }, stamp]);
});

test('refuses a second job of one name', () => {
  const build = () => synthesize({}, (prometheus) => prometheus.addTarget(target('prometheus')));
  expect(build).toThrow(/two scrape jobs have the name "prometheus": rename one of them/);
});

test('reads kubelets and API servers of the cloud side, and no edge node', () => {
  const add = (prometheus: Prometheus) => {
    new KubernetesTargets(prometheus.node.scope as never, 'k', { store: prometheus });
  };
  const jobs = configuration({}, add).scrape_configs;
  const named = (name: string) => jobs.find(({ job_name }: { job_name: string }) => job_name === name);
  for (const name of ['kubelet', 'cadvisor']) {
    expect(named(name).relabel_configs).toContainEqual({
      source_labels: ['__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_edge'],
      regex: 'true',
      action: 'drop',
    });
  }
  expect(named('apiserver').kubernetes_sd_configs[0].role).toBe('endpointslice');
  const role = findOnly(synthesize({}, add), 'Role');
  expect(role.metadata.namespace).toBe('default');
});

test('tells every replica of Alertmanager', () => {
  const { alerting } = configuration({}, (prometheus) => {
    prometheus.addAlertSink(new Alertmanager(prometheus.node.scope as never, 'a'));
  });
  expect(alerting.alertmanagers).toEqual([
    {
      static_configs: [
        {
          targets: [
            'alertmanager-0.alertmanager.monitoring.svc:9093',
            'alertmanager-1.alertmanager.monitoring.svc:9093',
          ],
        },
      ],
    },
  ]);
});

test.each<[PrometheusProps, RegExp]>([
  [{ retention: '15' as never }, /retention is "15"/],
  [{ storage: '20GB' as never }, /storage is "20GB"/],
  [{ scrapeInterval: '0s' }, /scrapeInterval is "0s"/],
  [{ outOfOrderWindow: 'x' as never }, /outOfOrderWindow is "x"/],
])('%j is refused', (props, message) => expect(() => synthesize(props)).toThrow(message));

test('evaluates rules that are added to it, and those about itself', () => {
  const own = {
    ruleGroups: [
      {
        name: 'meters',
        rules: [{ record: 'meter:errors:sum', expr: 'sum(meter_errors)', description: 'All errors' }],
      },
    ],
  };
  const manifests = synthesize({}, (prometheus) => prometheus.addRules(own));
  expect(Object.keys(findOnly(manifests, 'ConfigMap', 'prometheus-rules').data)).toEqual([
    'meters.yaml',
    'prometheus.yaml',
  ]);
  expect(configuration().rule_files).toEqual(['/etc/prometheus-rules/*.yaml']);
  const [container] = containersOf(findOnly(manifests, 'StatefulSet'));
  expect(container?.volumeMounts).toContainEqual({
    name: 'rules',
    mountPath: '/etc/prometheus-rules',
    readOnly: true,
  });
});

test('refuses a rule that is not PromQL, and names it', () => {
  const broken = {
    ruleGroups: [{ name: 'meters', rules: [{ record: 'a:b:c', expr: 'sum(', description: 'x' }] }],
  };
  expect(() => synthesize({}, (prometheus) => prometheus.addRules(broken))).toThrow(
    /test\/p: rule a:b:c of the group meters: expr is not valid PromQL/,
  );
});

describe('two of them', () => {
  const objects = () =>
    synthesize({ replicas: 2 }, (prometheus) => {
      prometheus.addTarget(new MetricsGateway(prometheus, 'gateway', { store: prometheus }));
      prometheus.addAlertSink(new Alertmanager(prometheus, 'alertmanager'));
    });
  const configurations = () =>
    [0, 1].map((replica) => parse(configFile(objects(), 'prometheus-config', `prometheus-${replica}.yaml`)));

  test('have a configuration each, by the name of its pod', () => {
    expect(containerArgs(synthesize({ replicas: 2 }))).toContain(
      '--config.file=/etc/prometheus/$(POD_NAME).yaml',
    );
    expect(configurations().map(({ global }) => global.external_labels)).toEqual([
      { cluster: 'here', prometheus_replica: 'prometheus-0' },
      { cluster: 'here', prometheus_replica: 'prometheus-1' },
    ]);
  });

  test('say the same of an alert', () => {
    for (const { alerting } of configurations()) {
      expect(alerting.alert_relabel_configs).toEqual([{ action: 'labeldrop', regex: 'prometheus_replica' }]);
    }
    expect(configuration().alerting).not.toHaveProperty('alert_relabel_configs');
  });

  test('are each written to and read by a name that leads to one pod, and asked by one that keeps a client', () => {
    const services = objects().filter(
      ({ kind, metadata }) => kind === 'Service' && metadata.name.startsWith('prom'),
    );
    expect(
      services.map(({ metadata, spec }) => [metadata.name, spec.sessionAffinity, spec.selector]),
    ).toEqual([
      ['prometheus', 'ClientIP', { 'app.kubernetes.io/name': 'prometheus' }],
      ...[0, 1].map((replica) => [
        `prometheus-${replica}`,
        undefined,
        {
          'app.kubernetes.io/name': 'prometheus',
          'statefulset.kubernetes.io/pod-name': `prometheus-${replica}`,
        },
      ]),
    ]);
    const addresses = ['prometheus-0.monitoring.svc:9090', 'prometheus-1.monitoring.svc:9090'];
    for (const { scrape_configs } of configurations()) {
      expect(scrape_configs[0].static_configs).toEqual([{ targets: addresses }]);
    }
  });

  test('are on nodes and in zones of their own, of which one at a time is drained', () => {
    const { spec } = findOnly(objects(), 'StatefulSet', 'prometheus');
    expect(spec.replicas).toBe(2);
    expect(JSON.stringify(spec.template.spec.affinity.podAntiAffinity)).toContain('kubernetes.io/hostname');
    expect(spec.template.spec.topologySpreadConstraints[0].topologyKey).toBe('topology.kubernetes.io/zone');
    expect(findOnly(objects(), 'PodDisruptionBudget', 'prometheus').spec.maxUnavailable).toBe(1);
  });

  test('keep the StatefulSet and the claims that one has', () => {
    const fixed = (props: PrometheusProps) => {
      const { spec } = findOnly(synthesize(props), 'StatefulSet', 'prometheus');
      return [spec.serviceName, spec.selector, spec.volumeClaimTemplates];
    };
    expect(fixed({ replicas: 2 })).toEqual(fixed({}));
  });

  test('read the filter that writes to them, and know the queues of the other', () => {
    const ofGateway = (job: string) =>
      configurations().map(({ scrape_configs }) =>
        scrape_configs.find(({ job_name }: { job_name: string }) => job_name === job),
      );
    const ports = ofGateway('metrics-gateway-filter').map(
      ({ static_configs: [{ targets }] }) => targets[0].split(':')[1],
    );
    expect(ports).toEqual(['8431', '8434']);
    const others = ofGateway('metrics-gateway').map(({ metric_relabel_configs: [{ regex }] }) => regex);
    expect(others).toEqual(['(2):.*', '(1):.*']);
  });

  test('are one or two', () => {
    for (const replicas of [0, 3, 1.5]) {
      expect(() => synthesize({ replicas })).toThrow(/replicas is .*; allowed: a whole number from 1 to 2/);
      expect(() => prometheusStore({ replicas } as never)).toThrow(/^prometheus: replicas is/);
    }
  });
});

describe('an out-of-order window that is longer than the retention period', () => {
  test('is refused by its construct', () => {
    const props = { retention: '1d', outOfOrderWindow: '2d' } as const;
    expect(refusalMessage((chart) => new Prometheus(chart, 'p', props))).toContain(
      'outOfOrderWindow is 2d; allowed: at most 1d, the retention period (retention), because Prometheus deletes older samples',
    );
  });

  test('is refused with the names of the settings', () => {
    const retention = { outOfOrderWindow: '20d' } as const;
    const make = () => new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, retention } });
    expect(refusalMessage(make)).toContain(
      'settings.retention.outOfOrderWindow is 20d; allowed: at most 15d, the retention period (settings.retention.metrics)',
    );
  });
});
