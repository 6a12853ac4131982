import { referenceOf } from '../../../lib/tools/applied/object-reference';
import { type ApplyOptions, performApply } from '../../../lib/tools/applied/perform-apply';
import { type PruneOptions, performPrune } from '../../../lib/tools/applied/perform-prune';
import { createApp } from '../../../lib/tools/synthesis/environment';
import { type RenderedObject, renderApp } from '../../../lib/tools/synthesis/render';
import { EXAMPLES } from '../../support/examples';
import { KeptCluster } from './kept-cluster';

const rendered = renderApp(createApp('reference', EXAMPLES));
const renderedWithout = (name: string) => rendered.filter(({ manifest }) => manifest.metadata.name !== name);

let cluster: KeptCluster;
let said: string;

beforeEach(() => {
  cluster = new KeptCluster();
  said = '';
});

const clusterTools = () => ({
  kubectl: cluster.kubectl,
  io: {
    stdout: (text: string) => {
      said += text;
    },
  },
});

const runApply = (objects: readonly RenderedObject[], more: Partial<ApplyOptions> = {}) => {
  const flags = { onlyNamespaces: false, onlyRecord: false, forceConflicts: false, allowForeign: false };
  return performApply({ environment: 'reference', objects, ...flags, ...more }, clusterTools());
};

const runPrune = (objects: readonly RenderedObject[], more: Partial<PruneOptions> = {}) => {
  said = '';
  const synthesized = objects.map(({ manifest }) => referenceOf(manifest));
  const flags = { adopt: false, uninstall: false, apply: false };
  return performPrune({ environment: 'reference', synthesized, ...flags, ...more }, clusterTools());
};

const applyCalls = () => cluster.calls.filter((call) => call.startsWith('apply'));

describe('apply', () => {
  test('goes server-side from what others need to what needs them, and leaves Argo CD’s objects out', async () => {
    await runApply(rendered);
    expect(applyCalls().map((call) => call.replace(/--filename .*\//, ''))).toEqual([
      'apply --server-side --recursive 1-namespaces',
      'apply --server-side --recursive 2-configuration',
      'apply --server-side --recursive 3-cloud',
      'apply --server-side --recursive 4-edge',
    ]);
    expect(cluster.has('Application', 'observability-reference-edge')).toBe(false);
    expect(cluster.has('DaemonSet', 'edge-node-exporter')).toBe(true);
  });

  test('takes over the fields of others only when it is told to', async () => {
    await runApply(rendered, { forceConflicts: true });
    expect(applyCalls().every((call) => call.includes('--force-conflicts'))).toBe(true);
  });

  test('makes only the namespaces when the Secrets are not there yet, and records nothing then', async () => {
    await runApply(rendered, { onlyNamespaces: true });
    expect([...cluster.objects.values()].map(({ kind }) => kind)).toEqual([
      'Namespace',
      'Namespace',
      'Namespace',
    ]);
  });

  test('records no object of others under a name of ours, so that nothing prunes it', async () => {
    const ours = rendered.find(
      ({ manifest }) => manifest.kind === 'StatefulSet' && manifest.metadata.name === 'grafana',
    );
    if (!ours) throw new Error('there is no Grafana');
    cluster.add({ ...ours.manifest, metadata: { ...ours.manifest.metadata, labels: { heritage: 'Helm' } } });
    cluster.failures.set('3-cloud', 'kubectl apply failed: conflict with "helm"');
    await expect(runApply(rendered, { allowForeign: true })).rejects.toThrow('conflict with "helm"');
    await runPrune([], { uninstall: true, apply: true });
    expect(cluster.has('StatefulSet', 'grafana')).toBe(true);
    expect(cluster.has('ConfigMap', 'grafana-config')).toBe(false);
  });

  test('records what was applied until kubectl failed, and says what kubectl said', async () => {
    cluster.failures.set('3-cloud', 'kubectl apply failed: conflict with "kubectl-edit"');
    await expect(runApply(rendered)).rejects.toThrow('conflict with "kubectl-edit"');
    const inventory = [...cluster.objects.values()].find(({ metadata }) =>
      metadata.name.includes('inventory'),
    );
    expect(inventory?.data.applied).toContain('"kind":"ConfigMap"');
    expect(inventory?.data.applied).not.toContain('"kind":"StatefulSet"');
  });

  test('records all else when the definition of one kind is missing, and says what kubectl said first', async () => {
    cluster.missingKind = 'NetworkPolicy';
    await expect(runApply(rendered)).rejects.toThrow(/^no matches for kind "NetworkPolicy"$/);
    await runPrune([], { uninstall: true });
    expect(said).toMatch(/^- ConfigMap monitoring-edge\/edge-log-collector-config$/m);
    expect(said).not.toContain('NetworkPolicy');
  });

  test('keeps the entry of what it may not read, and names it after what failed before', async () => {
    await runApply(rendered);
    cluster.unreadableKind = 'Ingress';
    cluster.failures.set('4-edge', 'kubectl apply failed: conflict');
    const failed = runApply(rendered);
    await expect(failed).rejects.toThrow(
      /^kubectl apply failed: conflict\nkubectl could not read these objects, so their entries in the inventory did not change: Ingress .*: forbidden$/,
    );
    cluster.unreadableKind = undefined;
    await runPrune([], { uninstall: true });
    expect(said).toMatch(/^- Ingress monitoring\/logs$/m);
  });

  test('gives the inventory the labels and annotations of all objects, and a pruning keeps them', async () => {
    const metadata = { labels: { team: 'fleet' }, annotations: { owner: 'them' } };
    await runApply(rendered, { metadata });
    const inventory = () =>
      [...cluster.objects.values()].find(({ metadata: { name } }) => name.includes('inventory'));
    expect(inventory()?.metadata).toMatchObject(metadata);
    await runPrune(renderedWithout('edge-node-exporter'), { apply: true });
    expect(inventory()?.metadata).toMatchObject(metadata);
  });

  test('refuses to write over an inventory that somebody else wrote meanwhile', async () => {
    await runApply(rendered);
    const { kubectl } = cluster;
    const racing = async (...args: readonly string[]) => {
      if (args[0] === 'replace') await performApply({ ...OPTIONS, objects: rendered }, clusterTools());
      return kubectl(...args);
    };
    await expect(
      performApply({ ...OPTIONS, objects: rendered }, { ...clusterTools(), kubectl: racing }),
    ).rejects.toThrow('modified');
  });
});

const OPTIONS = {
  ...{ environment: 'reference', onlyNamespaces: false, onlyRecord: true },
  ...{ forceConflicts: false, allowForeign: false },
};

describe('prune', () => {
  test('shows what a newer synthesis does not have, and deletes it when it is told to', async () => {
    await runApply(rendered);
    await runApply(renderedWithout('edge-node-exporter'));
    expect(said).toMatch(
      /objects of earlier syntheses are no longer part of the environment: run npm run --silent prune to list these objects/,
    );
    await runPrune(renderedWithout('edge-node-exporter'));
    expect(said).toContain('- DaemonSet monitoring-edge/edge-node-exporter\n');
    expect(said).toMatch(/nothing was deleted; use --apply to delete \d+ object/);
    expect(cluster.has('DaemonSet', 'edge-node-exporter')).toBe(true);
    await runPrune(renderedWithout('edge-node-exporter'), { apply: true });
    expect(cluster.has('DaemonSet', 'edge-node-exporter')).toBe(false);
    await runPrune(renderedWithout('edge-node-exporter'));
    expect(said).toContain('nothing to delete');
  });

  test('deletes nothing that the synthesis has again, and nothing that was created again since', async () => {
    await runApply(rendered);
    await runApply(renderedWithout('prometheus'));
    cluster.objects.delete('service monitoring prometheus');
    cluster.add({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'monitoring', name: 'prometheus' },
    });
    await runPrune(rendered, { apply: true });
    expect(said).toContain(
      'StatefulSet monitoring/prometheus is kept: the object is part of an environment\n',
    );
    await runPrune(renderedWithout('prometheus'), { apply: true });
    expect(said).toContain(
      'Service monitoring/prometheus is kept: the object was deleted and re-created since',
    );
    expect(cluster.has('Service', 'prometheus')).toBe(true);
    expect(cluster.has('StatefulSet', 'prometheus')).toBe(false);
  });

  test('deletes nothing that belongs to something else, or that another environment of the cluster has', async () => {
    await runApply(rendered);
    await runApply(renderedWithout('loki'));
    await runApply(
      rendered.filter(({ manifest }) => manifest.metadata.name === 'loki'),
      { environment: 'other' },
    );
    await runPrune(renderedWithout('loki'), { apply: true });
    expect(said).toContain('StatefulSet monitoring/loki is kept: the object is part of an environment\n');
    expect(cluster.has('StatefulSet', 'loki')).toBe(true);
  });

  test('uninstalls all but namespaces, and workloads before what they use', async () => {
    await runApply(rendered);
    await runPrune(rendered, { uninstall: true, apply: true });
    const kinds = cluster.calls.filter((call) => call.startsWith('delete')).map((call) => call.split(' ')[1]);
    expect(kinds[0]).toBe('daemonset.apps');
    expect(kinds.at(-1)).toBe('clusterrole.rbac.authorization.k8s.io');
    expect(said).toContain(
      'Namespace monitoring is kept: deleting a namespace deletes all objects in it, including PersistentVolumeClaims',
    );
    const left = [...cluster.objects.values()].map(({ kind }) => kind);
    expect(new Set(left)).toEqual(new Set(['Namespace', 'ConfigMap']));
  });

  test('adopts what no inventory lists, and neither pods nor objects of other labels', async () => {
    const metadata = {
      namespace: 'monitoring-edge',
      labels: { 'app.kubernetes.io/part-of': 'edge-observability' },
    };
    const add = (kind: string, name: string, more: object = {}) =>
      cluster.add({ apiVersion: 'apps/v1', kind, metadata: { ...metadata, name, ...more } });
    add('DaemonSet', 'of-before');
    add('DaemonSet', 'owned', { ownerReferences: [{ kind: 'Stack', name: 'a' }] });
    add('DaemonSet', 'foreign', { labels: {} });
    add('Pod', 'of-before-x1');
    await runApply(rendered);
    await runPrune(rendered, { adopt: true });
    expect(said.match(/^- .*$/gm)).toEqual(['- DaemonSet monitoring-edge/of-before']);
  });

  test('says what to do where nothing was recorded', async () => {
    await expect(runPrune(rendered)).rejects.toThrow(
      'run npm run --silent apply first, or npm run --silent apply -- --record if another program applies the environment',
    );
  });
});
