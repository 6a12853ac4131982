import { X509Certificate } from 'node:crypto';
import { App } from 'cdk8s';
import {
  CloudChart,
  type Device,
  EdgeChart,
  envoyGateway,
  ingressNginx,
  nodeCertificate,
  type Settings,
  traefik,
} from '../../../lib';
import { requiredPrometheusObjectsOfApp } from '../../../lib/core/required-prometheus';
import { requiredSecrets } from '../../../lib/core/required-secrets';
import type { Finding } from '../../../lib/tools/doctor/finding';
import type { Network, PushRequest } from '../../../lib/tools/doctor/network';
import { formatFindings, haveAllChecksPassed } from '../../../lib/tools/doctor/report';
import { runChecks } from '../../../lib/tools/doctor/run-checks';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { NODE_CA, NODE_CERTIFICATE } from '../../support/node-ca';
import { minimalSettings } from '../../support/settings';
import {
  createNode,
  EDGE,
  getSecretCommand,
  healthyResponses,
  listOutput,
  objectWithName,
  RecordedCluster,
} from './recorded-cluster';

const NOW = new Date('2026-06-01T00:00:00Z');

class RecordedNetwork implements Network {
  readonly pushed: PushRequest[] = [];
  addresses: readonly string[] = ['203.0.113.7'];
  shown: { expires: Date; trustError?: string } | Error = { expires: new Date('2026-08-01T00:00:00Z') };
  status = 200;
  now = () => NOW;
  resolveHost = async () => this.addresses;
  readCertificate = async () => {
    if (this.shown instanceof Error) throw this.shown;
    return this.shown;
  };
  read = async () => ({ status: 200, text: '' });
  push = async (request: PushRequest) => {
    this.pushed.push(request);
    return this.status;
  };
}

let cluster: RecordedCluster;
let network: RecordedNetwork;

beforeEach(() => {
  cluster = new RecordedCluster(healthyResponses());
  network = new RecordedNetwork();
});

/** Manifests by settings. They are cached, because most tests use the same settings. */
const examined = new Map<Settings, ReturnType<typeof synthesizeManifests>>();

function synthesizeManifests(settings: Settings) {
  const app = new App();
  const { metrics, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics, logs });
  const { kubernetesVersion = '1.22', privateCa: named } = settings;
  return {
    objects: renderApp(app),
    secrets: requiredSecrets(app),
    prometheus: requiredPrometheusObjectsOfApp(app),
    kubernetesMinor: Number(kubernetesVersion.slice(2)),
    ...(named && { privateCa: { ...named, namespace: 'monitoring-edge' } }),
  };
}

async function runDoctorChecks(settings: Settings = minimalSettings, push = false): Promise<Finding[]> {
  const manifests = examined.get(settings) ?? synthesizeManifests(settings);
  examined.set(settings, manifests);
  return runChecks({ ...manifests, network, kubectl: cluster.kubectl }, { push });
}

const withoutOk = (findings: readonly Finding[]) => findings.filter(({ verdict }) => verdict !== 'ok');

/** Runs the checks, and returns the only finding that is not `ok`. */
async function onlyProblem(settings?: Settings, push?: boolean): Promise<Finding> {
  const wrong = withoutOk(await runDoctorChecks(settings, push));
  expect(wrong).toHaveLength(1);
  return wrong[0] as Finding;
}

test('a cluster that has all it needs is well, and is only read', async () => {
  const findings = await runDoctorChecks();
  expect(withoutOk(findings)).toEqual([]);
  expect(haveAllChecksPassed(findings)).toBe(true);
  expect(findings.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      '2 edge nodes, all connected',
      'architectures: amd64 on 1, arm64 on 1',
      'container runtimes: containerd on 1, docker on 1',
      'KubeEdge: 1.8.1 on 1',
      'the Secret monitoring/push-users exists with the keys auth',
      'the Secret monitoring/grafana-admin exists with the keys password, username',
      'push.example.com resolves to 203.0.113.7',
      'the certificate of logs.example.com is trusted for 61 more days',
    ]),
  );
  for (const call of cluster.calls)
    expect(call).toMatch(/^(get|version|api-versions|config current-context)\b/);
});

test('no value of a Secret is asked for, unless something is to be pushed', async () => {
  await runDoctorChecks();
  const asked = cluster.calls.filter((call) => call.startsWith('get secret'));
  expect(asked.length).toBeGreaterThan(6);
  for (const call of asked)
    expect(call).toMatch(/go-template=\{\{\.type\}\}\{\{range \$key, .* \{\{\$key\}\}\{\{end\}\}$/);
});

test.each([
  ['24', 'set kubernetesVersion to "1.24", and synthesize again'],
  ['21', 'upgrade the API server to 1.22 or newer, the oldest supported version'],
])('an older API server than the manifests are made for is a problem: 1.%s', async (minor, remedy) => {
  cluster.answers.version = JSON.stringify({ serverVersion: { minor, gitVersion: `v1.${minor}.0` } });
  expect(await onlyProblem({ ...minimalSettings, kubernetesVersion: '1.30' })).toEqual(
    expect.objectContaining({
      verdict: 'problem',
      message: `the API server has version v1.${minor}.0, but the manifests require 1.30 or newer`,
      remedy,
    }),
  );
});

test('what the API server does not serve is said with what brings it', async () => {
  const secretStore = { name: 'vault' } as const;
  expect(await onlyProblem({ ...minimalSettings, secretStore })).toMatchObject({
    verdict: 'problem',
    message: expect.stringContaining('the API server does not serve external-secrets.io/'),
    remedy: 'install External Secrets',
  });
});

test('an object of others under a name of ours is a problem, with how to keep both apart', async () => {
  const metadata = { name: 'prometheus', namespace: 'monitoring', uid: 'theirs' };
  cluster.answers['get --recursive'] = JSON.stringify({
    kind: 'List',
    items: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata }],
  });
  expect(await onlyProblem()).toMatchObject({
    check: 'other objects',
    verdict: 'problem',
    message: expect.stringContaining('StatefulSet monitoring/prometheus'),
    remedy: expect.stringContaining('settings.namespaces'),
  });
});

test('objects of others that may not be read are unknown', async () => {
  delete cluster.answers['get ingress.networking.k8s.io --all-namespaces'];
  expect(await onlyProblem()).toMatchObject({ check: 'other objects', verdict: 'unknown' });
});

test('the namespace of an ingress controller that is not there is a problem', async () => {
  const ingress = { controller: ingressNginx({ namespace: 'edge-ingress' }) };
  expect(await onlyProblem({ ...minimalSettings, ingress })).toMatchObject({
    message: expect.stringContaining('the namespace edge-ingress,'),
  });
});

describe('of the edge nodes', () => {
  const nodes = async (...all: ReturnType<typeof createNode>[]) => {
    cluster.answers['get nodes'] = listOutput(createNode('cloud-1'), ...all);
    return onlyProblem();
  };

  test('that there is none is a problem, with how to join one', async () => {
    expect(await nodes()).toMatchObject({
      verdict: 'problem',
      remedy: expect.stringContaining('kubectl label node NAME node-role.kubernetes.io/edge='),
    });
  });

  test('that there is no node at all is said once', async () => {
    cluster.answers['get nodes'] = listOutput();
    expect(await onlyProblem()).toMatchObject({ message: expect.stringContaining('no node has the label') });
  });

  test('those of KubeEdge without its label are named', async () => {
    const lost = createNode('edge-2', { kubelet: 'v1.29.5-kubeedge-v1.19.0' });
    expect((await nodes(createNode('edge-1', { labels: EDGE }), lost)).message).toMatch(
      /do not have the label .*: edge-2$/,
    );
  });

  test('those that are away are a warning', async () => {
    expect(
      await nodes(
        createNode('edge-1', { labels: EDGE }),
        createNode('edge-2', { labels: EDGE, isReady: false }),
      ),
    ).toMatchObject({
      verdict: 'warning',
      message: '1 of 2 edge nodes are not connected: edge-2',
    });
  });

  test('that none carries the label of a group is a warning', async () => {
    const edge = {
      groups: [
        { name: 'vehicles' },
        { name: 'plants', nodeSelector: { 'apps.kubeedge.io/belonging-to': 'plants' } },
      ],
    };
    const plant = createNode('edge-1', { labels: { ...EDGE, 'apps.kubeedge.io/belonging-to': 'plants' } });
    cluster.answers['get nodes'] = listOutput(createNode('cloud-1'), plant);
    expect(await onlyProblem({ ...minimalSettings, edge })).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('the label apps.kubeedge.io/belonging-to=vehicles,'),
    });
  });

  test('taints that no pod tolerates are a problem, and the one that is common is none', async () => {
    const common = { key: 'node-role.kubernetes.io/edge', effect: 'NoSchedule' };
    const taints = [common, { key: 'site', value: 'north', effect: 'NoExecute' }];
    expect((await nodes(createNode('edge-1', { labels: EDGE, taints }))).message).toBe(
      'no edge pod tolerates the taint site=north:NoExecute of edge-1',
    );
  });

  test('an architecture without images is a problem', async () => {
    const riscv = createNode('edge-2', { labels: EDGE, arch: 'riscv64' });
    expect((await nodes(createNode('edge-1', { labels: EDGE }), riscv)).message).toContain('riscv64');
  });

  test('Docker that is too old for 32-bit images is a problem', async () => {
    const old = createNode('edge-2', { labels: EDGE, arch: 'arm', runtime: 'docker://19.3.8' });
    expect((await nodes(createNode('edge-1', { labels: EDGE }), old)).message).toContain('19.03.9');
  });

  test('a KubeEdge that was never tried is a problem', async () => {
    const old = createNode('edge-1', { labels: EDGE, kubelet: 'v1.18.6-kubeedge-v1.7.2' });
    expect((await nodes(old)).message).toBe(
      'these nodes run KubeEdge before 1.8.1, which was not tested: edge-1',
    );
  });
});

test.each([
  ['get ingressclasses', 'the IngressClass nginx does not exist; existing classes: traefik'],
  ['get storageclasses', 'the cluster has no default storage class; existing classes: traefik'],
])('%s without the right one is a problem that names those that there are', async (call, message) => {
  cluster.answers[call] = listOutput(objectWithName('traefik'));
  expect(await onlyProblem()).toMatchObject({ verdict: 'problem', message });
});

describe("cert-manager's issuer", () => {
  const settings: Settings = { ...minimalSettings, ingress: { tls: { clusterIssuer: 'letsencrypt' } } };
  const ask = 'get clusterissuers.cert-manager.io letsencrypt --ignore-not-found';
  const condition = (status: string) =>
    JSON.stringify({ status: { conditions: [{ type: 'Ready', status, message: 'no account' }] } });

  test('is well when it is ready', async () => {
    cluster.answers[ask] = condition('True');
    expect(withoutOk(await runDoctorChecks(settings))).toEqual([]);
  });

  test.each([
    ['', 'the ClusterIssuer letsencrypt does not exist'],
    [condition('False'), 'the ClusterIssuer letsencrypt is not ready: no account'],
  ])('is a problem otherwise', async (answer, message) => {
    cluster.answers[ask] = answer;
    expect((await onlyProblem(settings)).message).toBe(message);
  });
});

test.each([
  ['', 'the Secret monitoring/push-users does not exist'],
  ['Opaque users', 'the Secret monitoring/push-users does not contain auth; its keys: users'],
])('a Secret that is %j is a problem, with what prints it', async (answer, message) => {
  cluster.answers[getSecretCommand('monitoring', 'push-users')] = answer;
  expect(await onlyProblem()).toMatchObject({ message, remedy: expect.stringContaining('credentials') });
});

describe('devices that are not as pods expect', () => {
  const settings = (device: Device): Settings => ({
    ...minimalSettings,
    edge: { transport: 'remote-write', device },
  });

  const withNode = (system: string) => {
    const { 'get nodes': nodes = '' } = healthyResponses();
    cluster.answers['get nodes'] = listOutput(
      ...JSON.parse(nodes).items,
      createNode('edge-9', { labels: EDGE, system }),
    );
  };

  test.each<[string, Device, string]>([
    ['Rocky Linux 9.4 (Blue Onyx)', { seLinuxType: 'spc_t' }, "set device.seLinuxType to 'spc_t'"],
    ['Alpine Linux v3.20', { sharedRootMount: false }, 'set device.sharedRootMount to false'],
    ['Ubuntu Core 22', { readOnlyMounts: ['/'] }, 'set device.readOnlyMounts'],
  ])('%s is asked about until %j is said', async (system, device, remedy) => {
    withNode(system);
    expect(await onlyProblem(settings({}))).toMatchObject({
      verdict: 'warning',
      message: expect.stringMatching(
        new RegExp(`^nodes with ${system.replaceAll(/[()]/g, '.')} may .*: edge-9$`),
      ),
      remedy: expect.stringContaining(remedy),
    });
    expect(withoutOk(await runDoctorChecks(settings(device)))).toEqual([]);
  });

  test('nodes of the cloud are asked about until cloudNodes says what they are', async () => {
    const { 'get nodes': nodes = '' } = healthyResponses();
    cluster.answers['get nodes'] = listOutput(
      ...JSON.parse(nodes).items,
      createNode('cloud-9', { labels: { 'kubernetes.io/os': 'linux' }, system: 'Fedora CoreOS' }),
    );
    expect(await onlyProblem(settings({}))).toMatchObject({
      message: expect.stringMatching(/^nodes with Fedora CoreOS may enforce SELinux.*: cloud-9$/),
      remedy: expect.stringContaining("set cloudNodes.seLinuxType to 'spc_t'"),
    });
    expect(
      withoutOk(await runDoctorChecks({ ...settings({}), cloudNodes: { seLinuxType: 'spc_t' } })),
    ).toEqual([]);
  });

  const pod = (status: object) => ({
    metadata: { name: 'exporter-a' },
    spec: { nodeName: 'edge-1' },
    status,
  });
  const waitingWith = (message: string) => ({
    containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CreateContainerError', message } } }],
  });
  const ended = (message: string) => ({
    containerStatuses: [
      {
        name: 'a',
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: { terminated: { exitCode: 1, message } },
      },
    ],
  });

  test.each([
    [waitingWith('path / is mounted on / but it is not a shared or slave mount'), 'device.sharedRootMount'],
    [
      waitingWith('seccomp is not enabled in your kernel, cannot run a custom seccomp profile'),
      'device.seccomp',
    ],
    [ended('mkdir /queue: read-only file system'), 'device.readOnlyMounts'],
    [ended('listen tcp 127.0.0.1:9100: bind: address already in use'), 'device.ports'],
    [
      { conditions: [{ type: 'PodScheduled', status: 'False', message: "didn't have free ports" }] },
      'device.ports',
    ],
    [ended('open /var/log/pods: permission denied'), 'device.seLinuxType'],
    [ended('write /queue/0: no space left on device'), 'EdgeDiskFull'],
    [
      {
        initContainerStatuses: [
          { name: 'check-proxy', ...ended('the proxy cannot be used').containerStatuses[0] },
        ],
      },
      'check-proxy',
    ],
  ])('what a pod says is read: %j', async (status, remedy) => {
    cluster.answers['get pods --namespace monitoring-edge'] = listOutput(pod(status));
    expect(await onlyProblem()).toMatchObject({
      verdict: 'problem',
      message: expect.stringMatching(/^pods in monitoring-edge are not running, .*: exporter-a on edge-1$/),
      remedy: expect.stringContaining(remedy),
    });
  });

  test('a pod that runs again is none, whatever it said before', async () => {
    const [container] = ended('permission denied').containerStatuses;
    const status = { containerStatuses: [{ ...container, state: { running: {} } }] };
    cluster.answers['get pods --namespace monitoring-edge'] = listOutput(pod(status));
    expect(withoutOk(await runDoctorChecks())).toEqual([]);
  });

  test.each([
    ['2026-05-31T23:50:00Z', 0],
    ['2026-05-31T23:40:00Z', 1],
  ])('a pod without a word about its volumes since %s is %d warnings', async (startTime, count) => {
    const containerStatuses = [{ name: 'a', state: { waiting: { reason: 'ContainerCreating' } } }];
    cluster.answers['get pods --namespace monitoring-edge'] = listOutput(
      pod({ startTime, containerStatuses }),
    );
    expect(withoutOk(await runDoctorChecks())).toHaveLength(count);
  });

  test('the Secret of a proxy has to be there, with both keys', async () => {
    const httpProxy = {
      address: 'http://proxy.example.com:3128',
      credentialsSecretName: 'proxy-credentials',
    };
    cluster.answers[getSecretCommand('monitoring-edge', 'proxy-credentials')] = 'Opaque password';
    expect((await onlyProblem(settings({ httpProxy }))).message).toBe(
      'the Secret monitoring-edge/proxy-credentials does not contain username; its keys: password',
    );
  });
});

test('a pod of the edge that waits for a ConfigMap or a Secret is named, and what names that', async () => {
  const pod = (name: string, ...waiting: object[]) => ({
    metadata: { name },
    spec: { nodeName: 'edge-1' },
    status: { initContainerStatuses: waiting },
  });
  const state = { running: { startedAt: '2026-11-27T00:00:00Z' } };
  cluster.answers['get pods --namespace monitoring-edge'] = listOutput(
    pod('exporter-a', { name: 'wait-for-files', state: { terminated: { exitCode: 0 } } }),
    pod('collector-b', { name: 'wait-for-files', state }),
  );
  expect(await onlyProblem()).toMatchObject({
    verdict: 'warning',
    message: 'pods in monitoring-edge wait for a ConfigMap or Secret: collector-b on edge-1',
    remedy: expect.stringContaining('-c wait-for-files'),
  });
});

test('files of a Secret that a configuration names have to be in it', async () => {
  const receivers = [
    { name: 'ops', webhook_configs: [{ url_file: '/etc/alertmanager/receivers/url' }] },
  ] as const;
  cluster.answers[getSecretCommand('monitoring', 'receivers')] = 'Opaque webhook-url';
  const settings: Settings = { ...minimalSettings, receivers, secrets: { receivers: 'receivers' } };
  expect((await onlyProblem(settings)).message).toBe(
    'the Secret monitoring/receivers does not contain url; its keys: webhook-url',
  );
});

describe('of the hosts', () => {
  const messages = async () =>
    withoutOk(await runDoctorChecks()).map(({ verdict, message }) => [verdict, message]);

  test('those that DNS does not know are a problem', async () => {
    network.addresses = [];
    expect(await messages()).toContainEqual(['problem', 'push.example.com has no DNS record']);
  });

  test('a certificate that nobody trusts is a problem', async () => {
    network.shown = { expires: NOW, trustError: 'SELF_SIGNED_CERT_IN_CHAIN' };
    expect(await messages()).toContainEqual([
      'problem',
      'the certificate of push.example.com is not trusted: SELF_SIGNED_CERT_IN_CHAIN',
    ]);
  });

  test('one that soon ends is a warning', async () => {
    network.shown = { expires: new Date('2026-06-04T00:00:00Z') };
    expect(await messages()).toContainEqual([
      'warning',
      'the certificate of push.example.com expires in 3 days',
    ]);
  });

  test('where nobody answers is a problem', async () => {
    network.shown = new Error('connect ECONNREFUSED');
    expect(await messages()).toContainEqual([
      'problem',
      'cannot open a TLS connection to push.example.com: connect ECONNREFUSED',
    ]);
  });
});

describe('an authority of their own', () => {
  const examined = async (answer: string) => {
    cluster.answers['get configmap our-ca --namespace monitoring-edge --ignore-not-found'] = answer;
    return withoutOk(
      await runDoctorChecks({ ...minimalSettings, privateCa: { configMapName: 'our-ca', key: 'ca.crt' } }),
    );
  };

  test('is well where it is', async () => {
    expect(await examined(JSON.stringify({ data: { 'ca.crt': 'PEM' } }))).toEqual([]);
  });

  test.each(['', JSON.stringify({ data: { other: 'PEM' } })])(
    'is a problem where it is %j',
    async (answer) => {
      expect(await examined(answer)).toEqual([
        expect.objectContaining({
          verdict: 'problem',
          message: 'the ConfigMap monitoring-edge/our-ca does not exist, or does not contain the key ca.crt',
          remedy: 'kubectl create configmap our-ca -n monitoring-edge --from-file=ca.crt=FILE',
        }),
      ]);
    },
  );
});

describe('pushes', () => {
  test('go to every path with the password of its Secret, and say what they are', async () => {
    expect(withoutOk(await runDoctorChecks(minimalSettings, true))).toEqual([]);
    expect(network.pushed.map(({ method, url, auth }) => [method, url, auth])).toEqual([
      ['POST', 'https://logs.example.com/loki/api/v1/push', 'edge:a-password'],
      ['PUT', 'https://push.example.com/metrics/job/edge-observability-doctor', 'edge:a-password'],
      ['PUT', 'https://push.example.com/services/metrics/job/edge-observability-doctor', 'edge:a-password'],
    ]);
  });

  test('that are refused are a problem that shows no password', async () => {
    network.status = 401;
    const refused = withoutOk(await runDoctorChecks(minimalSettings, true));
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({
      message:
        'https://logs.example.com/loki/api/v1/push responds with status 401 to a push with the password in the Secret monitoring-edge/logs-credentials',
      remedy: expect.stringContaining('--rotate'),
    });
    expect(JSON.stringify(refused)).not.toContain('a-password');
  });

  const holds = (name: string, username: string, password: string) => {
    cluster.answers[`get secret ${name} --namespace monitoring-edge --output json`] = JSON.stringify({
      data: { username: btoa(username), password: btoa(password) },
    });
  };

  test('go without the line ends that a file brought along, as agents push', async () => {
    holds('push-credentials', 'edge\n', 'a-password\r\n');
    holds('logs-credentials', 'edge\n', 'a-password\n');
    expect(withoutOk(await runDoctorChecks(minimalSettings, true))).toEqual([]);
    expect(new Set(network.pushed.map(({ auth }) => auth))).toEqual(new Set(['edge:a-password']));
  });

  test('by Fluent Bit would send the line end of Windows, which is said', async () => {
    holds('logs-credentials', 'edge', 'a-password\r\n');
    expect(withoutOk(await runDoctorChecks(minimalSettings, true))).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(
          /^the password in the Secret monitoring-edge\/logs-credentials ends in white space/,
        ),
      }),
    ]);
  });

  test('are not tried with what no agent takes, which is said and not shown', async () => {
    holds('push-credentials', 'edge:x', '\n');
    const [fault] = withoutOk(await runDoctorChecks(minimalSettings, true));
    expect(fault?.message).toBe(
      'no agent can push with the Secret monitoring-edge/push-credentials: username contains a colon, password is empty',
    );
    expect(network.pushed.map(({ url }) => url)).toEqual(['https://logs.example.com/loki/api/v1/push']);
  });

  test('by remote write hold no sample', async () => {
    await runDoctorChecks({ ...minimalSettings, edge: { transport: 'remote-write' } }, true);
    const written = network.pushed.find(({ url }) => url === 'https://push.example.com/api/v1/write');
    expect([...(written?.body ?? [])]).toEqual([0]);
  });
});

test('what one may not look at is unknown, which is not well, and the rest is looked at', async () => {
  delete cluster.answers['get storageclasses'];
  const findings = await runDoctorChecks();
  expect(withoutOk(findings)).toEqual([
    {
      check: 'storage class',
      verdict: 'unknown',
      message: expect.stringContaining('Forbidden'),
      remedy: expect.stringContaining('permission is missing'),
    },
  ]);
  expect(haveAllChecksPassed(findings)).toBe(false);
});

test('a cluster that nobody reaches ends the examination', async () => {
  delete cluster.answers.version;
  await expect(runDoctorChecks()).rejects.toThrow('kubectl version --output json failed');
});

test('the report has a line for each finding, its remedy below, and colors where they are seen', () => {
  const findings: Finding[] = [
    { check: 'nodes', verdict: 'ok', message: 'fine' },
    { check: 'hosts', verdict: 'problem', message: 'gone', remedy: 'bring it back' },
  ];
  expect(formatFindings(findings, (_, text) => text)).toBe(
    'ok       nodes: fine\nPROBLEM  hosts: gone\n         -> bring it back\n\nfailed: 1 ok, 1 problem\n',
  );
  expect(formatFindings(findings, (color, text) => `<${color}>${text}`)).toContain('<red>PROBLEM');
});

describe('of Gateways', () => {
  const acme = (...solvers: object[]) => JSON.stringify({ ...ready('le'), spec: { acme: { solvers } } });
  const ready = (name: string) => ({
    ...objectWithName(name),
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const issued: Settings = {
    ...minimalSettings,
    ingress: { controller: envoyGateway(), tls: { clusterIssuer: 'le' } },
  };
  const existing: Settings = {
    ...minimalSettings,
    ingress: { controller: envoyGateway({ gateway: { name: 'public', namespace: 'gateways' } }) },
  };
  const messages = async (settings: Settings) =>
    withoutOk(await runDoctorChecks(settings)).map(({ message }) => message);

  beforeEach(() => {
    cluster.answers['get gatewayclasses'] = listOutput(objectWithName('eg'));
  });

  test('an issuer that solves HTTP-01 by an Ingress alone is a problem', async () => {
    cluster.answers['get clusterissuers.cert-manager.io le'] = acme({ http01: { ingress: {} } });
    expect(await messages(issued)).toContain(
      'no solver of the issuer le uses the Gateway monitoring/edge-observability, so certificates cannot be issued',
    );
  });

  test.each([
    { dns01: { route53: {} } },
    {
      http01: { gatewayHTTPRoute: { parentRefs: [{ name: 'edge-observability', namespace: 'monitoring' }] } },
    },
  ])('an issuer with the solver %j can', async (solver) => {
    cluster.answers['get clusterissuers.cert-manager.io le'] = acme(solver);
    expect((await runDoctorChecks(issued)).map(({ message }) => message)).toContain(
      'the issuer le can solve challenges for the Gateway edge-observability',
    );
  });

  test('one that is to exist has to be there, with a listener for each host', async () => {
    const gateway = 'get gateways.gateway.networking.k8s.io public --namespace gateways';
    cluster.answers[gateway] = '';
    expect(await messages(existing)).toContain('the Gateway gateways/public does not exist');
    const listeners = [
      { name: 'web', protocol: 'HTTP', port: 80 },
      { name: 'push', protocol: 'HTTPS', port: 443, hostname: 'push.example.com' },
    ];
    cluster.answers[gateway] = JSON.stringify({ ...objectWithName('public'), spec: { listeners } });
    const said = await messages(existing);
    expect(said).toContain('no listener of the Gateway gateways/public terminates TLS for logs.example.com');
    expect(said.join()).not.toContain('terminates TLS for push.example.com');
  });

  test('one that is to exist has to pass TLS on where nodes show certificates', async () => {
    const authentication = nodeCertificate({ ca: NODE_CA });
    const passing: Settings = { ...existing, ingress: { ...existing.ingress, authentication } };
    const listeners = [
      {
        name: 'push',
        protocol: 'TLS',
        port: 443,
        hostname: 'push.example.com',
        tls: { mode: 'Passthrough' },
      },
      {
        name: 'logs',
        protocol: 'HTTPS',
        port: 443,
        hostname: 'logs.example.com',
        tls: { mode: 'Terminate' },
      },
    ];
    cluster.answers['get gateways.gateway.networking.k8s.io public --namespace gateways'] = JSON.stringify({
      ...objectWithName('public'),
      spec: { listeners },
    });
    const said = (await messages(passing)).join();
    expect(said).toContain(
      'no listener of the Gateway gateways/public passes TLS through for logs.example.com',
    );
    expect(said).not.toContain('for push.example.com');
  });

  test('a Certificate of its own names the issuer that has to be there', async () => {
    cluster.answers['get ingressclasses'] = listOutput();
    cluster.answers['get clusterissuers.cert-manager.io le'] = '';
    const authentication = nodeCertificate({ ca: NODE_CA });
    const ingress = { controller: traefik(), tls: { clusterIssuer: 'le' }, authentication };
    expect(await messages({ ...minimalSettings, ingress })).toContain('the ClusterIssuer le does not exist');
  });
});

describe('certificates of nodes', () => {
  const certified = (passwords = false): Settings => ({
    ...minimalSettings,
    ingress: { authentication: nodeCertificate({ ca: NODE_CA, passwords }) },
  });
  const SETTINGS = certified();
  const WITH_PASSWORDS = certified(true);
  const CASECRET = 'get secret casecret --namespace kubeedge --ignore-not-found --output jsonpath';
  const der = (pem: string) => new X509Certificate(pem).raw.toString('base64');
  const newNode = createNode('edge-1', { labels: EDGE, kubelet: 'v1.30.7-kubeedge-v1.20.0' });
  const oldNode = createNode('edge-2', { labels: EDGE, kubelet: 'v1.23.15-kubeedge-v1.15.1' });

  const about = async (settings: Settings) =>
    (await runDoctorChecks(settings)).filter(({ check }) => check === 'certificates of nodes');

  beforeEach(() => {
    cluster.answers[CASECRET] = der(NODE_CA);
    cluster.answers['get nodes'] = listOutput(createNode('cloud-1'), newNode);
  });

  test('are well where CloudCore signs with a CA certificate of the settings, whose key is not printed', async () => {
    expect(await about(SETTINGS)).toEqual([
      expect.objectContaining({
        verdict: 'ok',
        message: expect.stringMatching(/CN=KubeEdge of nodeCertificate\(\) is valid for \d+ more days/),
      }),
      expect.objectContaining({
        verdict: 'ok',
        message: 'the option `ca` of nodeCertificate() contains the CA certificate of CloudCore',
      }),
    ]);
    expect(cluster.calls.filter((call) => call.includes('casecret'))).toEqual([
      'get secret casecret --namespace kubeedge --ignore-not-found --output jsonpath={.data.cadata}',
    ]);
    expect(await about(minimalSettings)).toEqual([]);
  });

  test.each([
    [
      'another CA certificate',
      () => der(NODE_CERTIFICATE),
      'problem',
      'the option `ca` of nodeCertificate() does not contain the CA certificate of CloudCore',
    ],
    ['none in this cluster', () => '', 'warning', 'cannot be compared with the option `ca`'],
  ])('%s is found', async (_, answer, verdict, message) => {
    cluster.answers[CASECRET] = answer();
    expect((await about(SETTINGS)).at(-1)).toMatchObject({
      verdict,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['2125-12-01T00:00:00Z', 'ok'],
    ['2126-06-01T00:00:00Z', 'warning'],
    ['2126-12-01T00:00:00Z', 'problem'],
  ])('a CA certificate that expires is found at %s: %s', async (now, verdict) => {
    network.now = () => new Date(now);
    expect((await about(SETTINGS))[0]).toMatchObject({ verdict });
  });

  test('nodes before KubeEdge v1.16 stay with Basic Auth', async () => {
    cluster.answers['get nodes'] = listOutput(newNode, oldNode);
    const [last, withPasswords] = [(await about(SETTINGS)).at(-1), (await about(WITH_PASSWORDS)).at(-1)];
    expect(last).toMatchObject({
      verdict: 'problem',
      message: expect.stringContaining('(CN=kubeedge.io): edge-2'),
    });
    expect(last?.remedy).toContain('let them push with a password');
    expect(withPasswords).toMatchObject({ verdict: 'warning' });
  });

  describe('are pushed with', () => {
    const pushed = async (nodeCertificate?: { cert: string; key: string }) => {
      const examination = {
        ...synthesizeManifests(SETTINGS),
        network,
        kubectl: cluster.kubectl,
        nodeCertificate,
      };
      const findings = await runChecks(examination, { push: true });
      return findings.filter(({ check }) => check === 'pushes with a certificate');
    };

    test('as the node that the certificate names', async () => {
      const findings = await pushed({ cert: NODE_CERTIFICATE, key: 'k' });
      expect(findings.map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
      const requests = network.pushed.filter(({ certificate }) => certificate !== undefined);
      expect(requests.map(({ url }) => url)).toEqual([
        'https://push.example.com/metrics/job/edge-observability-doctor/instance/edge-1/hostname/edge-1',
        'https://logs.example.com/loki/api/v1/push',
      ]);
      network.status = 401;
      const [refused] = await pushed({ cert: NODE_CERTIFICATE, key: 'k' });
      expect(refused).toMatchObject({
        verdict: 'problem',
        message: expect.stringContaining('responds with status 401'),
      });
    });

    test('by those who give one that names a node', async () => {
      expect(await pushed()).toMatchObject([
        { verdict: 'warning', message: 'pushing with the certificate of a node was not tested' },
      ]);
      expect(await pushed({ cert: NODE_CA, key: 'k' })).toMatchObject([
        { verdict: 'problem', message: expect.stringContaining('does not contain the name of a node') },
      ]);
    });
  });
});
