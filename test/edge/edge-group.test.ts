import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import {
  CloudChart,
  EdgeChart,
  type EdgeChartProps,
  EdgeGroup,
  type EdgeGroupSettings,
  fluentBit,
  fromLoki,
  fromPushgateway,
  fromRemoteWrite,
  prometheus,
  type Settings,
} from '../../lib';
import { PROMETHEUS } from '../../lib/cloud/prometheus/sizing';
import { type Duration, toBytes } from '../../lib/core/units';
import { configFile, containersOf, findOnly, type Manifest, podOf } from '../support/manifests';
import { minimalSettings } from '../support/settings';

const secret = { host: 'push.example.com', credentialsSecretName: 'push-credentials' };
const pushgateway = fromPushgateway(secret);
const remoteWrite = fromRemoteWrite(secret);
const logs = fromLoki({ host: 'logs.example.com', credentialsSecretName: 'logs-credentials' });

function synthesizeEdge(groups: readonly EdgeGroupSettings[], others: Settings['edge'] = {}): Manifest[] {
  const settings: Settings = { ...minimalSettings, edge: { ...others, groups } };
  return new EdgeChart(new App(), 'edge', { settings, metrics: [pushgateway, remoteWrite], logs }).toJson();
}

const nodeRequirements = (objects: Manifest[], name: string) =>
  podOf(findOnly(objects, 'DaemonSet', name)).affinity.nodeAffinity
    .requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions;

const lastContainerVariables = (objects: Manifest[], name: string) =>
  Object.fromEntries(
    (containersOf(findOnly(objects, 'DaemonSet', name)).at(-1)?.env ?? []).map(({ name: key, value }) => [
      key,
      value,
    ]),
  );

test('a group is a NodeGroup of KubeEdge of its name, or nodes with a label', () => {
  const selector = (group: EdgeGroupSettings) =>
    podOf(findOnly(synthesizeEdge([group]), 'DaemonSet', `edge-node-exporter-${group.name}`)).nodeSelector;
  expect(selector({ name: 'north' })).toEqual({ 'apps.kubeedge.io/belonging-to': 'north' });
  expect(selector({ name: 'south', nodeSelector: { site: 's' } })).toEqual({ site: 's' });
});

test('nodes in none are served, too, and none is twice', () => {
  const objects = synthesizeEdge([
    { name: 'north', nodeSelector: { site: 'n' } },
    { name: 'south', nodeSelector: { site: 's' } },
  ]);
  for (const name of ['edge-node-exporter', 'edge-log-collector']) {
    expect(nodeRequirements(objects, name)).toContainEqual({
      key: 'site',
      operator: 'NotIn',
      values: ['n', 's'],
    });
    expect(podOf(findOnly(objects, 'DaemonSet', name)).nodeSelector).toBeUndefined();
  }
});

test.each<[string, EdgeGroupSettings[]]>([
  [
    'of the same nodes',
    [
      { name: 'a', nodeSelector: { site: 'n' } },
      { name: 'b', nodeSelector: { site: 'n' } },
    ],
  ],
  [
    'that may share nodes',
    [
      { name: 'a', nodeSelector: { site: 'n' } },
      { name: 'b', nodeSelector: { size: 's' } },
    ],
  ],
  ['that KubeEdge and a label tell apart', [{ name: 'a' }, { name: 'b', nodeSelector: { size: 's' } }]],
])('two groups %s are refused', (_, groups) => {
  expect(() => synthesizeEdge(groups)).toThrow(/is already used on the same nodes by edge\/group-a/);
});

test('a group has its own interval, profile, transport and tolerations, and the rest from all', () => {
  const objects = synthesizeEdge(
    [
      { name: 'north', interval: '1m', tolerations: [{ key: 'n', operator: 'Exists' }] },
      { name: 'south', transport: 'remote-write', profile: 'lean' },
    ],
    { textfileDirectory: '/var/lib/text' },
  );
  expect(lastContainerVariables(objects, 'edge-node-exporter-north').INTERVAL_SECONDS).toBe('60');
  expect(lastContainerVariables(objects, 'edge-node-exporter').INTERVAL_SECONDS).toBe('10');
  expect(podOf(findOnly(objects, 'DaemonSet', 'edge-log-collector-north')).tolerations).toEqual([
    { key: 'n', operator: 'Exists' },
  ]);
  expect(
    containersOf(findOnly(objects, 'DaemonSet', 'edge-node-exporter-south')).map(({ name }) => name),
  ).toEqual(['node-exporter']);
  expect(findOnly(objects, 'DaemonSet', 'edge-metrics-agent-south')).toBeDefined();
  expect(objects.filter(({ metadata }) => metadata.name === 'edge-metrics-agent-north')).toEqual([]);
  for (const name of ['edge-node-exporter', 'edge-node-exporter-south']) {
    expect(JSON.stringify(podOf(findOnly(objects, 'DaemonSet', name)).volumes)).toContain('/var/lib/text');
  }
});

test('what is measured and logged carries the group, and the job that all groups have', () => {
  const objects = synthesizeEdge([{ name: 'north' }, { name: 'south', transport: 'remote-write' }]);
  expect(lastContainerVariables(objects, 'edge-node-exporter-north')).toMatchObject({
    GROUP: 'north',
    JOB: 'node_exporter',
  });
  const agent = containersOf(findOnly(objects, 'DaemonSet', 'edge-metrics-agent-south'));
  expect(agent.find(({ name }) => name === 'vmagent')?.args).toContain('-remoteWrite.label=group=south');
  const { data } = findOnly(objects, 'ConfigMap', 'edge-metrics-agent-south-config');
  expect(data['jobs.yaml']).toContain('job_name: edge-metrics-agent\n');
});

test('a node that changes its group finds its queue and its positions again', () => {
  const objects = synthesizeEdge([{ name: 'south', transport: 'remote-write' }], {
    transport: 'remote-write',
  });
  const states = (name: string) =>
    podOf(findOnly(objects, 'DaemonSet', name)).volumes.filter(
      ({ name: volume }: { name: string }) => volume === 'state',
    );
  for (const name of ['edge-metrics-agent', 'edge-log-collector']) {
    expect(states(`${name}-south`)).toEqual(states(name));
  }
});

test('scripts that are the same for all are there once, whatever the number of groups', () => {
  const scripts = (count: number) =>
    synthesizeEdge(
      Array.from({ length: count }, (_, index) => ({ name: `g${index}` })),
      { transport: 'remote-write' },
    )
      .filter(
        ({ kind, data }) => kind === 'ConfigMap' && Object.keys(data).some((file) => file.endsWith('.sh')),
      )
      .map(({ metadata }) => metadata.name);
  expect(scripts(5)).toEqual(scripts(1));
  expect(new Set(scripts(5)).size).toBe(scripts(5).length);
});

test('groups are users of their own where the sink knows groups', () => {
  const grouped = fromPushgateway({ ...secret, groups: ['north', 'rest'] });
  const chart = new Chart(new App(), 'edge');
  new EdgeGroup(chart, 'north', { name: 'north', metrics: grouped });
  expect(JSON.stringify(podOf(findOnly(chart.toJson(), 'DaemonSet')).volumes)).toContain(
    'push-credentials-north',
  );
  expect(() => new EdgeGroup(chart, 'south', { name: 'south', metrics: grouped })).toThrow(
    /the option "group" is "south"; allowed/,
  );
});

describe('the sinks of a chart', () => {
  const chart = (edge: Settings['edge'], metrics: EdgeChartProps['metrics']) => () =>
    new EdgeChart(new App(), 'edge', { settings: { ...minimalSettings, edge }, metrics }).toJson();
  const mixed = { groups: [{ name: 'north' }, { name: 'x', transport: 'remote-write' as const }] };

  test('those of a CloudChart take each transport of the settings', () => {
    const { sinks } = new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, edge: mixed } });
    expect(sinks.map(({ protocol }) => protocol)).toEqual(['pushgateway', 'remote-write']);
    expect(chart(mixed, sinks)).not.toThrow();
  });

  test('a single one chooses the transport where the settings name none', () => {
    expect(findOnly(chart({}, remoteWrite)(), 'DaemonSet', 'edge-metrics-agent')).toBeDefined();
  });

  test.each<[Settings['edge'], EdgeChartProps['metrics'], string]>([
    [
      mixed,
      pushgateway,
      'settings.edge.groups[1].transport is "remote-write", but the option "metrics" only contains sinks for "pushgateway"',
    ],
    [
      { transport: 'remote-write', groups: [{ name: 'y' }, { name: 'x', transport: 'pushgateway' }] },
      [remoteWrite],
      'settings.edge.groups[1].transport is "pushgateway", but the option "metrics" only contains sinks for "remote-write"',
    ],
    [
      { transport: 'remote-write' },
      pushgateway,
      'settings.edge.transport is "remote-write", but the option "metrics" only contains sinks for "pushgateway"',
    ],
    [
      { transport: 'pushgateway', groups: [{ name: 'y' }] },
      remoteWrite,
      'pass all sinks of the CloudChart (metrics: cloud.sinks), or add the sink fromPushgateway({ ... })',
    ],
    [{}, [], 'metrics is []; allowed: a Pushgateway'],
    [
      {},
      [pushgateway, pushgateway],
      'the option "metrics" contains several sinks for the transport "pushgateway"; allowed: one sink for each transport',
    ],
  ])('that do not take a transport of %j are refused', (edge, metrics, message) => {
    expect(chart(edge, metrics)).toThrow(message);
  });
});

test.each<[object, RegExp]>([
  [{ name: 'North' }, /settings.edge.groups\[0\].name is "North"/],
  [
    { name: 'a', nodeSelector: { a: 'b', c: 'd' } },
    /groups\[0\].nodeSelector is .*; allowed: exactly one label, with a value that only/,
  ],
  [{ name: 'a', groups: [] }, /settings.edge.groups\[0\].groups is not an option/],
  [{ name: 'a', fleet: { nodes: 0 } }, /groups\[0\].fleet.nodes is 0/],
])('%j is refused', (group, message) => {
  expect(() => synthesizeEdge([group as EdgeGroupSettings])).toThrow(message);
});

describe('a budget of the uplink ends the synthesis', () => {
  const message = /a node of the group north sends \d+Mi per day, but uplinkBudget is 20Mi: metrics/;
  const traffic = { logs: '5Mi', uplinkBudget: '20Mi' } as const;

  test('of a group by itself', () => {
    const chart = new Chart(new App(), 'edge');
    expect(() => new EdgeGroup(chart, 'north', { name: 'north', metrics: remoteWrite, traffic })).toThrow(
      message,
    );
    const agent = { sending: { batchWait: '2m' } } as const;
    const seldom = { name: 'south', metrics: remoteWrite, interval: '1m', traffic, agent } as const;
    expect(() => new EdgeGroup(chart, 'south', seldom)).not.toThrow();
  });

  test('of a chart whose cloud side is elsewhere', () => {
    expect(() => synthesizeEdge([{ name: 'north', fleet: { nodes: 3, ...traffic } }])).toThrow(message);
  });

  test('and is not that of a group which says none', () => {
    const others = { interval: '5m', profile: 'lean', fleet: { nodes: 3, ...traffic } } as const;
    expect(() => synthesizeEdge([{ name: 'north', interval: '5s' }], others)).not.toThrow();
  });
});

describe('the queue on the nodes', () => {
  const agentArgs = (longestOutage: Settings['longestOutage'], others: Settings['edge'] = {}) => {
    const settings: Settings = {
      ...minimalSettings,
      longestOutage,
      edge: { transport: 'remote-write', ...others },
    };
    const objects = new EdgeChart(new App(), 'edge', { settings, metrics: remoteWrite }).toJson();
    return JSON.stringify(podOf(findOnly(objects, 'DaemonSet', 'edge-metrics-agent')));
  };
  const size = (pod: string) => Number(/maxDiskUsagePerURL=(\d+)/.exec(pod)?.[1]) / 2 ** 20;

  test('is as an agent has it, where that lasts for the longest outage', () => {
    expect(agentArgs('12h')).toBe(agentArgs(undefined));
  });

  test('is larger, and keeps samples longer, where it must', () => {
    const week = agentArgs(undefined);
    const month = agentArgs('30d', { fleet: { nodes: 1, series: 3_000 } });
    expect(size(week)).toBe(512);
    // Names of 3,000 series in some 1,450 batches a day and 120 samples a second, for 30 days, and half as much again.
    const ofADay = 3_000 * 1_450 * 16 + 120 * 86_400 * 3;
    expect(size(month)).toBeCloseTo((ofADay * 30 * 1.5) / 2 ** 20, -3);
    const age = (pod: string) => /"name":"MAX_AGE_SECONDS","value":"(\d+)"/.exec(pod)?.[1];
    expect([age(week), age(month)]).toEqual([`${7 * 86_400}`, `${30 * 86_400}`]);
  });

  test('is what somebody says, where somebody does', () => {
    expect(size(agentArgs('30d', { agent: { queue: { size: '1Gi' } } }))).toBe(1_024);
  });

  test('may not give up before the outage ends', () => {
    expect(() => agentArgs('3d', { agent: { queue: { maxAge: '1d' } } })).toThrow(
      /edge.agent.queue.maxAge of the group "others" is 1d, so the queue drops samples before an outage of 3d ends/,
    );
  });
});

describe('the longest outage', () => {
  const cloud = (settings: Partial<Settings>) => () =>
    new CloudChart(new App(), 'cloud', {
      settings: { ...minimalSettings, ...settings },
    }).toJson() as Manifest[];
  const edge = { transport: 'remote-write' } as const;

  test.each<[string, Partial<Settings>, RegExp]>([
    [
      'than samples are accepted',
      { longestOutage: '1d', edge },
      /longestOutage is 1d, but the store only accepts samples of the last 2h: increase retention\.outOfOrderWindow/,
    ],
    [
      'than metrics are kept',
      { longestOutage: '20d' },
      /longestOutage is 20d, but metrics are only retained for 15d: increase the retention of metrics/,
    ],
    [
      'than lines are kept',
      { longestOutage: '10d', retention: { logs: '7d' } },
      /longestOutage is 10d, but logs are only retained for 7d: increase the retention of logs/,
    ],
    [
      'than lines are accepted',
      { longestOutage: '10d', loki: { maxLineAge: '9d' } },
      /longestOutage is 10d, but Loki rejects log lines older than settings.loki.maxLineAge \(9d\): increase/,
    ],
  ])('is not longer %s, whether anybody counts the nodes or not', (_, settings, message) => {
    expect(cloud(settings)).toThrow(message);
  });

  test('lets Loki take lines that are as old', () => {
    const age = (settings: Partial<Settings>) =>
      /reject_old_samples_max_age: (\w+)/.exec(JSON.stringify(cloud(settings)()))?.[1];
    expect(age({})).toBe('192h');
    expect(age({ longestOutage: '7d' })).toBe('192h');
    expect(age({ longestOutage: '10d' })).toBe('240h');
  });
});

describe('sizes', () => {
  const cloud = (settings: Partial<Settings>) =>
    new CloudChart(new App(), 'cloud', {
      settings: { ...minimalSettings, ...settings },
    }).toJson() as Manifest[];
  const fleet = { nodes: 1_200 };

  test('follow from the fleet', () => {
    const pushing = cloud({ edge: { fleet } });
    expect(
      pushing.filter(
        ({ kind, metadata }) => kind === 'StatefulSet' && /^pushgateway(-shard-\d)?$/.test(metadata.name),
      ),
    ).toHaveLength(4);
    const claim = (objects: Manifest[]) =>
      findOnly(objects, 'StatefulSet', 'prometheus').spec.volumeClaimTemplates[0].spec.resources.requests
        .storage;
    expect(Number.parseInt(claim(pushing), 10)).toBeGreaterThan(Number.parseInt(claim(cloud({})), 10));
  });

  test('are what somebody says, where somebody does', () => {
    const objects = cloud({
      edge: { fleet },
      storage: { prometheus: '33Gi' },
      pushgateways: { exporters: { shards: 1 } },
    });
    expect(objects.filter(({ metadata }) => metadata.name === 'pushgateway-shard-1')).toEqual([]);
    expect(JSON.stringify(findOnly(objects, 'StatefulSet', 'prometheus'))).toContain('"33Gi"');
  });

  test('of the gateway follow, too, and are what somebody says, where somebody does', () => {
    const large = { transport: 'remote-write', fleet: { nodes: 20_000 } } as const;
    const gateway = (settings: Partial<Settings>) =>
      findOnly(cloud({ edge: large, ...settings }), 'StatefulSet', 'metrics-gateway').spec;
    expect(gateway({}).replicas).toBeGreaterThan(2);
    expect(JSON.stringify(gateway({}))).toContain(`maxHourlySeries=${2 * (25_002 * 510 + 1_700_500)}`);
    expect(gateway({}).template.spec.containers[0].resources.requests.cpu).not.toBe('100m');
    const told = gateway({
      metricsGateway: { replicas: 2, limits: { nodes: 10, seriesPerNode: 100, sharedSeries: 0 } },
    });
    expect(told.replicas).toBe(2);
    expect(JSON.stringify(told)).toContain('maxHourlySeries=2000"');
  });

  test('of Prometheus have room for all nodes that return at once from the longest outage', () => {
    const prometheus = (longestOutage: Duration) => {
      const objects = cloud({
        edge: { transport: 'remote-write', fleet },
        longestOutage,
        retention: { outOfOrderWindow: '7d' },
      });
      return findOnly(objects, 'StatefulSet', 'prometheus').spec.template.spec.containers[0].resources;
    };
    const [short, long] = [prometheus('1h'), prometheus('7d')];
    const lateBytes = 1_200 * 14 * 7 * 86_400 * PROMETHEUS.bytesPerLateSample;
    expect(long.requests).toEqual(short.requests);
    expect(toBytes(long.limits.memory)).toBeGreaterThan(toBytes(short.requests.memory) + lateBytes);
    expect(toBytes(short.limits.memory)).toBeLessThan(lateBytes);
  });

  test('of Loki follow from its lines, and those of kube-state-metrics from its nodes', () => {
    const limit = (settings: Partial<Settings>, kind: string, name: string) =>
      toBytes(findOnly(cloud(settings), kind, name).spec.template.spec.containers[0].resources.limits.memory);
    const large = { edge: { fleet: { ...fleet, logs: '100Mi' } } } as const;
    for (const [kind, name] of [
      ['StatefulSet', 'loki'],
      ['Deployment', 'kube-state-metrics'],
    ] as const) {
      expect(limit(large, kind, name)).toBeGreaterThan(4 * limit({}, kind, name));
    }
    const resources = { cpu: '3', memory: '7Gi', memoryLimit: '9Gi' } as const;
    expect(limit({ ...large, loki: { resources } }, 'StatefulSet', 'loki')).toBe(toBytes('9Gi'));
  });

  test('of Prometheus are what somebody says, where somebody does', () => {
    const resources = { cpu: '3', memory: '7Gi', memoryLimit: '9Gi' } as const;
    const objects = cloud({ edge: { fleet }, metricsStore: prometheus({ resources }) });
    expect(findOnly(objects, 'StatefulSet', 'prometheus').spec.template.spec.containers[0].resources).toEqual(
      {
        requests: { cpu: '3', memory: '7Gi' },
        limits: { memory: '9Gi' },
      },
    );
  });

  test('are asked of all groups or of none', () => {
    expect(() => cloud({ edge: { fleet, groups: [{ name: 'north' }] } })).toThrow(
      /edge.groups: the group "north" does not set "fleet", but "edge" or another group does/,
    );
  });

  test('end the synthesis where a node would send more than its budget', () => {
    expect(() => cloud({ edge: { fleet: { nodes: 10, uplinkBudget: '10Mi' } } })).toThrow(
      /cloud: a node of the group others sends \d+Mi per day, but uplinkBudget is 10Mi/,
    );
  });
});

describe('how far collectors are behind', () => {
  const written = synthesizeEdge([], { transport: 'remote-write' });
  const collector = 'edge-log-collector';

  test('is read by the agent of their nodes, seldom, and no more of it than is asked for', () => {
    const jobs = parse(configFile(written, 'edge-metrics-agent-config', 'jobs.yaml'));
    const read = jobs.filter(({ job_name }: { job_name: string }) => job_name === collector);
    expect(read).toMatchObject([
      {
        metrics_path: '/api/v2/metrics/prometheus',
        scrape_interval: '5m',
        series_limit: 400,
        static_configs: [{ targets: ['127.0.0.1:12345'] }],
        metric_relabel_configs: [
          {
            source_labels: ['__name__'],
            regex: expect.stringMatching(
              /^fluentbit_output_chunk_available_capacity_percent\|.*fluentbit_output_dropped_records_total/,
            ),
            action: 'keep',
          },
          { action: 'labeldrop' },
        ],
      },
    ]);
  });

  test('is no matter where it does not exist: nodes whose Docker sends its logs have none', () => {
    const relabeling = parse(configFile(written, 'edge-metrics-agent-config', 'relabel.yaml'));
    expect(relabeling).toContainEqual({
      if: `{job="${collector}",__name__=~"up|scrape_.+"}`,
      action: 'drop',
    });
  });

  test('asks for the network of the host, on which the agent is, and only then', () => {
    expect(podOf(findOnly(written, 'DaemonSet', collector)).hostNetwork).toBe(true);
    expect(podOf(findOnly(synthesizeEdge([]), 'DaemonSet', collector)).hostNetwork).toBeUndefined();
  });

  test('is not read of an agent that does not say it', () => {
    const silent = { ...fluentBit(), metrics: undefined };
    const objects = synthesizeEdge([], { transport: 'remote-write', logs: { agent: silent } });
    expect(configFile(objects, 'edge-metrics-agent-config', 'jobs.yaml')).not.toContain('edge-log-collector');
    expect(podOf(findOnly(objects, 'DaemonSet', 'edge-log-collector')).hostNetwork).toBeUndefined();
  });
});

test('the longest name of a group is one for all of its objects', () => {
  const name = 'n'.repeat(44);
  for (const transport of ['pushgateway', 'remote-write'] as const) {
    const objects = synthesizeEdge([{ name, transport }]);
    expect(findOnly(objects, 'DaemonSet', `edge-log-collector-${name}`)).toBeDefined();
  }
  expect(() => synthesizeEdge([{ name: `${name}n` }])).toThrow(
    /settings.edge.groups\[0\].name is "n{45}"; allowed: up to 44 lower-case/,
  );
  expect(
    () => new EdgeGroup(new Chart(new App(), 'x'), 'g', { name: `${name}n`, metrics: pushgateway }),
  ).toThrow(/name is "n{45}"; allowed: up to 44/);
});
