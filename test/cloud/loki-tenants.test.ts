import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  BasicAuthIngress,
  CloudChart,
  LogCollector,
  LokiStack,
  type LokiStackProps,
  type Settings,
} from '../../lib';
import { overrideProblems } from '../support/loki-format';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

type Tenants = Pick<LokiStackProps, 'multiTenancy' | 'limits'>;

const make = (
  chart: Parameters<Parameters<typeof synthesizeChart>[0]>[0],
  groups?: string[],
  props: Tenants = {},
) =>
  new LokiStack(chart, 'l', {
    ...props,
    ingress: new BasicAuthIngress(chart, 'i', {
      name: 'logs',
      host: 'logs.example.com',
      tls: { secretName: 's' },
      groups,
    }),
  });
const manifests = (groups?: string[], props: Tenants = {}) =>
  synthesizeChart((chart) => new LogCollector(chart, 'c', { loki: make(chart, groups, props) }));
const readers = (groups?: string[], props: Tenants = {}) => {
  let header: string | undefined;
  synthesizeChart((chart) => {
    header = make(chart, groups, props).dataSource.secureJsonData?.httpHeaderValue1;
  });
  return header;
};
const configuration = (objects: readonly Manifest[]) =>
  parse(configFile(objects, 'loki-config', 'loki.yaml'));

describe('groups of the ingress', () => {
  const objects = manifests(['north', 'south']);

  test('are tenants, as the guard says and no client', () => {
    expect(configFile(objects, 'logs-guard-config', 'nginx.conf')).toContain(
      'proxy_set_header X-Scope-OrgID $group;',
    );
    expect(configuration(objects)).toMatchObject({
      auth_enabled: true,
      querier: { multi_tenant_queries_enabled: true },
    });
  });

  test('are read together by Grafana, with the lines of the cloud, and those of before', () => {
    expect(readers(['north', 'south'])).toBe('cloud|north|south|fake');
  });

  test('each have the rules evaluated for themselves', () => {
    const folders = podOf(findOnly(objects, 'StatefulSet'))
      .containers[0].volumeMounts.filter(({ name }: Manifest) => name === 'rules')
      .map(({ mountPath }: Manifest) => mountPath);
    expect(folders).toEqual(['cloud', 'north', 'south'].map((tenant) => `/etc/loki/rules/${tenant}`));
  });

  test('are no tenants where that is said', () => {
    const together = manifests(['north', 'south'], { multiTenancy: { tenants: [] } });
    expect(configuration(together).auth_enabled).toBe(false);
    expect(configFile(together, 'logs-guard-config', 'nginx.conf')).not.toContain('X-Scope-OrgID');
    expect(configFile(together, 'log-collector-config', 'fluent-bit.yaml')).not.toContain('tenant_id');
    expect(readers(['north', 'south'], { multiTenancy: { tenants: [] } })).toBeUndefined();
  });
});

test('without groups and tenants, all lines are together', () => {
  expect(configuration(manifests()).auth_enabled).toBe(false);
  expect(readers()).toBeUndefined();
});

describe('users of the ingress that are named', () => {
  const multiTenancy = { tenants: ['north', 'south'] };
  const objects = manifests(undefined, { multiTenancy });

  test('are tenants', () => {
    const conf = configFile(objects, 'logs-guard-config', 'nginx.conf');
    expect(conf).toContain('proxy_set_header X-Scope-OrgID $user;');
  });

  test('are checked where their names are needed, by the users that the ingress would check', () => {
    const { annotations } = findOnly(objects, 'Ingress').metadata;
    expect(Object.keys(annotations ?? {}).filter((key) => key.includes('/auth-'))).toEqual([]);
    expect(JSON.stringify(podOf(findOnly(objects, 'Deployment', 'logs-guard')).volumes)).toContain(
      '"secretName":"logs-users"',
    );
    expect(configFile(objects, 'logs-guard-config', 'nginx.conf')).toContain(
      'auth_basic_user_file /etc/nginx/users/auth;',
    );
  });

  test('have the cloud’s own lines beside them', () => {
    expect(configFile(objects, 'log-collector-config', 'fluent-bit.yaml')).toContain('tenant_id: cloud');
  });
});

test('a tenant that nobody pushes as any more is still shown, and has no rules', () => {
  const multiTenancy = { formerTenants: ['west'] };
  expect(readers(['north'], { multiTenancy })).toBe('cloud|north|west');
  expect(
    JSON.stringify(podOf(findOnly(manifests(['north'], { multiTenancy }), 'StatefulSet'))),
  ).not.toContain('rules/west');
});

describe('limits of single tenants', () => {
  test('stand in a file that Loki reads again, and leave the others as they are', () => {
    const objects = manifests(['north', 'south'], {
      multiTenancy: { limits: { north: { streams: 7, ingestionRate: '1Mi' } } },
    });
    const overrides = parse(configFile(objects, 'loki-config', 'overrides.yaml'));
    expect(overrides).toEqual({
      overrides: {
        north: { max_global_streams_per_user: 7, ingestion_rate_mb: 1, ingestion_burst_size_mb: 2 },
      },
    });
    expect(overrideProblems(overrides)).toEqual([]);
    expect(configuration(objects)).toMatchObject({
      runtime_config: { file: '/etc/loki/config/overrides.yaml' },
      limits_config: { max_global_streams_per_user: 50_000 },
    });
  });

  test('are those of the group’s nodes, where the settings say how many there are', () => {
    const nodes = (count: number) => ({ fleet: { nodes: count, logs: '100Mi' } }) as const;
    const settings: Settings = {
      ...minimalSettings,
      ingress: { groups: ['north', 'south'] },
      edge: { group: 'north', ...nodes(5_000), groups: [{ name: 'south', ...nodes(10) }] },
      loki: { multiTenancy: { limits: { south: { streams: 1_234 } } } },
    };
    const objects: Manifest[] = new CloudChart(new App(), 'cloud', { settings }).toJson();
    expect(parse(configFile(objects, 'loki-config', 'overrides.yaml')).overrides).toEqual({
      north: { max_global_streams_per_user: 600_000, ingestion_rate_mb: 58, ingestion_burst_size_mb: 116 },
      south: { max_global_streams_per_user: 1_234, ingestion_rate_mb: 4, ingestion_burst_size_mb: 8 },
    });
    expect(configuration(objects).limits_config.max_query_series).toBe(10_020);
  });
});

test.each<[string, string[] | undefined, Tenants, RegExp]>([
  [
    'a tenant that Loki refuses',
    undefined,
    { multiTenancy: { tenants: ['a/b'] } },
    /multiTenancy.tenants is \["a\/b"\]; allowed: a list/,
  ],
  [
    'a user that would write as the cloud',
    undefined,
    { multiTenancy: { tenants: ['cloud'] } },
    /these tenant names are reserved: cloud; rename/,
  ],
  ['a group that would write as the cloud', ['north', 'cloud'], {}, /these tenant names are reserved: cloud/],
  ['a group that would write into the past', ['fake'], {}, /these tenant names are reserved: fake/],
  [
    'limits of nobody',
    ['north'],
    { multiTenancy: { limits: { nort: { streams: 1 } } } },
    /multiTenancy.limits has the unknown tenants nort; allowed: cloud, north/,
  ],
  [
    'a malformed limit of a tenant',
    ['north'],
    { multiTenancy: { limits: { north: { ingestionRate: '16MB' as '16Mi' } } } },
    /multiTenancy.limits.north.ingestionRate is "16MB"; allowed: a number and a unit/,
  ],
])('%s is refused', (_, groups, props, message) => {
  expect(refusalMessage((chart) => make(chart as never, groups, props))).toMatch(message);
});
