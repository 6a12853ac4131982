import { parse } from 'yaml';
import {
  EdgeExporter,
  EdgeMetricsAgent,
  type EdgeMetricsAgentProps,
  EdgeNodeExporter,
  fromRemoteWrite,
  type MetricsProfile,
} from '../../lib';
import { vmagentQueueFolderName } from '../../lib/agents/queue-name';
import { configFile, containersOf, findOnly, type Manifest, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const sink = fromRemoteWrite({
  host: 'push.example.com',
  credentialsSecretName: 'push-credentials',
  encoding: 'zstd',
});

const synthesizeAgent = (props: Partial<EdgeMetricsAgentProps> = {}) =>
  synthesizeChart((chart) => new EdgeMetricsAgent(chart, 'x', { sink, ...props }), {
    platform: { cluster: 'north' },
  });
const agentPodContainer = (objects: readonly Manifest[], name: string) =>
  containersOf(findOnly(objects, 'DaemonSet', 'edge-metrics-agent')).find((one) => one.name === name);
const vmagentArgs = (props?: Partial<EdgeMetricsAgentProps>) =>
  agentPodContainer(synthesizeAgent(props), 'vmagent')?.args;
const remoteWriteLabels = (objects: readonly Manifest[]) =>
  ((agentPodContainer(objects, 'vmagent')?.args ?? []) as string[])
    .filter((arg) => arg.startsWith('-remoteWrite.label='))
    .map((arg) => arg.slice('-remoteWrite.label='.length));
const parseAgentFile = (objects: readonly Manifest[], file = 'jobs.yaml') =>
  parse(configFile(objects, 'edge-metrics-agent-config', file));
const findScrapeJob = (objects: readonly Manifest[], name: string) =>
  parseAgentFile(objects).find((one: { job_name: string }) => one.job_name === name);

/** The agent and an exporter that it reads. */
const synthesizeWithNodeExporter = (profile?: MetricsProfile) =>
  synthesizeChart((chart) => {
    const agent = new EdgeMetricsAgent(chart, 'agent', { sink });
    new EdgeNodeExporter(chart, 'node-exporter', { sink: agent, profile });
  });

test('it finds its gateway by IPv6, too, as a mobile network may have nothing else', () => {
  expect(vmagentArgs()).toContain('-enableTCP6=true');
});

describe('what it reads', () => {
  test('an exporter is read at its port on the node, in place of a sidecar', () => {
    const objects = synthesizeWithNodeExporter();
    expect(containersOf(findOnly(objects, 'DaemonSet', 'edge-node-exporter'))).toHaveLength(1);
    expect(findScrapeJob(objects, 'node_exporter').static_configs).toEqual([
      { targets: ['127.0.0.1:9100'], labels: { instance: '%{NODE_NAME}' } },
    ]);
  });

  test('an exporter with a network of its own brings its port to the node’s loopback address', () => {
    const objects = synthesizeChart((chart) => {
      const agent = new EdgeMetricsAgent(chart, 'agent', { sink });
      const props = { name: 'modem', image: 'ghcr.io/a/modem:1', port: 9800 };
      new EdgeExporter(chart, 'modem', { ...props, sink: agent, interval: '30s', instance: 'address' });
    });
    expect(containersOf(findOnly(objects, 'DaemonSet', 'modem'))[0]?.ports).toEqual([
      { name: 'metrics', containerPort: 9800, hostPort: 9800, hostIP: '127.0.0.1', protocol: 'TCP' },
    ]);
    expect(findScrapeJob(objects, 'modem')).toMatchObject({
      scrape_interval: '30s',
      static_configs: [{ labels: { instance: '%{NODE_IP}:9800' } }],
    });
  });

  test('the kubelet of KubeEdge is read without the API server', () => {
    expect(findScrapeJob(synthesizeAgent(), 'cadvisor').static_configs[0].targets).toEqual([
      '127.0.0.1:10350',
    ]);
    expect(findScrapeJob(synthesizeAgent(), 'kubelet-resource').metrics_path).toBe('/metrics/resource');
    expect(findScrapeJob(synthesizeAgent({ kubelet: false }), 'cadvisor')).toBeUndefined();
    expect(
      findScrapeJob(synthesizeAgent({ kubelet: { port: 10_255, interval: '1m' } }), 'cadvisor'),
    ).toMatchObject({
      scrape_interval: '1m',
      static_configs: [{ targets: ['127.0.0.1:10255'] }],
    });
  });

  test('business services are read at ports that are stated, or that files of a folder name', () => {
    const objects = synthesizeAgent({
      services: [{ job: 'shop', port: 8080, metricsPath: '/stats', interval: '30s' }],
      targetsDirectory: '/data/targets',
    });
    expect(findScrapeJob(objects, 'shop')).toMatchObject({ metrics_path: '/stats', scrape_interval: '30s' });
    expect(findScrapeJob(objects, 'services').file_sd_configs[0].files).toContain(
      '/etc/metrics-agent/targets/*.yaml',
    );
    expect(JSON.stringify(podOf(findOnly(objects, 'DaemonSet')).volumes)).toContain('"path":"/data/targets"');
  });

  test('each sample carries cluster and node, and the group that is stated', () => {
    expect(remoteWriteLabels(synthesizeAgent())).toEqual(['cluster=north', 'node=$(NODE_NAME)']);
    expect(remoteWriteLabels(synthesizeAgent({ group: 'plant' }))).toEqual([
      'cluster=north',
      'group=plant',
      'node=$(NODE_NAME)',
    ]);
  });

  test('a group’s agent sends as the group’s user, and leaves it to the gateway to say the group', () => {
    const grouped = fromRemoteWrite({ host: 'h.example.com', credentialsSecretName: 'c', groups: ['plant'] });
    const objects = synthesizeAgent({ sink: grouped, group: 'plant' });
    expect(JSON.stringify(podOf(findOnly(objects, 'DaemonSet')).volumes)).toContain('"secretName":"c-plant"');
    expect(remoteWriteLabels(objects)).toEqual(['cluster=north', 'node=$(NODE_NAME)']);
  });

  test('the order in which targets are added changes nothing', () => {
    const jobs = (...names: string[]) =>
      parseAgentFile(synthesizeAgent({ services: names.map((name) => ({ job: name, port: 80 })) })).map(
        (one: { job_name: string }) => one.job_name,
      );
    expect(jobs('a', 'b')).toEqual(jobs('b', 'a'));
  });
});

describe('profiles', () => {
  const exporterArgs = (profile?: MetricsProfile) =>
    containersOf(findOnly(synthesizeWithNodeExporter(profile), 'DaemonSet', 'edge-node-exporter'))[0]?.args ??
    [];

  test('full leaves node_exporter its own collectors, and keeps all', () => {
    expect(exporterArgs('full')).not.toContain('--collector.disable-defaults');
    expect(findScrapeJob(synthesizeWithNodeExporter('full'), 'node_exporter')).not.toHaveProperty(
      'metric_relabel_configs',
    );
  });

  test('standard names the collectors, and leaves out the state of node_exporter itself', () => {
    expect(exporterArgs('standard')).toEqual(
      expect.arrayContaining(['--collector.disable-defaults', '--collector.cpu', '--collector.textfile']),
    );
    expect(JSON.stringify(findScrapeJob(synthesizeWithNodeExporter('standard'), 'node_exporter'))).toContain(
      'promhttp',
    );
  });

  test('standard leaves out what costs more than it tells, and a selection of your own does not', () => {
    const rules = (profile: MetricsProfile): { if: string }[] =>
      findScrapeJob(synthesizeWithNodeExporter(profile), 'node_exporter').metric_relabel_configs;
    const [, expression = ''] = /__name__=~("(?:[^"\\]|\\.)*")/.exec(rules('standard')[1]?.if ?? '') ?? [];
    const isLeftOut = new RegExp(`^(?:${JSON.parse(expression)})$`);
    for (const name of [
      'node_timex_pps_error_total',
      'node_network_receive_frame_total',
      'node_memory_Active_file_bytes',
    ])
      expect(name).toMatch(isLeftOut);
    for (const name of [
      'node_timex_sync_status',
      'node_network_receive_errs_total',
      'node_memory_MemAvailable_bytes',
      'node_sockstat_TCP_mem_bytes',
    ])
      expect(name).not.toMatch(isLeftOut);
    expect(rules({ collectors: ['timex'] })).toHaveLength(1);
  });

  test('lean drops metrics of node_exporter, and none of a text file', () => {
    const [, drop] = findScrapeJob(
      synthesizeWithNodeExporter('lean'),
      'node_exporter',
    ).metric_relabel_configs;
    expect(drop).toMatchObject({ action: 'drop' });
    expect(drop.if).toMatch(/^\{__name__=~"node_\.\+",__name__!~".*node_cpu_seconds_total.*"\}$/);
  });

  describe('metrics that change seldom', () => {
    const slowJob = (profile: MetricsProfile) =>
      findScrapeJob(synthesizeWithNodeExporter(profile), 'node_exporter-slow');

    /** Returns which of the two jobs keep a metric, by the names that their relabeling drops and keeps. */
    const keptBy = (profile: MetricsProfile, name: string) =>
      ['node_exporter', 'node_exporter-slow'].filter((one) =>
        findScrapeJob(synthesizeWithNodeExporter(profile), one)?.metric_relabel_configs?.every(
          ({ regex, action }: { regex?: string; action: string }) =>
            regex === undefined || new RegExp(`^(?:${regex})$`).test(name) === (action === 'keep'),
        ),
      );

    test.each([
      ['standard', '60s'],
      ['lean', '2m'],
    ] as const)('are scraped by another job in %s, under the same labels', (profile, interval) => {
      expect(slowJob(profile)).toMatchObject({
        scrape_interval: interval,
        static_configs: [{ labels: { job: 'node_exporter', instance: '%{NODE_NAME}' } }],
      });
      for (const name of ['node_uname_info', 'node_filesystem_avail_bytes', 'node_memory_MemTotal_bytes'])
        expect(keptBy(profile, name)).toEqual(['node_exporter-slow']);
      for (const name of [
        'node_cpu_seconds_total',
        'node_memory_MemAvailable_bytes',
        'node_boot_time_seconds',
      ])
        expect(keptBy(profile, name)).toEqual(['node_exporter']);
    });

    test('are scraped at the interval in full, by a list of your own, and where that is no shorter', () => {
      expect(slowJob('full')).toBeUndefined();
      expect(slowJob({ collectors: ['uname'] })).toBeUndefined();
      const objects = synthesizeChart((chart) => {
        const agent = new EdgeMetricsAgent(chart, 'agent', { sink, interval: '60s' });
        new EdgeNodeExporter(chart, 'node-exporter', { sink: agent, profile: 'standard' });
      });
      expect(findScrapeJob(objects, 'node_exporter-slow')).toBeUndefined();
      expect(JSON.stringify(parseAgentFile(objects, 'relabel.yaml'))).not.toContain('slow');
    });

    test('are those that a list of your own, or an exporter, names', () => {
      const slowMetrics = { names: ['node_uname_info'], interval: '90s' } as const;
      expect(slowJob({ slowMetrics })).toMatchObject({ scrape_interval: '90s' });
      expect(keptBy({ slowMetrics }, 'node_uname_info')).toEqual(['node_exporter-slow']);
      const objects = synthesizeChart((chart) => {
        const agent = new EdgeMetricsAgent(chart, 'agent', { sink });
        const props = { name: 'modem', image: 'ghcr.io/a/modem:1', port: 9800, sink: agent };
        new EdgeExporter(chart, 'modem', { ...props, slowMetrics: { names: ['modem_info'] } });
      });
      expect(findScrapeJob(objects, 'modem-slow')).toMatchObject({
        scrape_interval: '60s',
        metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'modem_info', action: 'keep' }],
      });
    });

    test('need a job of their own, whose name nobody else may take', () => {
      const build = () =>
        synthesizeChart((chart) => {
          const services = [{ job: 'node_exporter-slow', port: 8080 }];
          const agent = new EdgeMetricsAgent(chart, 'agent', { sink, services });
          new EdgeNodeExporter(chart, 'node-exporter', { sink: agent, profile: 'standard' });
        });
      expect(refusalMessage(build)).toContain('already exists');
    });

    test.each([
      [{ names: [] }, 'slowMetrics.names'],
      [
        { names: ['modem_info'], interval: '5m' },
        'slowMetrics.interval is "5m"; allowed: a duration from "1s" to "2m"',
      ],
    ] as const)('%j is refused', (slowMetrics, message) => {
      const build = () => synthesizeWithNodeExporter({ slowMetrics } as MetricsProfile);
      expect(refusalMessage(build)).toContain(message);
    });
  });

  test('an own list is what it says', () => {
    const own = { collectors: ['cpu'], metrics: ['node_cpu_.+'] };
    expect(exporterArgs(own).filter((arg) => /^--collector\.[a-z]+$/.test(arg))).toEqual(['--collector.cpu']);
    expect(JSON.stringify(findScrapeJob(synthesizeWithNodeExporter(own), 'node_exporter'))).toContain(
      'node_cpu_.+',
    );
  });
});

describe('how it sends', () => {
  test('in VictoriaMetrics’ protocol to what reads it, and in the standard one to all others', () => {
    expect(vmagentArgs()).toContain('-remoteWrite.forceVMProto=true');
    const standard = fromRemoteWrite({ host: 'mimir.example.com', credentialsSecretName: 'mimir' });
    expect(vmagentArgs({ sink: standard })).toContain('-remoteWrite.forcePromProto=true');
  });

  test('the password is a mounted file that is read again, and never an argument', () => {
    expect(vmagentArgs()).toEqual(
      expect.arrayContaining([
        '-remoteWrite.url=https://push.example.com/api/v1/write',
        '-remoteWrite.basicAuth.usernameFile=/etc/metrics-agent/credentials/username',
        '-remoteWrite.basicAuth.passwordFile=/etc/metrics-agent/credentials/password',
      ]),
    );
  });

  test('batches, rate, pauses, digits, the queue and the series of a target are typed', () => {
    expect(
      vmagentArgs({
        sending: { batchWait: '30s', bytesPerSecond: '16Ki', maxBackoff: '2m', significantFigures: 5 },
        queue: { size: '2Gi' },
        seriesPerTarget: 500,
      }),
    ).toEqual(
      expect.arrayContaining([
        '-remoteWrite.flushInterval=30s',
        '-remoteWrite.rateLimit=16384',
        '-remoteWrite.retryMaxInterval=120s',
        '-remoteWrite.significantFigures=5',
        '-remoteWrite.maxDiskUsagePerURL=2147483648',
        '-promscrape.seriesLimitPerTarget=500',
      ]),
    );
  });

  test('a private authority is trusted where the sink names one', () => {
    const privateCa = { configMapName: 'our-ca', key: 'ca.crt' };
    const trusting = fromRemoteWrite({ host: 'h.example.com', credentialsSecretName: 's', privateCa });
    expect(vmagentArgs({ sink: trusting })).toContain(
      '-remoteWrite.tlsCAFile=/var/lib/metrics-agent/files/ca/ca.crt',
    );
  });

  test('a queue moves along when the address changes, and goes when nobody takes its samples', () => {
    const keeper = agentPodContainer(synthesizeAgent({ queue: { maxAge: '2d' } }), 'queue-keeper');
    const name = vmagentQueueFolderName('https://push.example.com/api/v1/write');
    expect(keeper?.env).toContainEqual({ name: 'QUEUE_NAME', value: name });
    expect(keeper?.env).toContainEqual({ name: 'MAX_AGE_SECONDS', value: '172800' });
    expect(vmagentArgs()).toContain('-remoteWrite.keepDanglingQueues=true');
  });

  test('it reads copies on the host, which a restart of EdgeCore does not empty, and a script beside it can end it', () => {
    const objects = synthesizeAgent();
    expect(vmagentArgs()).toContain('-promscrape.config=/var/lib/metrics-agent/files/config/scrape.yaml');
    const folders = agentPodContainer(objects, 'vmagent')?.volumeMounts?.map(
      ({ name }: { name: string }) => name,
    );
    expect(folders).toEqual(['credentials', 'state', 'targets']);
    for (const name of ['queue-keeper', 'clock-guard'])
      expect(agentPodContainer(objects, name)?.env).toContainEqual({
        name: 'SOURCE_DIRS',
        value: '/etc/metrics-agent/config',
      });
    expect(podOf(findOnly(objects, 'DaemonSet')).shareProcessNamespace).toBe(true);
  });

  test('it measures nothing until the clock guard lets it', () => {
    expect(parseAgentFile(synthesizeAgent(), 'scrape.yaml').scrape_config_files).toEqual([
      '/var/lib/metrics-agent/active/*.yaml',
    ]);
    expect(parseAgentFile(synthesizeAgent(), 'scrape.yaml')).not.toHaveProperty('scrape_configs');
    expect(agentPodContainer(synthesizeAgent(), 'clock-guard')?.env).toContainEqual({
      name: 'JOBS_FILE',
      value: '/etc/metrics-agent/config/jobs.yaml',
    });
  });
});

test.each<[string, Partial<EdgeMetricsAgentProps>, RegExp]>([
  ['no sink', { sink: undefined as never }, /sink is .*; allowed: a remote-write sink: a MetricsGateway/],
  ['an interval', { interval: '2h' }, /interval is "2h"/],
  ['a profile', { profile: 'tiny' as never }, /profile is "tiny"; allowed: "full" or "standard" or "lean"/],
  ['a metric', { profile: { metrics: ['('] } }, /profile.metrics\[0\] is .*regular expression in RE2/],
  ['an option of a profile', { profile: { metric: [] } as never }, /profile.metric is not an option/],
  ['a small queue', { queue: { size: '100Mi' } }, /queue.size is "100Mi"; allowed: 512Mi or more/],
  ['a long batch', { sending: { batchWait: '10m' } }, /sending.batchWait is "10m"/],
  ['digits', { sending: { significantFigures: 2 } }, /significantFigures is 2/],
  ['a service without a port', { services: [{ job: 'a' } as never] }, /services\[0\].port is missing/],
  ['a path', { services: [{ job: 'a', port: 1, metricsPath: 'm' }] }, /services\[0\].metricsPath is "m"/],
  ['a folder', { targetsDirectory: 'targets' }, /targetsDirectory is "targets"/],
  ['a job twice', { services: [{ job: 'cadvisor', port: 1 }] }, /a scrape job "cadvisor" already exists/],
])('%s is refused', (_, props, message) => {
  expect(refusalMessage((chart) => new EdgeMetricsAgent(chart, 'x', { sink, ...props }))).toMatch(message);
});

test('two agents on the same nodes would read and send everything twice', () => {
  const message = refusalMessage((chart) => {
    new EdgeMetricsAgent(chart, 'one', { sink });
    new EdgeMetricsAgent(chart, 'other', { sink, name: 'other' });
  });
  expect(message).toContain('port 8429 is already used on the same nodes by test/one');
});

test('an exporter that is given what takes remote write is told of the agent between them', () => {
  expect(refusalMessage((chart) => new EdgeNodeExporter(chart, 'x', { sink: sink as never }))).toMatch(
    /sink is .*; allowed: .* an EdgeMetricsAgent/,
  );
});
