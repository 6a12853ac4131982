import { ApiObject, App, Chart, Testing } from 'cdk8s';
import {
  ArgoCdApplications,
  type ArgoCdApplicationsProps,
  CloudChart,
  EdgeChart,
  GitOpsChart,
  InvalidOptionError,
  Platform,
} from '../../lib';
import { argoCdSyncAnnotations } from '../../lib/core/sync-waves';
import { minimalSettings } from '../support/settings';

const props: ArgoCdApplicationsProps = {
  name: 'observability',
  repository: 'https://git.example.com/fleet/observability.git',
  path: 'dist/north',
};

/** Renders the applications of two charts. */
function createApplications(
  overrides: Partial<ArgoCdApplicationsProps> = {},
  addTo: (chart: Chart) => void = () => {},
) {
  const app = new App();
  const cloud = new Chart(app, 'cloud');
  const edge = new Chart(app, 'edge');
  const gitops = new Chart(app, 'gitops');
  const applications = new ArgoCdApplications(gitops, 'applications', { ...props, ...overrides });
  applications.addChart(cloud);
  applications.addChart(edge);
  new ApiObject(cloud, 'a', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'monitoring' },
  });
  new ApiObject(edge, 'b', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } });
  addTo(cloud);
  const [project, ...rest] = Testing.synth(gitops);
  return { project, applications: rest };
}

describe('the applications', () => {
  test('are one for each chart, over its folder, in the order of the charts', () => {
    const { applications } = createApplications();
    expect(
      applications.map(({ metadata, spec }) => [
        metadata.name,
        spec.source.path,
        metadata.annotations['argocd.argoproj.io/sync-wave'],
      ]),
    ).toEqual([
      ['observability-cloud', 'dist/north/cloud', '1'],
      ['observability-edge', 'dist/north/edge', '2'],
    ]);
  });

  test('apply what is at the head of the repository to the cluster of Argo CD by themselves', () => {
    const [{ metadata, spec }] = createApplications().applications;
    expect(metadata.namespace).toBe('argocd');
    expect(spec).toMatchObject({
      project: 'observability',
      source: { repoURL: props.repository, targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc' },
      syncPolicy: { automated: { prune: true, selfHeal: true }, retry: { limit: 10 } },
    });
  });

  test('have no longer names than the label by which Argo CD knows what is theirs', () => {
    expect(() => createApplications({ name: 'x'.repeat(60) })).toThrow(
      /: name, joined with the name of the chart, is "x{60}-cloud"; allowed/,
    );
  });

  test('leave what they applied when they are deleted', () => {
    for (const { metadata } of createApplications().applications)
      expect(metadata).not.toHaveProperty('finalizers');
  });

  test('take every option', () => {
    const { applications, project } = createApplications({
      revision: 'v1.2.0',
      destination: { name: 'production' },
      namespace: 'argo',
      sync: 'manual',
    });
    for (const { metadata, spec } of applications) {
      expect(metadata.namespace).toBe('argo');
      expect(spec.source.targetRevision).toBe('v1.2.0');
      expect(spec.destination).toEqual({ name: 'production' });
      expect(spec.syncPolicy).not.toHaveProperty('automated');
    }
    expect(project.metadata.namespace).toBe('argo');
    expect(project.spec.destinations).toEqual([{ name: 'production', namespace: 'monitoring' }]);
  });

  test('use server-side apply where that is asked for, and never the wave that ingresses would hold up', () => {
    const options = ({ applications }: ReturnType<typeof createApplications>) =>
      applications.map(({ spec }) => spec.syncPolicy.syncOptions);
    expect(options(createApplications())).toEqual([undefined, undefined]);
    expect(options(createApplications({ serverSideApply: true }))).toEqual([
      ['ServerSideApply=true'],
      ['ServerSideApply=true'],
    ]);
  });
});

describe('the project', () => {
  test('allows the repository, the namespaces and the cluster-wide kinds of its charts, whenever they were made', () => {
    const { project } = createApplications({}, (chart) => {
      new ApiObject(chart, 'class', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' });
    });
    expect(project.spec).toMatchObject({
      sourceRepos: [props.repository],
      destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'monitoring' }],
      clusterResourceWhitelist: [
        { group: '', kind: 'Namespace' },
        { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
        { group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding' },
        { group: 'storage.k8s.io', kind: 'StorageClass' },
      ],
    });
  });

  test('takes no Secret from git', () => {
    expect(createApplications().project.spec.namespaceResourceBlacklist).toEqual([
      { group: '', kind: 'Secret' },
    ]);
  });
});

test.each<[keyof ArgoCdApplicationsProps, unknown, string]>([
  ['name', 'Our Stack', 'name is "Our Stack"; allowed: '],
  ['repository', 'http://git.example.com/a', 'repository is "http://git.example.com/a"; allowed: '],
  [
    'repository',
    'https://me:secret@git.example.com/a',
    'repository is "https://***@git.example.com/a"; allowed: ',
  ],
  [
    'repository',
    'ssh://git:secret@git.example.com/a',
    'repository is "ssh://***@git.example.com/a"; allowed: ',
  ],
  ['revision', '--upload-pack=x', 'revision is "--upload-pack=x"; allowed: '],
  ['path', '/dist/north', 'path is "/dist/north"; allowed: '],
  ['path', 'dist/../..', 'path is "dist/../.."; allowed: '],
  ['destination', {}, 'destination is {}; allowed: '],
  [
    'destination',
    { server: 'https://a', name: 'b' },
    'destination is {"server":"https://a","name":"b"}; allowed: ',
  ],
  ['destination', { server: 'http://a' }, 'destination is {"server":"http://a"}; allowed: '],
  ['namespace', 'Argo', 'namespace is "Argo"; allowed: '],
  ['serverSideApply', 'yes', 'serverSideApply is "yes"; allowed: true or false'],
  ['sync', 'sometimes', 'sync is "sometimes"; allowed: "automatic" or "manual"'],
])('%s is not %j', (option, value, message) => {
  expect(() => createApplications({ [option]: value })).toThrow(InvalidOptionError);
  expect(() => createApplications({ [option]: value })).toThrow(message);
});

test.each([
  'https://git.example.com/a/b.git',
  'ssh://git@git.example.com:2222/a.git',
  'git@git.example.com:a/b.git',
])('a repository may be %s', (repository) => {
  expect(createApplications({ repository }).project.spec.sourceRepos).toEqual([repository]);
});

describe('sync waves', () => {
  const wave = (kind: string) => Number(argoCdSyncAnnotations(kind)['argocd.argoproj.io/sync-wave']);

  test('go from namespaces over configuration, stores and collectors to the ingresses, which nothing waits for', () => {
    const order = ['Namespace', 'ConfigMap', 'StatefulSet', 'Deployment', 'Ingress'].map(wave);
    expect(order).toEqual([-3, -2, -1, 0, 1]);
    expect(wave('CustomResourceDefinition')).toBe(wave('Namespace'));
    expect(wave('ExternalSecret')).toBe(wave('ConfigMap'));
    expect(wave('DaemonSet')).toBe(wave('Deployment'));
    for (const kind of ['HTTPRoute', 'TLSRoute', 'IngressRouteTCP']) expect(wave(kind)).toBe(wave('Ingress'));
  });

  test('hold a claim that waits for its first consumer in the wave of the consumer', () => {
    expect(wave('PersistentVolumeClaim')).toBe(wave('StatefulSet'));
  });

  test('stand in every object of an environment with Argo CD, and in none of another', () => {
    const gitOps = { repository: props.repository, path: props.path };
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings: { ...minimalSettings, gitOps } });
    const sinks = { metrics: cloud.metrics, logs: cloud.logs };
    const edge = new EdgeChart(app, 'edge', { settings: { ...minimalSettings, gitOps }, ...sinks });
    const plain = new EdgeChart(new App(), 'plain', { settings: minimalSettings, ...sinks });
    const waves = (chart: Chart) =>
      Testing.synth(chart).map(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-wave']);
    expect([...waves(cloud), ...waves(edge)]).not.toContain(undefined);
    expect(new Set(waves(plain))).toEqual(new Set([undefined]));
  });

  test('come with a namespace that Argo CD never deletes, since volumes are in it', () => {
    const chart = Testing.chart();
    Platform.define(chart, { syncWaves: true });
    expect(argoCdSyncAnnotations('Namespace')).toMatchObject({
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    });
    expect(argoCdSyncAnnotations('ConfigMap')).not.toHaveProperty('argocd.argoproj.io/sync-options');
  });
});

describe('a GitOpsChart', () => {
  test('is named by the cluster, where nothing else is said', () => {
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings: minimalSettings });
    const settings = { ...minimalSettings, gitOps: { repository: props.repository, path: props.path } };
    const manifests = Testing.synth(new GitOpsChart(app, 'gitops', { settings, charts: [cloud] }));
    expect(manifests.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['AppProject', 'observability-least'],
      ['Application', 'observability-least-cloud'],
    ]);
  });

  test.each(['Plant_1', 'x'.repeat(60)])(
    'asks for another one where the cluster, %s, gives none',
    (cluster) => {
      const settings = {
        ...minimalSettings,
        cluster,
        gitOps: { repository: props.repository, path: 'dist/x' },
      };
      const make = (name?: string) =>
        new GitOpsChart(new App(), 'gitops', {
          settings: { ...settings, gitOps: { ...settings.gitOps, name } },
          charts: [],
        });
      expect(() => make()).toThrow(
        `gitops: settings.gitOps.name is missing, and the default name "observability-${cluster}" is invalid; allowed: up to 63`,
      );
      expect(() => make('plant')).not.toThrow();
    },
  );

  test('needs to know where git is', () => {
    expect(() => new GitOpsChart(new App(), 'gitops', { settings: minimalSettings, charts: [] })).toThrow(
      'gitops: settings.gitOps is missing: set it, for example to { repository: "https://..."',
    );
  });
});
