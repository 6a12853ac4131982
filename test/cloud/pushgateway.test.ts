import { BasicAuthIngress, Pushgateway, type PushgatewayProps, type ScrapeTarget } from '../../lib';
import { resolvePushLimits } from '../../lib/cloud/pushgateway/limits';
import { joinPatternsToMatchWholeText, RESERVED_JOBS } from '../../lib/core/reserved-names';
import { configFile, containerArgs, containersOf, findOnly, type Manifest } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const synthesize = (props?: PushgatewayProps) =>
  synthesizeChart((chart) => new Pushgateway(chart, 'p', props));

test('keeps what was pushed over restarts', () => {
  expect(containerArgs(synthesize())).toContain('--persistence.file=/data/groups');
  expect(findOnly(synthesize(), 'StatefulSet').spec.volumeClaimTemplates[0].metadata.name).toBe('data');
});

test('checks what people write, and not what one exporter does', () => {
  expect(containerArgs(synthesize())).not.toContain('--push.disable-consistency-check');
  expect(containerArgs(synthesize({ consistencyCheck: false }))).toContain(
    '--push.disable-consistency-check',
  );
});

describe('the filter before it', () => {
  const filter = (props?: PushgatewayProps) =>
    containersOf(findOnly(synthesize(props), 'StatefulSet')).find(({ name }) => name === 'push-filter');
  const variable = (name: string, props?: PushgatewayProps) =>
    filter(props)?.env?.find((one) => one.name === name)?.value;

  test('is the only way in', () => {
    expect(containerArgs(synthesize())).toContain('--web.listen-address=127.0.0.1:9095');
    expect(filter()?.ports?.map(({ containerPort }) => containerPort)).toEqual([9091, 9093]);
  });

  test('takes only keys of exporters where Pushgateway does not check', () => {
    expect(variable('EXPORTERS_ONLY')).toBeUndefined();
    expect(variable('EXPORTERS_ONLY', { consistencyCheck: false })).toBe('true');
  });

  const limits = (props?: PushgatewayProps) =>
    JSON.parse(configFile(synthesize(props), 'pushgateway-push-filter', 'limits.json'));

  test('takes as many series as fit into the memory, by default', () => {
    const resources = { cpu: '100m', memory: '2Gi' } as const;
    expect(limits({ resources }).series).toBeGreaterThan(1.9 * limits().series);
    expect(limits({ resources, limits: { series: 5_000 } })).toMatchObject({
      series: 5_000,
      pools: { '': { mostSeriesPerNode: 5_000 } },
    });
    expect(limits({ limits: { seriesPerNode: 700 } }).pools['']).toMatchObject({ mostSeriesPerNode: 700 });
  });

  test('leaves each exporting node a part of its own, and of all nodes together no more than there is', () => {
    const exporters = { consistencyCheck: false, limits: { series: 10_000, nodes: 100 } } as const;
    expect(limits(exporters).pools).toEqual({
      '': { nodes: 100, seriesPerNode: 80, mostSeriesPerNode: 10_000, sharedSeries: 2_000 },
    });
    expect(limits({ ...exporters, consistencyCheck: true }).pools).toEqual({
      '': { nodes: 10_000, seriesPerNode: 0, mostSeriesPerNode: 10_000, sharedSeries: 10_000 },
    });
    const groupLimits = { north: { series: 2_000, nodes: 20 }, south: { series: 5_000 } };
    const { pools, series, nodes } = limits({ ...exporters, groupLimits });
    expect(pools).toMatchObject({ north: { nodes: 20, sharedSeries: 400 }, south: { nodes: 100 } });
    expect([series, nodes]).toEqual([8_000, 122]);
  });

  test('leaves one group four fifths at most of limits that groups share', () => {
    const { pools, total, series, nodes } = resolvePushLimits({
      consistencyCheck: false,
      limits: { series: 10_000, nodes: 100 },
      // Only the groups of the ingress matter here.
      ingress: { groups: ['north', 'south'] } as unknown as BasicAuthIngress,
    });
    const ofOne = { nodes: 80, seriesPerNode: 80, mostSeriesPerNode: 10_000, sharedSeries: 1_600 };
    expect(pools).toMatchObject({ north: ofOne, south: ofOne, '': { nodes: 2 } });
    expect({ total, series, nodes }).toEqual({
      total: { nodes: 100, sharedSeries: 2_000 },
      series: 10_000,
      nodes: 100,
    });
  });

  test('asks for processor time and memory in proportion to what the Pushgateway takes', () => {
    const small = filter()?.resources;
    const resources = { cpu: '2', memory: '4Gi' } as const;
    const large = filter({ resources })?.resources;
    expect(small?.requests?.cpu).toBe('50m');
    expect(Number.parseInt(large?.requests?.cpu ?? '', 10)).toBeGreaterThan(400);
    expect(Number.parseInt(large?.limits?.memory ?? '', 10)).toBeGreaterThan(
      Number.parseInt(small?.limits?.memory ?? '', 10),
    );
  });

  test('leaves a scrape its samples: what stops it is a fuse far above', () => {
    synthesizeChart((chart) => {
      const [job] = new Pushgateway(chart, 'p', { limits: { series: 5_000 } }).scrapeConfigs;
      expect(job?.sample_limit).toBe(10_000);
    });
  });
});

test('does not log, at each scrape, all that it holds of families whose help differs', () => {
  expect(containerArgs(synthesize())).toContain('--log.level=warn');
});

test('is scraped with the labels that were pushed, its node named by the grouping key', () => {
  let job: ScrapeTarget['scrapeConfigs'][number] | undefined;
  synthesizeChart((chart) => {
    job = new Pushgateway(chart, 'p', { routePrefix: '/services' }).scrapeConfigs[0];
  });
  expect(job).toMatchObject({
    honor_labels: true,
    metrics_path: '/services/metrics',
    static_configs: [{ targets: ['pushgateway.monitoring.svc:9091'] }],
    metric_relabel_configs: expect.arrayContaining([
      expect.objectContaining({ source_labels: ['hostname'], target_label: 'node' }),
      expect.objectContaining({ target_label: 'pushgateway', replacement: 'pushgateway' }),
    ]),
  });
});

test('nothing that is pushed takes the name of what the cloud measures, nor the job of a component but its own', () => {
  let job: ScrapeTarget['scrapeConfigs'][number] | undefined;
  synthesizeChart((chart) => {
    job = new Pushgateway(chart, 'p').scrapeConfigs[0];
  });
  expect(job?.metric_relabel_configs?.slice(0, 5)).toEqual([
    expect.objectContaining({ source_labels: ['__name__'], action: 'drop' }),
    expect.objectContaining({
      source_labels: ['job'],
      regex: joinPatternsToMatchWholeText(RESERVED_JOBS),
      replacement: 'true',
    }),
    expect.objectContaining({ source_labels: ['job'], regex: 'pushgateway', replacement: '' }),
    { source_labels: ['__tmp_reserved'], regex: 'true', action: 'drop' },
    expect.objectContaining({ target_label: 'side', replacement: 'edge' }),
  ]);
  const drops = new RegExp(String(job?.metric_relabel_configs?.[0]?.regex));
  for (const name of [
    'up',
    'scrape_duration_seconds',
    'ALERTS',
    'kube_node_role',
    'edge_fleet:silent:ratio',
  ]) {
    expect(drops.test(name)).toBe(true);
  }
  for (const own of ['pushgateway_http_requests_total', 'push_time_seconds'])
    expect(drops.test(own)).toBe(false);
});

test('is behind its ingress below its prefix, which its probes know', () => {
  const objects = synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'i', { name: 'i', host: 'a.b', tls: { secretName: 's' } });
    const pushgateway = new Pushgateway(chart, 'p', { ingress, routePrefix: '/services' });
    expect(pushgateway.endpoint.url).toBe('https://a.b/services');
  });
  expect(findOnly(objects, 'Ingress').spec.rules[0].http.paths[0].path).toBe('/services/metrics');
  expect(containersOf(findOnly(objects, 'StatefulSet'))[0]?.readinessProbe?.httpGet?.path).toBe(
    '/services/-/ready',
  );
  expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'pushgateway').spec.ingress)).toContain('i-guard');
});

describe('several shards', () => {
  const sharded = (props: PushgatewayProps) => {
    let pushgateway: Pushgateway | undefined;
    const objects = synthesizeChart((chart) => {
      const ingress = new BasicAuthIngress(chart, 'i', { name: 'i', host: 'a.b', tls: { secretName: 's' } });
      pushgateway = new Pushgateway(chart, 'p', { ingress, ...props });
    });
    return { objects, pushgateway: pushgateway as Pushgateway };
  };
  const paths = (objects: Manifest[]) =>
    findOnly(objects, 'Ingress').spec.rules[0].http.paths.map(
      ({ path, backend }: { path: string; backend: { service: { name: string } } }) => [
        path,
        backend.service.name,
      ],
    );

  test('are pods of their own, each behind its own path, where it is at home, too', () => {
    const { objects } = sharded({ shards: 3, routePrefix: '/services' });
    const pods = objects.filter(({ kind }) => kind === 'StatefulSet');
    expect(
      pods.map((pod) => [pod.metadata.name, containersOf(pod)[0]?.args?.find((arg) => /prefix/.test(arg))]),
    ).toEqual([
      ['pushgateway', '--web.route-prefix=/services'],
      ['pushgateway-shard-1', '--web.route-prefix=/services/shard-1'],
      ['pushgateway-shard-2', '--web.route-prefix=/services/shard-2'],
    ]);
    expect(containersOf(pods[2] as Manifest)[0]?.readinessProbe?.httpGet?.path).toBe(
      '/services/shard-2/-/ready',
    );
  });

  test('are routed by every controller, by path', () => {
    expect(paths(sharded({ shards: 2 }).objects)).toEqual([
      ['/metrics', 'i-guard'],
      ['/shard-1/metrics', 'i-guard'],
    ]);
  });

  test('are one scrape job each, so that each is missed alone', () => {
    const { scrapeConfigs, scrapeServers } = sharded({ shards: 2 }).pushgateway;
    expect(scrapeConfigs.map(({ job_name, metrics_path }) => [job_name, metrics_path])).toEqual([
      ['pushgateway', '/metrics'],
      ['pushgateway-filter', undefined],
      ['pushgateway-shard-1', '/shard-1/metrics'],
      ['pushgateway-shard-1-filter', undefined],
    ]);
    expect(scrapeServers).toHaveLength(4);
  });

  test('are told to clients as a number, which an only one is not', () => {
    expect(sharded({ shards: 3 }).pushgateway.endpoint).toMatchObject({ url: 'https://a.b', shards: 3 });
    expect(sharded({}).pushgateway.endpoint).not.toHaveProperty('shards');
    expect(sharded({ shards: 1 }).pushgateway.endpoint).not.toHaveProperty('shards');
  });

  test('let a node take its group out, where an only one does not', () => {
    const guard = (props: PushgatewayProps) =>
      configFile(sharded(props).objects, 'i-guard-config', 'nginx.conf');
    expect(guard({ shards: 2 })).toContain('if ($request_method !~ "^(PUT|POST|DELETE)$")');
    expect(guard({})).toContain('if ($request_method !~ "^(PUT|POST)$")');
  });

  test('that are to go stay while nodes still push to them, and no node is sent there any more', () => {
    const { objects, pushgateway } = sharded({ shards: 1, formerShards: 3 });
    expect(objects.filter(({ kind }) => kind === 'StatefulSet')).toHaveLength(3);
    expect(pushgateway.endpoint.shards).toBe(1);
  });

  test('an only one is what it was before there were shards', () => {
    expect(sharded({ shards: 1 }).objects).toEqual(sharded({}).objects);
  });
});

describe('the reaper', () => {
  const reaper = (props: PushgatewayProps) => findOnly(synthesize(props), 'Deployment', 'pushgateway-reaper');
  const variables = (props: PushgatewayProps) =>
    Object.fromEntries((containersOf(reaper(props))[0]?.env ?? []).map(({ name, value }) => [name, value]));

  test('is there when it is wanted, and where there are copies to delete', () => {
    const deployments = (props: PushgatewayProps) =>
      synthesize(props).filter(({ kind }) => kind === 'Deployment');
    expect(deployments({})).toEqual([]);
    expect(deployments({ shards: 2, reaper: false })).toEqual([]);
    expect(deployments({ shards: 2 })).toHaveLength(1);
    expect(deployments({ reaper: { after: '1d' } })).toHaveLength(1);
  });

  test('knows every shard inside the cluster, and what is too old', () => {
    expect(variables({ formerShards: 2, reaper: { after: '1d', settling: '1h' } })).toMatchObject({
      SHARDS: JSON.stringify([
        {
          url: 'http://pushgateway.monitoring.svc:9091',
          list: 'http://pushgateway.monitoring.svc:9093/groups',
        },
        {
          url: 'http://pushgateway-shard-1.monitoring.svc:9091/shard-1',
          list: 'http://pushgateway-shard-1.monitoring.svc:9093/groups',
        },
      ]),
      MAX_AGE_SECONDS: '86400',
      SETTLING_SECONDS: '3600',
      INTERVAL_SECONDS: '60',
    });
    expect(variables({ shards: 2 })).not.toHaveProperty('MAX_AGE_SECONDS');
  });

  test('runs a program of the stack, listens nowhere, and may connect to the shards only', () => {
    const objects = synthesize({ reaper: { after: '1d' } });
    expect(configFile(objects, 'pushgateway-reaper-program', 'main.mjs')).toContain(
      '// Bundled from lib/cloud/pushgateway/reaper/main.mjs',
    );
    expect(
      objects.filter(({ kind, metadata }) => kind === 'Service' && /reaper/.test(metadata.name)),
    ).toEqual([]);
    const { spec } = findOnly(objects, 'NetworkPolicy', 'pushgateway-reaper');
    expect(spec.ingress).toBeUndefined();
    expect(JSON.stringify(spec.egress)).toContain('{"app.kubernetes.io/name":"pushgateway"}');
    expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'pushgateway').spec.ingress)).toContain(
      'pushgateway-reaper',
    );
  });
});

test('without an ingress it is no sink for the edge', () => {
  expect(refusalMessage((chart) => new Pushgateway(chart, 'p').endpoint)).toMatch(
    /edge nodes cannot reach the Pushgateway/,
  );
});

test.each<[PushgatewayProps, RegExp]>([
  [{ routePrefix: 'services' }, /routePrefix is "services"/],
  [{ scrapeInterval: '2h' }, /scrapeInterval is "2h"/],
  [{ shards: 0 }, /shards is 0; allowed: a whole number from 1 to 32/],
  [{ formerShards: 1.5 }, /formerShards is 1.5/],
  [{ reaper: { after: '1m' } }, /reaper.after is "1m"; allowed: a duration from "5m" to "10y"/],
  [{ reaper: { settling: 'soon' as never } }, /reaper.settling is "soon"/],
  [{ reaper: { interval: '2h' } }, /reaper.interval is "2h"/],
  [{ storage: '2G' as never }, /storage is "2G"/],
])('%j is refused', (props, message) => {
  expect(refusalMessage((chart) => new Pushgateway(chart, 'p', props))).toMatch(message);
});
