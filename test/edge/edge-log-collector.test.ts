import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import {
  EdgeLogCollector,
  type EdgeLogCollectorProps,
  fluentBit,
  fromLoki,
  type LogAgent,
  LokiStack,
  promtail,
} from '../../lib';
import { LOG_AGENTS } from '../../lib/agents/log-agents';
import { configFile, findOnly, type Manifest, podOf, runningContainersOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const sink = fromLoki({ host: 'logs.example.com', credentialsSecretName: 'logs-credentials' });
const parseFluentBitConfig = (objects: readonly Manifest[]) =>
  parse(configFile(objects, 'edge-log-collector-config', 'fluent-bit.yaml'));
const synthesizeCollector = (props: Partial<EdgeLogCollectorProps> = {}) =>
  synthesizeChart((chart) => new EdgeLogCollector(chart, 'c', { sink, ...props }), {
    platform: { cluster: 'here' },
  });
const collectorError = (props: object) =>
  refusalMessage((chart) => new EdgeLogCollector(chart, 'c', { sink, ...props }));

/** Maximum number of labels. */
const numberedLabels = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${index}`, 'x']));

/** Names of the DaemonSets that a node with these labels would run. */
function daemonSetsOnNode(objects: readonly Manifest[], labels: Record<string, string>): string[] {
  const node: Record<string, string> = { 'node-role.kubernetes.io/edge': '', ...labels };
  return objects
    .filter(({ kind }) => kind === 'DaemonSet')
    .filter((daemonSet) =>
      nodeSelectorTerms(daemonSet).some((all) => all.every((one) => meetsRequirement(one, node))),
    )
    .map(({ metadata }) => metadata.name);
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const nodeSelectorTerms = (daemonSet: Manifest): Requirement[][] =>
  podOf(daemonSet).affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.map(
    ({ matchExpressions }: { matchExpressions: Requirement[] }) => matchExpressions,
  );

function meetsRequirement(
  { key, operator, values = [] }: Requirement,
  node: Record<string, string>,
): boolean {
  const label = node[key];
  if (operator === 'Exists') return label !== undefined;
  const among = label !== undefined && values.includes(label);
  return operator === 'In' ? among : !among;
}

/** Alerts of agents that have a notice. */
beforeEach(() => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined);
});

describe('each node has one collector', () => {
  const arch = 'kubernetes.io/arch';

  test('Fluent Bit on every architecture', () => {
    for (const one of ['amd64', 'arm64', 'arm'])
      expect(daemonSetsOnNode(synthesizeCollector(), { [arch]: one })).toEqual(['edge-log-collector']);
    expect(runningContainersOf(findOnly(synthesizeCollector(), 'DaemonSet')).map(({ name }) => name)).toEqual(
      ['fluent-bit', 'config-reloader'],
    );
  });

  test.each([
    ...Object.values(LOG_AGENTS),
    { ...fluentBit(), name: 'of-64-bits', architectures: ['amd64', 'arm64'] } as const,
  ])('an agent of choice wherever its image runs: $name', (agent) => {
    const { architectures }: LogAgent = agent;
    const objects = synthesizeCollector({ agent });
    for (const one of ['amd64', 'arm64', 'arm'] as const) {
      expect(daemonSetsOnNode(objects, { [arch]: one })).toHaveLength(architectures.includes(one) ? 1 : 0);
    }
  });

  test('none where Docker sends its logs by itself', () => {
    for (const one of ['amd64', 'arm']) {
      expect(
        daemonSetsOnNode(synthesizeCollector(), {
          [arch]: one,
          'edge-observability.io/logs': 'docker-driver',
        }),
      ).toEqual([]);
    }
  });

  test('and never two', () => {
    const two = (chart: Chart) => {
      new EdgeLogCollector(chart, 'a', { sink, nodeSelector: { site: 'north' } });
      new EdgeLogCollector(chart, 'b', { sink, name: 'other' });
    };
    expect(refusalMessage((chart) => two(chart as Chart))).toMatch(
      /the folder of container logs is already used on the same nodes by test\/a: change the nodeSelector of one of the two log collectors/,
    );
  });
});

describe('its pods', () => {
  const objects = synthesizeCollector();
  const daemonSet = findOnly(objects, 'DaemonSet', 'edge-log-collector');
  const [agent, reloader] = runningContainersOf(daemonSet);

  test('see the logs and where their links lead, read-only', () => {
    const { volumes } = podOf(daemonSet);
    const shown = agent?.volumeMounts
      ?.filter(({ name }) => name.startsWith('logs-'))
      .map(({ mountPath, readOnly }) => [mountPath, readOnly]);
    expect(shown).toEqual([
      ['/var/log/pods', true],
      ['/var/lib/docker/containers', true],
      ['/var/lib/containerd', true],
    ]);
    expect(volumes).toContainEqual({
      name: 'logs-1',
      hostPath: { path: '/var/lib/docker/containers', type: 'DirectoryOrCreate' },
    });
  });

  test('remember where they were on the host', () => {
    expect(podOf(daemonSet).volumes).toContainEqual({
      name: 'state',
      hostPath: { path: '/var/lib/edge-observability/edge-log-collector', type: 'DirectoryOrCreate' },
    });
  });

  test('need no API server, no cluster DNS and no capability', () => {
    expect(podOf(daemonSet)).toMatchObject({ automountServiceAccountToken: false, dnsPolicy: 'Default' });
    expect(agent?.securityContext).toMatchObject({
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
  });

  test('reload what changes: configuration and credentials', () => {
    const env = Object.fromEntries((reloader?.env ?? []).map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({
      WATCH_DIRS: '/etc/log-agent/config /etc/log-agent/credentials',
      RELOAD_URL: 'http://127.0.0.1:12345/api/v2/reload',
      RELOAD_COUNT_URL: 'http://127.0.0.1:12345/api/v2/reload',
    });
    for (const folder of (env.WATCH_DIRS ?? '').split(' ')) {
      expect(reloader?.volumeMounts).toContainEqual(
        expect.objectContaining({ mountPath: folder, readOnly: true }),
      );
    }
  });

  test('ask an agent that answers when it has reloaded for nothing else', () => {
    const [, reloader] = runningContainersOf(
      findOnly(synthesizeCollector({ agent: promtail() }), 'DaemonSet'),
    );
    const names = (reloader?.env ?? []).map(({ name }) => name);
    expect(names).toContain('RELOAD_URL');
    expect(names).not.toContain('RELOAD_COUNT_URL');
    expect(names).not.toContain('DISK_DIRS');
    // Without a reload, Promtail reads a changed password, and says that its configuration is the same.
    expect(reloader?.env).toContainEqual({ name: 'UNCHANGED_ANSWER', value: 'config has not changed' });
  });

  test('keep the password of each user in memory for an agent that reads it there', () => {
    const daemonSet = findOnly(
      synthesizeCollector({ agent: { ...promtail(), readsPasswordFiles: true } }),
      'DaemonSet',
    );
    const [agent, reloader] = runningContainersOf(daemonSet);
    const mount = { name: 'passwords', mountPath: '/etc/log-agent/passwords' };
    expect(daemonSet.spec.template.spec.volumes).toContainEqual({
      name: 'passwords',
      emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
    });
    expect(agent?.volumeMounts).toContainEqual({ ...mount, readOnly: true });
    expect(reloader?.volumeMounts).toContainEqual(mount);
    expect(reloader?.env).toContainEqual({ name: 'PASSWORDS_DIR', value: mount.mountPath });
    expect(JSON.stringify(findOnly(synthesizeCollector({}), 'DaemonSet'))).not.toContain('passwords');
  });

  test('have deleted files closed before the disk with them is full', () => {
    const env = Object.fromEntries((reloader?.env ?? []).map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({
      DISK_DIRS: '/var/log/pods /var/lib/docker/containers /var/lib/containerd',
      METRICS_URL: 'http://127.0.0.1:12345/api/v2/metrics/prometheus',
      PAUSED_METRIC: 'fluentbit_input_ingestion_paused',
    });
    for (const mountPath of (env.DISK_DIRS ?? '').split(' ')) {
      expect(reloader?.volumeMounts).toContainEqual(expect.objectContaining({ mountPath, readOnly: true }));
    }
  });

  test('are not marked as old by a configuration that they load themselves', () => {
    const marks = ({ spec }: Manifest) => spec.template.metadata.annotations;
    const other = synthesizeCollector({ drop: [{ namespace: 'noise' }] });
    expect(marks(findOnly(other, 'DaemonSet', 'edge-log-collector'))).toEqual(marks(daemonSet));
  });
});

test('a group pushes as its own user where the sink knows groups', () => {
  const sink = fromLoki({ host: 'l.example.com', credentialsSecretName: 'logs', groups: ['north'] });
  const volumes = JSON.stringify(
    podOf(findOnly(synthesizeCollector({ sink, group: 'north' }), 'DaemonSet', 'edge-log-collector')).volumes,
  );
  expect(volumes).toContain('"secretName":"logs-north"');
  expect(refusalMessage((chart) => new EdgeLogCollector(chart, 'x', { sink }))).toContain(
    'the option "group" is undefined; allowed: the groups that may push to https://l.example.com: north',
  );
});

test('lines carry cluster, group and labels of one’s own', () => {
  const objects = synthesizeCollector({ group: 'north', streamLabels: { site: 'plant-1' } });
  expect(parseFluentBitConfig(objects).pipeline.outputs[0].labels).toBe(
    `cluster=here, group=north, site=plant-1, node=\${NODE_NAME}`,
  );
});

test('as many labels as Loki takes, and as long ones', () => {
  expect(() =>
    synthesizeCollector({ streamLabels: { ...numberedLabels(6), site: 'ü'.repeat(1_024) } }),
  ).not.toThrow();
});

test('a private authority is trusted', () => {
  const privateCa = { configMapName: 'our-ca', key: 'ca.pem' };
  const objects = synthesizeCollector({
    sink: fromLoki({ host: 'l.example.com', credentialsSecretName: 's', privateCa }),
  });
  expect(parseFluentBitConfig(objects).pipeline.outputs[0]['tls.ca_file']).toBe('/etc/log-agent/ca/ca.pem');
  expect(JSON.stringify(findOnly(objects, 'DaemonSet', 'edge-log-collector'))).toContain('"name":"our-ca"');
});

test('it sends to a Loki of this stack, too', () => {
  const chart = new Chart(new App(), 'alone');
  expect(() => new EdgeLogCollector(chart, 'c', { sink: new LokiStack(chart, 'l') })).toThrow(
    /edge nodes cannot reach Loki/,
  );
});

test('Promtail’s end of life is said at synthesis', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  synthesizeCollector({ agent: promtail() });
  expect(warn).toHaveBeenCalledWith(
    expect.stringMatching(/test\/c: Promtail reached its end of life in March 2026/),
  );
  warn.mockRestore();
});

test.each<[string, object, RegExp]>([
  ['no sink', { sink: undefined }, /sink is missing; allowed: a LokiStack construct, or fromLoki/],
  [
    'an expression that cannot be read',
    { keep: [{ line: '(' }] },
    /keep\[0\].line is "\("; allowed: a regular/,
  ],
  ['look-around', { multiline: [{ firstLine: '(?!x)' }] }, /multiline\[0\].firstLine is .*RE2/],
  ['a rule about everything', { drop: [{}] }, /drop\[0\] matches every line; allowed: at least one of/],
  ['a duration without a unit', { sending: { batchWait: '10' } }, /sending.batchWait is "10"; allowed: /],
  ['a malformed size', { sending: { batchSize: '1MB' } }, /sending.batchSize is "1MB"; allowed: /],
  ['a limit of nothing', { sending: { linesPerSecond: 0 } }, /linesPerSecond is 0; allowed: a whole number/],
  [
    'a label name that Loki refuses',
    { streamLabels: { '1st': 'x' } },
    /streamLabels is .*; allowed: an object of labels/,
  ],
  ['a label without a value', { streamLabels: { site: '' } }, /values with 1 to 2048 bytes of UTF-8/],
  [
    'a value of 2,049 bytes',
    { streamLabels: { site: `${'ü'.repeat(1_024)}x` } },
    /values with 1 to 2048 bytes/,
  ],
  ['half of a character', { streamLabels: { site: '\ud83d' } }, /values with 1 to 2048 bytes of UTF-8/],
  ['a name of 1,025 bytes', { streamLabels: { ['n'.repeat(1_025)]: 'x' } }, /streamLabels is/],
  [
    'more labels than Loki takes with those of the collector',
    { streamLabels: numberedLabels(8) },
    /at most 7 labels, because Loki accepts 15 labels, and each line already has cluster, group, node, namespace, pod, container, job, stream/,
  ],
  [
    'a label of the schema',
    { streamLabels: { node: 'x' } },
    /streamLabels has node, which the collector sets or reserves/,
  ],
  ['a relative folder', { logRoots: ['var/log'] }, /logRoots\[0\] is .*; allowed: an absolute/],
  [
    'an agent that asks the API server',
    { agent: { ...fluentBit(), needsApiServer: true } },
    /agent is fluent-bit, which needs the API server, but edge nodes cannot reach/,
  ],
  [
    'a limit that the agent cannot keep',
    { agent: fluentBit(), sending: { linesPerSecond: 9 } },
    /a limit of lines per second in Fluent Bit would lose lines/,
  ],
  [
    'nodes whose Docker sends its logs',
    { nodeSelector: { 'edge-observability.io/logs': 'docker-driver' } },
    /nodeSelector selects the nodes with the label .*, on which Docker sends the logs: select other nodes/,
  ],
])('%s is refused', (_, props, message) => {
  expect(collectorError(props)).toMatch(message);
});
