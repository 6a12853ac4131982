import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../lib/tools/doctor/finding';
import { program, tryRun } from '../runtime/programs';
import { RecordedApi, type Resource } from '../runtime/recorded-api';
import { secret } from '../runtime/secrets';
import { EDGE, ReferenceStack } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { createNode, EDGE as EDGE_LABELS, objectWithName } from '../tools/doctor/recorded-cluster';

const RESOURCES: readonly Resource[] = [
  { apiVersion: 'v1', plural: 'nodes', kind: 'Node' },
  { apiVersion: 'v1', plural: 'namespaces', kind: 'Namespace' },
  { apiVersion: 'v1', plural: 'pods', kind: 'Pod', namespaced: true },
  { apiVersion: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true },
  { apiVersion: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true },
  ...['Service', 'ServiceAccount'].map((kind) => namespaced('v1', kind)),
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => namespaced('apps/v1', kind)),
  ...['Job', 'CronJob'].map((kind) => namespaced('batch/v1', kind)),
  ...['Ingress', 'NetworkPolicy'].map((kind) => namespaced('networking.k8s.io/v1', kind)),
  ...['Role', 'RoleBinding'].map((kind) => namespaced('rbac.authorization.k8s.io/v1', kind)),
  ...['ClusterRole', 'ClusterRoleBinding'].map((kind) => ({
    ...namespaced('rbac.authorization.k8s.io/v1', kind),
    namespaced: false,
  })),
  namespaced('policy/v1', 'PodDisruptionBudget'),
  { apiVersion: 'networking.k8s.io/v1', plural: 'ingressclasses', kind: 'IngressClass' },
  { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', kind: 'StorageClass' },
];

function namespaced(apiVersion: string, kind: string): Resource {
  const plural = `${kind.toLowerCase()}s`.replace(/ss$/, 'sses').replace(/ys$/, 'ies');
  return { apiVersion, plural, kind, namespaced: true };
}

const API_VERSIONS = ['apps/v1', 'argoproj.io/v1alpha1', 'policy/v1', 'rbac.authorization.k8s.io/v1'];

const NODES = [
  createNode('cloud-1'),
  createNode('edge-1', {
    labels: EDGE_LABELS,
    kubelet: 'v1.19.3-kubeedge-v1.8.1',
    runtime: 'docker://20.10.7',
  }),
].map((one) => ({ kind: 'Node', ...one }));

const SERVICES = [
  { kind: 'IngressClass', ...objectWithName('nginx') },
  {
    kind: 'StorageClass',
    ...objectWithName('fast', { 'storageclass.kubernetes.io/is-default-class': 'true' }),
  },
  ...['monitoring', 'monitoring-nodes', 'monitoring-edge', 'argocd', 'ingress-nginx'].map((name) => ({
    kind: 'Namespace',
    ...objectWithName(name),
  })),
];

describe('npm run doctor, with a real kubectl and a stack that runs', () => {
  let stack: ReferenceStack;
  let api: RecordedApi;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    await stack.startCloud('pushgateway');
    await stack.startCloud('pushgateway-services');
    stack.cluster.apply(secret('monitoring', 'grafana-admin', { username: 'admin', password: 'x' }));
    api = new RecordedApi(stack.cluster, stack.edgeNode.namespace);
    hold();
    await api.start();
  });

  afterAll(() => stack?.destroy());

  function hold(): void {
    const objects = [
      ...NODES,
      ...SERVICES,
      ...stack.cluster.objectsOfKind('Secret').map(encoded),
    ] as Manifest[];
    api.replaceContents({ version: 'v1.22.2', apiVersions: API_VERSIONS, resources: RESOURCES, objects });
  }

  /** Runs it where the edge is: with its network, and the names that lead to the ingress. */
  async function doctor(...options: string[]) {
    const { edgeNode, cluster, ingress } = stack;
    const hosts = join(cluster.folder, 'doctor-hosts');
    const names = cluster
      .objectsOfKind('Ingress')
      .flatMap(({ spec }) => spec.rules.map(({ host }: Manifest) => host));
    writeFileSync(hosts, [...names, ''].map((name) => name && `${ingress.address} ${name}\n`).join(''));
    const app = [
      'scripts/run.cjs',
      'examples/environments/main.ts',
      'doctor',
      '--environment',
      'reference',
      ...options,
    ];
    const inside = ['nsenter', ...edgeNode.namespace.entry, program('node'), ...app];
    const env = {
      ...process.env,
      KUBECONFIG: api.kubeconfig,
      HOME: cluster.folder,
      NODE_EXTRA_CA_CERTS: cluster.authority.file,
    };
    const named = 'mount --bind "$0" /etc/hosts && exec "$@"';
    return tryRun('unshare', ['--mount', 'sh', '-c', named, hosts, ...inside], { env });
  }

  async function findings(...options: string[]): Promise<Finding[]> {
    const { stdout, stderr } = await doctor('--json', ...options);
    expect(stderr).toBe('');
    return JSON.parse(stdout).findings;
  }

  const bad = (all: readonly Finding[]) =>
    all.filter(({ verdict }) => verdict !== 'ok').map(({ check, message }) => `${check}: ${message}`);

  test('is content where all is there, says so in words, and ends with 0', async () => {
    const { code, stdout, stderr } = await doctor();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^environment reference, context recorded\n\nok {7}Kubernetes: the API server has version/,
    );
    expect(stdout).toMatch(/\npassed: \d+ ok\n/);
    expect(stdout).toMatch(/the certificate of push\.edge\.example\.com is trusted for \d+ more days/);
  });

  test('pushes with the passwords, and says what does not take them', async () => {
    const all = await findings('--push');
    expect(all.filter(({ check, verdict }) => check === 'pushes' && verdict === 'ok')).toHaveLength(2);
    // The guard of the logs has no backend here.
    expect(bad(all)).toEqual([
      'pushes: https://logs.edge.example.com/loki/api/v1/push responds with status 502 to a push with the password in the Secret monitoring-edge/logs-credentials',
    ]);
  });

  test('finds what is wrong at its place: a password, a certificate, a Secret', async () => {
    stack.setClientPassword('wrong');
    stack.setCertificate(0);
    hold();
    const wrong = bad(await findings('--push'));
    expect(wrong).toContainEqual(
      expect.stringMatching(/^hosts: the certificate of push\.edge.* is not trusted: CERT_HAS_EXPIRED$/),
    );
    expect(wrong).toContainEqual(
      expect.stringMatching(
        /^pushes: .*logs\.edge.* responds with status 401 .* monitoring-edge\/logs-credentials$/,
      ),
    );
    stack.cluster.apply(secret(EDGE, 'push-credentials', { token: 'x' }));
    hold();
    expect(bad(await findings())).toContainEqual(
      'Secrets: the Secret monitoring-edge/push-credentials does not contain password, username; its keys: token',
    );
  });

  test('only reads', () => {
    expect(api.requests.length).toBeGreaterThan(20);
    expect(api.requests.filter((one) => !one.startsWith('GET '))).toEqual([]);
  });
});

/** As an API server gives a Secret away. */
function encoded({ stringData = {}, data = {}, ...manifest }: Manifest): Manifest {
  const values = Object.entries(stringData).map(([key, value]) => [key, btoa(`${value}`)]);
  return { type: 'Opaque', ...manifest, data: { ...data, ...Object.fromEntries(values) } };
}
