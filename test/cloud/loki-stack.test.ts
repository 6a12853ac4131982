import { parse } from 'yaml';
import { Alertmanager, BasicAuthIngress, LokiStack, type LokiStackProps, replicated } from '../../lib';
import { configFile, findOnly, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const configuration = (retention?: '3d') =>
  parse(
    configFile(
      synthesizeChart((chart) => new LokiStack(chart, 'l', { retention })),
      'loki-config',
      'loki.yaml',
    ),
  );

test('forgets lines in time, by its compactor', () => {
  expect(configuration('3d').limits_config.retention_period).toBe('72h');
  expect(configuration().compactor).toMatchObject({
    retention_enabled: true,
    delete_request_store: 'filesystem',
  });
});

test('keeps everything on its volume', () => {
  const paths = JSON.stringify(configuration()).match(/"\/[^"]*"/g) ?? [];
  expect(paths.length).toBeGreaterThan(3);
  for (const path of paths) expect(path).toMatch(/^"\/loki/);
});

test('sends nothing home', () => expect(configuration().analytics.reporting_enabled).toBe(false));

test('without an ingress it is no sink for the edge', () => {
  expect(refusalMessage((chart) => new LokiStack(chart, 'l').endpoint)).toMatch(
    /edge nodes cannot reach Loki/,
  );
});

test('refuses a retention below its index period', () => {
  expect(refusalMessage((chart) => new LokiStack(chart, 'l', { retention: '12h' }))).toMatch(
    /retention is "12h"; allowed: a duration of at least a day/,
  );
});

const s3 = { bucket: 'our-logs', credentialsSecretName: 'bucket' };
const synthesize = (props: LokiStackProps, exposed = false) =>
  synthesizeChart((chart) => {
    const ingress = exposed
      ? new BasicAuthIngress(chart, 'i', { name: 'logs', host: 'logs.example.com', tls: { secretName: 's' } })
      : undefined;
    new LokiStack(chart, 'l', { ...props, ingress });
  });
const configured = (props: LokiStackProps) =>
  parse(configFile(synthesize(props), 'loki-config', 'loki.yaml'));

describe('limits', () => {
  test('are those of a fleet, and stated ones count', () => {
    expect(configured({}).limits_config).toMatchObject({
      max_global_streams_per_user: 50_000,
      ingestion_rate_mb: 16,
      ingestion_burst_size_mb: 32,
      max_line_size: '262144B',
      max_query_series: 10_000,
      discover_service_name: [],
      max_line_size_truncate: true,
    });
    expect(configured({ limits: { streams: 7, lineSize: '1Mi' } }).limits_config).toMatchObject({
      max_global_streams_per_user: 7,
      ingestion_rate_mb: 16,
      max_line_size: '1048576B',
    });
  });

  test('let an edge deliver that was away for a week', () => {
    expect(configured({}).limits_config).toMatchObject({
      reject_old_samples_max_age: '192h',
      shard_streams: { enabled: true, time_sharding_enabled: true },
    });
  });

  test('show late lines at once, where Loki keeps them on its volume', () => {
    const lookBack = (props: LokiStackProps) => configured(props).ingester.query_store_max_look_back_period;
    expect(lookBack({})).toBe('192h');
    expect(lookBack({ maxLineAge: '30d' })).toBe('720h');
    // Loki refuses to start with less than the time for which it holds lines in memory.
    expect(lookBack({ maxLineAge: '1h' })).toBe('4h');
  });

  test('show late lines to rules, too, which have a querier of their own', () => {
    const within = (props: LokiStackProps) => configured(props).querier?.query_ingesters_within;
    expect(within({})).toBe('192h');
    expect(within({ maxLineAge: '1h' })).toBe('4h');
    const bucket = (lateLines: 'at-once' | 'when-written') =>
      within({ deployment: replicated({ objectStorage: s3, lateLines }) });
    expect(bucket('at-once')).toBe('192h');
    expect(bucket('when-written')).toBeUndefined();
  });

  test('show late lines at once on a bucket, where nothing is deleted meanwhile', () => {
    const validity = (props: LokiStackProps, lateLines?: 'at-once' | 'when-written') => {
      const { storage_config, ingester } = configured({
        ...props,
        deployment: replicated({ objectStorage: s3, lateLines }),
      });
      // With this one, Loki does not start on a bucket.
      expect(ingester.query_store_max_look_back_period).toBeUndefined();
      return storage_config?.index_cache_validity;
    };
    expect(validity({})).toBe('192h');
    expect(validity({ retention: '15d' })).toBeUndefined();
    expect(validity({ streamRetention: [{ selector: '{a="b"}', period: '2d' }] })).toBeUndefined();
    expect(validity({}, 'when-written')).toBeUndefined();
  });

  test('keep streams for a time of their own, the first that matches', () => {
    const streamRetention = [
      { selector: '{namespace="audit"}', period: '365d' },
      { selector: '{namespace=~"a.*"}', period: '2d' },
    ] as const;
    expect(configured({ streamRetention }).limits_config.retention_stream).toEqual([
      { selector: '{namespace="audit"}', priority: 2, period: '8760h' },
      { selector: '{namespace=~"a.*"}', priority: 1, period: '48h' },
    ]);
  });
});

test('the ruler reads the rules that are added, for each tenant', () => {
  const expr = 'sum by (node) (count_over_time({node=~".+"}[5m]))';
  const rules = { name: 'lines', rules: [{ record: 'node:lines:count5m', expr, description: 'Lines' }] };
  const manifests = (props: LokiStackProps) =>
    synthesizeChart((chart) => new LokiStack(chart, 'l', props).addRules({ ruleGroups: [rules] }));
  const foldersOf = (props: LokiStackProps) =>
    podOf(findOnly(manifests(props), 'StatefulSet'))
      .containers[0].volumeMounts.filter(({ name }: { name: string }) => name === 'rules')
      .map(({ mountPath }: { mountPath: string }) => mountPath);
  expect(configFile(manifests({}), 'loki-rules', 'lines.yaml')).toContain(expr);
  expect(foldersOf({})).toEqual(['/etc/loki/rules/fake']);
  expect(foldersOf({ multiTenancy: { tenants: ['north'] } })).toEqual([
    '/etc/loki/rules/cloud',
    '/etc/loki/rules/north',
  ]);
});

test('a rule that is not LogQL is refused', () => {
  const rules = { name: 'lines', rules: [{ record: 'a:b:c', expr: 'sum(up)', description: 'Lines' }] };
  expect(refusalMessage((chart) => new LokiStack(chart, 'l').addRules({ ruleGroups: [rules] }))).toMatch(
    /rule a:b:c of the group lines: expr is not valid LogQL/,
  );
});

test('the ruler tells every Alertmanager', () => {
  const objects = synthesizeChart((chart) =>
    new LokiStack(chart, 'l').addAlertSink(new Alertmanager(chart, 'a')),
  );
  expect(parse(configFile(objects, 'loki-config', 'loki.yaml')).ruler.alertmanager_url).toBe(
    'http://alertmanager-0.alertmanager.monitoring.svc:9093,http://alertmanager-1.alertmanager.monitoring.svc:9093',
  );
  expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'loki').spec.egress)).toContain('"alertmanager"');
});

describe('replicated', () => {
  const deployment = replicated({ objectStorage: { ...s3, endpoint: 'http://minio.storage.svc:9000' } });
  const objects = synthesize({ deployment }, true);
  const config = parse(configFile(objects, 'loki-config', 'loki.yaml'));

  test('holds each line three times, and agrees by gossip', () => {
    expect(findOnly(objects, 'StatefulSet').spec.replicas).toBe(3);
    expect(config.common).toMatchObject({
      replication_factor: 3,
      ring: { kvstore: { store: 'memberlist' } },
    });
    expect(config.memberlist.join_members).toEqual(['loki-members.monitoring.svc:7946']);
    expect(findOnly(objects, 'Service', 'loki-members').spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
    expect(findOnly(objects, 'StatefulSet').spec.serviceName).toBe('loki-members');
    const policy = findOnly(objects, 'NetworkPolicy', 'loki').spec;
    for (const side of [policy.ingress, policy.egress]) expect(JSON.stringify(side)).toContain('7946');
  });

  test('is read replica by replica, since each counts for itself', () => {
    synthesizeChart((chart) => {
      const [job] = new LokiStack(chart, 'l', { deployment }).scrapeConfigs;
      expect(job?.static_configs).toEqual([
        { targets: [0, 1, 2].map((ordinal) => `loki-${ordinal}.loki-members.monitoring.svc:3100`) },
      ]);
    });
  });

  test('keeps chunks, index and deletions in the bucket', () => {
    expect(config.common.storage).toEqual({
      s3: {
        bucketnames: 'our-logs',
        region: 'us-east-1',
        endpoint: 'minio.storage.svc:9000',
        insecure: true,
        s3forcepathstyle: true,
      },
    });
    expect(config.schema_config.configs[0].object_store).toBe('s3');
    expect(config.compactor.delete_request_store).toBe('s3');
    expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'loki').spec.egress)).toContain('9000');
  });

  test('reads the credentials of the bucket from a file', () => {
    const { containers, volumes } = podOf(findOnly(objects, 'StatefulSet'));
    const [container] = containers;
    expect(container.env).toEqual([
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/etc/loki/s3/credentials' },
      expect.objectContaining({ name: 'GOMEMLIMIT' }),
    ]);
    expect(container.volumeMounts).toContainEqual({
      name: 's3',
      mountPath: '/etc/loki/s3',
      readOnly: true,
    });
    expect(volumes).toContainEqual({ name: 's3', secret: { secretName: 'bucket', defaultMode: 0o440 } });
  });

  test('takes the identity of the workload instead', () => {
    const identityAnnotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/loki' };
    const without = synthesize({
      deployment: replicated({ objectStorage: { bucket: 'our-logs', identityAnnotations } }),
    });
    expect(findOnly(without, 'ServiceAccount', 'loki').metadata.annotations).toEqual(identityAnnotations);
    expect(JSON.stringify(podOf(findOnly(without, 'StatefulSet')).containers[0].env)).not.toContain('AWS');
    expect(parse(configFile(without, 'loki-config', 'loki.yaml')).common.storage.s3.s3forcepathstyle).toBe(
      false,
    );
  });

  test('spreads over nodes and zones, and loses one at a time', () => {
    const pod = podOf(findOnly(objects, 'StatefulSet'));
    expect(pod.topologySpreadConstraints).toMatchObject([{ topologyKey: 'topology.kubernetes.io/zone' }]);
    expect(JSON.stringify(pod.affinity.podAntiAffinity)).toContain('kubernetes.io/hostname');
    expect(findOnly(objects, 'PodDisruptionBudget', 'loki').spec.maxUnavailable).toBe(1);
  });

  test('is reached through a gateway, and not past it', () => {
    const backend = findOnly(objects, 'Ingress').spec.rules[0].http.paths[0].backend.service;
    expect(backend).toEqual({ name: 'logs-guard', port: { number: 8080 } });
    expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'loki').spec.ingress)).not.toContain(
      'ingress-nginx',
    );
    expect(configFile(objects, 'logs-guard-config', 'nginx.conf')).toContain(
      'server loki.monitoring.svc:3100;',
    );
  });
});

test.each<[string, object, RegExp]>([
  [
    'object storage without a bucket',
    { deployment: { mode: 'replicated', replicas: 3, objectStorage: {} } },
    /deployment.objectStorage.bucket is missing; allowed: the name/,
  ],
  [
    'fewer replicas than copies',
    { deployment: { mode: 'replicated', replicas: 2, objectStorage: s3 } },
    /deployment.replicas is 2; allowed: a whole number from 3 to 100/,
  ],
  [
    'an endpoint with a password',
    {
      deployment: {
        mode: 'replicated',
        replicas: 3,
        objectStorage: { ...s3, endpoint: 'https://u:p@s3' },
      },
    },
    /endpoint is "https:\/\/\*\*\*@s3"; allowed: http/,
  ],
  [
    'to look at once for lines that are deleted',
    { retention: '15d', deployment: replicated({ objectStorage: s3, lateLines: 'at-once' }) },
    /deployment.lateLines is "at-once", but retention \(15d\) or a period in streamRetention is less than twice maxLineAge \(8d\)/,
  ],
  [
    'credentials and an identity',
    { deployment: replicated({ objectStorage: { ...s3, identityAnnotations: {} } }) },
    /has both credentialsSecretName and identityAnnotations: remove one/,
  ],
  [
    'an unknown mode',
    { deployment: { mode: 'simpleScalable' } },
    /deployment is {"mode":"simpleScalable"}; allowed: singleBinary\(\) or replicated/,
  ],
  [
    'a selector that is none',
    { streamRetention: [{ selector: 'namespace=a', period: '2d' }] },
    /streamRetention\[0\].selector is "namespace=a"; allowed: a LogQL stream selector/,
  ],
  [
    'a period below that of the index',
    { streamRetention: [{ selector: '{a="b"}', period: '2h' }] },
    /streamRetention\[0\].period is "2h"; allowed: a duration of at least a day/,
  ],
  [
    'a malformed limit',
    { limits: { ingestionRate: '16MB' } },
    /limits.ingestionRate is "16MB"; allowed: a number and a unit/,
  ],
])('%s is refused', (_, props, message) => {
  expect(refusalMessage((chart) => new LokiStack(chart, 'l', props))).toMatch(message);
});
