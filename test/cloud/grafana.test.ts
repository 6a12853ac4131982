import type { Chart } from 'cdk8s';
import { parse } from 'yaml';
import {
  BasicAuthIngress,
  type ExternalDataSource,
  Grafana,
  type GrafanaIni,
  type GrafanaProps,
  LokiStack,
  Prometheus,
} from '../../lib';
import { configFile, findOnly } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const synthesize = (host?: string) =>
  synthesizeChart((chart) => {
    const ingress = host
      ? new BasicAuthIngress(chart, 'i', { name: 'grafana', host, tls: { secretName: 's' } })
      : undefined;
    const grafana = new Grafana(chart, 'g', { ingress });
    grafana.addDataSource(new Prometheus(chart, 'p'));
    grafana.addDataSource(new LokiStack(chart, 'l'));
  });
const settings = (host?: string) => configFile(synthesize(host), 'grafana-config', 'grafana.ini');

test('takes its administrator from mounted files', () => {
  expect(settings()).toContain('admin_password = $__file{/etc/grafana/admin/password}');
  expect(JSON.stringify(findOnly(synthesize(), 'StatefulSet', 'grafana'))).toContain(
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
    configFile(synthesize(), 'grafana-datasources', 'datasources.yaml'),
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
  const { datasources, prune } = parse(configFile(synthesize(), 'grafana-datasources', 'datasources.yaml'));
  expect(prune).toBe(true);
  expect(datasources).toMatchObject([
    { uid: 'prometheus', url: 'http://prometheus.monitoring.svc:9090', isDefault: true, editable: false },
    { uid: 'loki', url: 'http://loki.monitoring.svc:3100', editable: false },
  ]);
});

describe('sections of grafana.ini that are given', () => {
  const withIni = (props: GrafanaProps) => synthesizeChart((chart) => void new Grafana(chart, 'g', props));
  const file = (given: GrafanaIni) => configFile(withIni({ ini: given }), 'grafana-config', 'grafana.ini');

  test('stand beside those of the stack, secrets as references to mounted files', () => {
    const text = file({
      users: { default_theme: 'light' },
      'auth.generic_oauth': {
        client_id: 'grafana',
        client_secret: { secretKey: 'oauth' },
        tls_client_ca: { secretKey: 'ca.crt' },
        role_attribute_path: "contains(groups[*], 'fleet') && 'Editor' || 'Viewer'",
      },
    });
    expect(text).toContain('allow_sign_up = false\nallow_org_create = false\ndefault_theme = light\n');
    expect(text).toContain('client_secret = $__file{/etc/grafana/secrets/oauth}\n');
    expect(text).toContain('tls_client_ca = /etc/grafana/secrets/ca.crt\n');
    expect(text).toContain("role_attribute_path = contains(groups[*], 'fleet') && 'Editor' || 'Viewer'\n");
  });

  test('that are undefined are left out', () => {
    expect(file({ smtp: undefined, users: undefined })).toBe(file({}));
  });

  test('mount the Secret only where they name a key of it', () => {
    const pod = (ini: GrafanaIni) =>
      JSON.stringify(findOnly(withIni({ ini, secretName: 'ours' }), 'StatefulSet'));
    expect(pod({ users: { default_theme: 'light' } })).not.toContain('ours');
    expect(pod({ smtp: { password: { secretKey: 'smtp' } } })).toContain('"secretName":"ours"');
  });

  test.each<[GrafanaIni, number[]]>([
    [{ smtp: { host: 'smtp.example.com:587' } }, [587]],
    [{ 'auth.ldap': { config_file: { secretKey: 'ldap.toml' } } }, [389, 636]],
    [{ 'auth.github': { client_id: 'x' } }, [443]],
    [{ 'auth.generic_oauth': { client_id: 'x', token_url: 'https://login.example.com:8443/token' } }, [8443]],
    [{ users: { default_theme: 'light' } }, []],
  ])('open the way to the servers that they name, and to no other: %j', (ini, ports) => {
    const { egress = [] } = findOnly(withIni({ ini }), 'NetworkPolicy', 'grafana').spec;
    const outside = (egress as Egress[]).filter(({ to }) =>
      to.some(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0'),
    );
    expect(outside.flatMap((rule) => rule.ports.map(({ port }) => port))).toEqual(ports);
  });

  const PASSWORD = 'correct-horse-battery-staple';

  test.each<[string, unknown]>([
    ['ini.smtp.password', { smtp: { password: PASSWORD } }],
    ['ini["auth.generic_oauth"].client_secret', { 'auth.generic_oauth': { client_secret: PASSWORD } }],
    ['ini.security.secret_key', { security: { secret_key: `$__file{/tmp/${PASSWORD}}` } }],
  ])('refuse a literal secret in %s, and repeat nothing of it', (path, ini) => {
    let message = '';
    try {
      withIni({ ini: ini as GrafanaIni });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(
      `${path} must be a reference to a key of a Secret, because manifests must not contain secrets; allowed: { secretKey: "NAME" }`,
    );
    expect(message).not.toContain(PASSWORD);
  });

  test.each<[string, unknown]>([
    ['ini.smpt', { smpt: {} }],
    ['ini.smtp.from', { smtp: { from: 'a@example.com' } }],
    ['ini.server.http_port', { server: { http_port: 3001 } }],
    ['ini.users.default_theme', { users: { default_theme: 'blue' } }],
    ['ini.users.login_hint', { users: { login_hint: 'a\n[security]' } }],
    ['ini.users.login_hint', { users: { login_hint: '$__env{HOME}' } }],
    ['ini.users.login_hint', { users: { login_hint: 'user ; comment' } }],
    ['ini["auth.okta"].token_url', { 'auth.okta': { token_url: 'login.example.com' } }],
    ['ini.smtp.host', { smtp: { host: 'smtp.example.com:99999' } }],
  ])('refuse %s', (path, ini) => {
    expect(() => withIni({ ini: ini as GrafanaIni })).toThrow(path);
  });
});

describe('data sources outside of the stack', () => {
  const tempo = {
    name: 'Traces',
    uid: 'traces',
    type: 'tempo',
    url: 'http://tempo.tracing.svc:3200',
  } as const;
  const withSources = (...dataSources: ExternalDataSource[]) =>
    synthesizeChart((chart) =>
      new Grafana(chart, 'g', { dataSources }).addDataSource(new Prometheus(chart, 'p')),
    );

  test('come after those of the stack, read-only, their secrets as references', () => {
    const secureJsonData = { basicAuthPassword: { secretKey: 'tempo' } };
    const source = { ...tempo, basicAuthUser: 'g', jsonData: { a: '$x' }, secureJsonData };
    const text = configFile(withSources(source), 'grafana-datasources', 'datasources.yaml');
    expect(parse(text).datasources).toMatchObject([
      { uid: 'prometheus', isDefault: true },
      {
        ...{ ...tempo, editable: false, basicAuth: true, basicAuthUser: 'g', jsonData: { a: '$$x' } },
        secureJsonData: { basicAuthPassword: '$__file{/etc/grafana/secrets/tempo}' },
      },
    ]);
  });

  const TRACING = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tracing' } } };

  test.each<[Partial<ExternalDataSource>, object, number]>([
    [{}, TRACING, 3200],
    [{ podPort: 3201 }, TRACING, 3201],
    [{ url: 'https://tempo.example.com' }, { ipBlock: { cidr: '0.0.0.0/0' } }, 443],
  ])('are reached where they are: %j', (more, peer, port) => {
    const { egress } = findOnly(withSources({ ...tempo, ...more }), 'NetworkPolicy', 'grafana').spec;
    expect(egress).toContainEqual({ to: [peer], ports: [{ protocol: 'TCP', port }] });
  });

  test.each<[string, unknown]>([
    ['two data sources have the uid "prometheus"', { ...tempo, uid: 'prometheus' }],
    ['dataSources[0].url', { ...tempo, url: 'https://user:password@tempo.example.com' }],
    ['dataSources[0].secureJsonData.password', { ...tempo, secureJsonData: { password: 'x' } }],
    ['dataSources[0].isDefault', { ...tempo, isDefault: true }],
  ])('are refused: %s', (message, source) => {
    expect(() => withSources(source as ExternalDataSource)).toThrow(message);
  });
});

test('dashboards of a source with a folder are in that folder, and the uid of a folder has one title', () => {
  const make = (title: string) => (chart: Chart) => {
    const grafana = new Grafana(chart, 'g', { folder: 'Our edge' });
    grafana.addDashboards({ dashboards: [], folder: { uid: 'plants', title: 'Plants' } });
    grafana.addDashboards({ dashboards: [], folder: { uid: 'plants', title } });
  };
  const { providers } = parse(
    configFile(synthesizeChart(make('Plants')), 'grafana-dashboards', 'dashboards.yaml'),
  );
  expect(providers).toMatchObject([
    { folder: 'Our edge', folderUid: 'edge-observability', options: { path: '/etc/grafana/dashboards' } },
    { folder: 'Plants', folderUid: 'plants', options: { path: '/etc/grafana/folders/plants' } },
  ]);
  expect(() => synthesizeChart(make('Others'))).toThrow(
    'the folder with the uid "plants" has the titles "Plants" and "Others"',
  );
});

interface Egress {
  readonly to: readonly { readonly ipBlock?: { readonly cidr: string } }[];
  readonly ports: readonly { readonly port: number }[];
}
