import { ApiObject, JsonPatch } from 'cdk8s';
import { EdgeDaemonSet, type EdgeDaemonSetProps } from '../../lib';
import { findOnly, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const container = {
  name: 'main',
  image: 'ghcr.io/a/b:1',
  resources: { cpu: '10m', memory: '16Mi', memoryLimit: '32Mi' },
} as const;

const daemonSet = (props: Partial<EdgeDaemonSetProps> = {}) =>
  findOnly(
    synthesizeChart(
      (chart) => new EdgeDaemonSet(chart, 'x', { name: 'x', containers: [container], ...props }),
    ),
    'DaemonSet',
  );

test('it runs on every node that joined through KubeEdge, tainted or not', () => {
  const pod = podOf(daemonSet());
  expect(pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toEqual([
    { matchExpressions: [{ key: 'node-role.kubernetes.io/edge', operator: 'Exists' }] },
  ]);
  expect(pod.tolerations).toEqual([
    { key: 'node-role.kubernetes.io/edge', operator: 'Exists', effect: 'NoSchedule' },
  ]);
  expect(pod.priorityClassName).toBe('system-node-critical');
});

test('a further selector and other tolerations narrow or widen where it runs', () => {
  const pod = podOf(daemonSet({ nodeSelector: { site: 'a' }, tolerations: [{ operator: 'Exists' }] }));
  expect(pod).toMatchObject({ nodeSelector: { site: 'a' }, tolerations: [{ operator: 'Exists' }] });
});

test('it needs nothing of the cluster', () => {
  expect(podOf(daemonSet())).toMatchObject({
    automountServiceAccountToken: false,
    dnsPolicy: 'Default',
    enableServiceLinks: false,
  });
});

test('its pods are replaced when someone deletes them, by default', () => {
  expect(daemonSet().spec.updateStrategy).toEqual({ type: 'OnDelete' });
  expect(daemonSet({ updateStrategy: '10%' }).spec.updateStrategy).toEqual({
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '10%' },
  });
});

test('labels are carried by object and pods, and never select', () => {
  const { metadata, spec } = daemonSet({ labels: { team: 'a' }, version: 'v1' });
  expect(metadata.labels).toMatchObject({ team: 'a', 'app.kubernetes.io/version': 'v1' });
  expect(spec.template.metadata.labels).toEqual(metadata.labels);
  expect(spec.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'x' });
});

describe('at the edge a volume of a missing ConfigMap or Secret is an empty folder', () => {
  const volumes = [
    { name: 'v', emptyDir: {} },
    { name: 'files', configMap: { name: 'x-config' } },
    { name: 'password', secret: { secretName: 'push-credentials' } },
    { name: 'extra', secret: { secretName: 'extra', optional: true } },
  ];

  test('a container before all others waits for those that the pod needs', () => {
    const [first, second] = podOf(
      daemonSet({ volumes, initContainers: [{ ...container, name: 'second' }] }),
    ).initContainers;
    expect(second.name).toBe('second');
    expect(first.command.slice(3)).toEqual([
      'wait-for-files',
      '/wait/ConfigMap/x-config',
      '/wait/Secret/push-credentials',
    ]);
    expect(first.volumeMounts).toEqual([
      { name: 'files', mountPath: '/wait/ConfigMap/x-config', readOnly: true },
      { name: 'password', mountPath: '/wait/Secret/push-credentials', readOnly: true },
    ]);
  });

  test('a pod without any has no such container', () => {
    expect(podOf(daemonSet({ volumes: [{ name: 'v', emptyDir: {} }] })).initContainers).toBeUndefined();
  });
});

test('every option reaches the manifest', () => {
  const everything: Required<EdgeDaemonSetProps> = {
    name: 'x',
    namespace: 'here',
    version: '1',
    labels: { a: 'b' },
    podAnnotations: { c: 'd' },
    containers: [container],
    initContainers: [{ ...container, name: 'first' }],
    volumes: [{ name: 'v', emptyDir: {} }],
    hostNetwork: true,
    hostPid: false,
    shareProcesses: true,
    uid: 1234,
    nodeSelector: { e: 'f' },
    excludedNodes: { y: ['z'] },
    nodeAlternatives: [[{ key: 'w', operator: 'DoesNotExist' }], [{ key: 'x', operator: 'Exists' }]],
    tolerations: [{ key: 'g', operator: 'Exists' }],
    priorityClassName: 'high',
    updateStrategy: '50%',
    device: { seccomp: false },
  };
  const text = JSON.stringify(daemonSet(everything));
  for (const part of [
    '"here"',
    '"c":"d"',
    '"initContainers":[{"image":"ghcr.io/a/b:1"',
    '"emptyDir":{}',
    '"hostNetwork":true',
    '"shareProcessNamespace":true',
    '1234',
    '"e":"f"',
    '"g"',
    '"high"',
    '"50%"',
    '"w"',
    '"x","operator":"Exists"',
  ]) {
    expect(text).toContain(part);
  }
});

test('the host’s processes take the place of the pod’s own', () => {
  expect(podOf(daemonSet({ hostPid: true })).hostPID).toBe(true);
});

test('the namespace is the chart’s where the chart has one', () => {
  const objects = synthesizeChart(
    (chart) => new EdgeDaemonSet(chart, 'x', { name: 'x', containers: [container] }),
    { namespace: 'theirs' },
  );
  expect(findOnly(objects, 'DaemonSet').metadata.namespace).toBe('theirs');
});

test('any JSON patch takes effect, raw quantities and unknown fields too', () => {
  const objects = synthesizeChart((chart) => {
    const built = new EdgeDaemonSet(chart, 'x', { name: 'x', containers: [container] });
    const limits = '/spec/template/spec/containers/0/resources/limits';
    ApiObject.of(built).addJsonPatch(
      JsonPatch.replace(`${limits}/memory`, '64Mi'),
      JsonPatch.add('/spec/template/spec/fieldOfTomorrow', true),
    );
  });
  const pod = podOf(findOnly(objects, 'DaemonSet'));
  expect(pod.containers[0].resources.limits).toEqual({ memory: '64Mi' });
  expect(pod.fieldOfTomorrow).toBe(true);
});

test.each<[string, Partial<EdgeDaemonSetProps>, RegExp]>([
  ['a name', { name: 'X' }, /test\/x: name is "X"; allowed: /],
  ['two kinds of shared processes', { hostPid: true, shareProcesses: true }, /remove one/],
  ['labels', { labels: { a: 'b c' } }, /labels is .*; allowed: /],
  [
    'an update strategy',
    { updateStrategy: '0%' },
    /updateStrategy is "0%"; allowed: "OnDelete" or a percentage/,
  ],
])('%s that is not allowed is refused', (_, props, message) => {
  const build = () =>
    refusalMessage(
      (chart) => new EdgeDaemonSet(chart, 'x', { name: 'x', containers: [container], ...props }),
    );
  expect(build()).toMatch(message);
});

describe('a host port', () => {
  const listening = { ...container, ports: [{ containerPort: 9100, hostPort: 9100 }] };
  const two = (one: Record<string, string>, other: Record<string, string>) =>
    refusalMessage((chart) => {
      new EdgeDaemonSet(chart, 'one', { name: 'one', containers: [listening], nodeSelector: one });
      new EdgeDaemonSet(chart, 'other', { name: 'other', containers: [listening], nodeSelector: other });
    });

  test('is given once on a node', () => {
    expect(two({}, { site: 'a' })).toBe(
      'test/other: host port 9100 is already used on the same nodes by test/one: change the port or the nodeSelector of one of the two DaemonSets',
    );
  });

  test('may be given to nodes that exclude each other', () => {
    expect(() => two({ site: 'a' }, { site: 'b' })).toThrow('nothing was refused');
  });

  test('may be given again in another app', () => {
    const build = () =>
      synthesizeChart((chart) => new EdgeDaemonSet(chart, 'x', { name: 'x', containers: [listening] }));
    expect(build()).toEqual(build());
  });
});
