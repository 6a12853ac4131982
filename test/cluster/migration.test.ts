import { eventually } from '../runtime/wait';
import { codeBlocks } from '../support/code-blocks';
import { HAND_MADE_FILES, handMadeManifests } from '../support/hand-made';
import type { Manifest } from '../support/manifests';
import { cleanUp, command, EDGE_NODES, kubectl, list, nodeOf, tryKubectl } from './cluster';
import { MadeNode } from './made-node';
import { Project } from './project';

const PAGE = codeBlocks('docs/migrating-from-yaml.md');
/** The node that the migration moves: an edge node of the cluster, or a simulated node if the cluster has none. */
let node: string;
const OLD = ['--namespace', 'monitoring'];
const NEW = ['--namespace', 'observability-edge'];
const PATIENCE = { seconds: 120 };
const FILES = HAND_MADE_FILES.flatMap((file) => ['--filename', file]);

let project: Project;
let made: MadeNode | undefined;

beforeAll(async () => {
  const environment = PAGE.find(({ code }) => code.includes('namespaces:'))?.code ?? '';
  project = Project.create({ north: environment });
  const [real] = await list('nodes', '--selector', EDGE_NODES);
  if (!real) made = await MadeNode.create('handed-over');
  node = real?.metadata.name ?? 'handed-over';
  await kubectl(['apply', ...FILES]);
  await eventually('a pod of the old system for the node', () => onNode(OLD), PATIENCE);
});

afterAll(async () => {
  await made?.stop();
  await cleanUp();
});

/**
 * Runs a code block of the page in the folder of the project, as a reader of the page would.
 * @param text text that identifies the block
 * @throws Error with the error output if the block fails
 */
async function follow(text: string): Promise<string> {
  const block = PAGE.find(({ language, code }) => language === 'sh' && code.includes(text));
  if (!block) throw new Error(`docs/migrating-from-yaml.md has no shell block with ${text}`);
  return project.shell(block.code.replaceAll('edge-1', node));
}

/** Returns the edge exporter's pod of the node in a namespace, or `undefined` if there is none. */
const onNode = async (namespace: readonly string[]): Promise<Manifest | undefined> =>
  (await list('pods', ...namespace)).find(
    (pod) => nodeOf(pod) === node && pod.metadata.name.startsWith('edge-node-exporter'),
  );

/** Waits until the node has a pod of one system, and no pod of the other system. Returns the pod. */
async function handedOver(to: readonly string[], from: readonly string[]): Promise<Manifest> {
  const pod = await eventually('its pod', () => onNode(to), PATIENCE);
  await eventually('no pod of the other', async () => !(await onNode(from)), PATIENCE);
  return pod;
}

/** Returns the objects of the old system, with the fields that users and other tools set. */
async function oldSystem(): Promise<object[]> {
  const names = handMadeManifests().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const objects = await list(...FILES);
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(names);
  return objects.map(({ kind, metadata: { name, labels, annotations }, spec, data }) => ({
    ...{ kind, name, labels, annotations, spec, data },
  }));
}

test('an environment that shares namespaces and hosts with the old system is refused, and changes nothing', async () => {
  const before = await oldSystem();
  const { code, stderr } = await command('apply', '--environment', 'reference');
  expect(code).toBe(1);
  expect(stderr).toContain('StatefulSet monitoring/prometheus');
  expect(stderr).toContain('Namespace monitoring would enforce the Pod Security level "restricted"');
  expect(stderr).toContain(
    'Ingress monitoring/push, which is not part of this stack, both serve push.edge.example.com',
  );
  const { stdout } = await command('doctor', '--environment', 'reference');
  expect(stdout).toMatch(/PROBLEM +other objects: .*StatefulSet monitoring\/prometheus/);
  expect(await oldSystem()).toEqual(before);
  expect((await tryKubectl(['get', 'namespace', 'monitoring-edge'])).code).not.toBe(0);
});

describe('the page, word for word', () => {
  test('takes stock, and binds the old DaemonSet to its nodes', async () => {
    await follow('private/daemonset.yaml\nkubectl -n monitoring get ingress');
    await follow('patch daemonset edge-node-exporter');
    expect(await onNode(OLD)).toBeDefined();
  });

  test('applies the environment: nothing of the old system is changed, and none of its pods is selected', async () => {
    const before = await oldSystem();
    const said = await follow('apply -- --environment north --namespaces');
    expect(said).toMatch(/ok +other objects/);
    expect(await oldSystem()).toEqual(before);
    const selecting = 'networkpolicies,services,poddisruptionbudgets,daemonsets,deployments,statefulsets';
    expect(await list(selecting, ...OLD, '--selector', 'app.kubernetes.io/part-of')).toEqual([]);
    expect(await list('pods', ...NEW)).toEqual([]);
  });

  test('leaves the pods of the old system to restart', async () => {
    const uids = async () =>
      (await list('pods', ...OLD)).map(({ metadata }) => (metadata as { uid?: string }).uid);
    const before = await uids();
    await kubectl(['delete', 'pods', '--all', ...OLD, '--force', '--grace-period=0']);
    await eventually(
      'as many new ones',
      async () => {
        const now = await uids();
        return now.length >= before.length && now.every((uid) => !before.includes(uid));
      },
      PATIENCE,
    );
    await eventually('one for the node', () => onNode(OLD), PATIENCE);
  });

  test('moves a node by its label', async () => {
    await follow('kubectl label node edge-1 edge-metrics=new');
    await handedOver(NEW, OLD);
  });

  test('and back again, by the label alone', async () => {
    await follow('kubectl label node edge-1 edge-metrics=hand-made');
    await handedOver(OLD, NEW);
  });

  test('all of them move, the old Ingress and DaemonSet go, and no pod moves when the label is taken out', async () => {
    await follow('kubectl label nodes -l edge-metrics=hand-made');
    await follow('kubectl -n monitoring delete ingress push\nkubectl -n monitoring delete daemonset');
    const pod = await handedOver(NEW, OLD);
    project.edit('north', ", nodeSelector: { 'edge-metrics': 'new' }", '');
    await project.run(['apply', '--environment', 'north']);
    expect(await onNode(NEW)).toMatchObject({ metadata: { name: pod.metadata.name } });
  });

  test('what was deleted comes back from what was kept', async () => {
    project.edit(
      'north',
      "instance: 'address'",
      "instance: 'address', nodeSelector: { 'edge-metrics': 'new' }",
    );
    await project.run(['apply', '--environment', 'north']);
    await follow('kubectl create -f private/ingress.yaml');
    await follow('kubectl label node edge-1 edge-metrics=hand-made');
    await handedOver(OLD, NEW);
    expect(await list('ingresses', ...OLD)).toHaveLength(1);
  });

  test('uninstalling leaves the old system as it is', async () => {
    const before = await oldSystem();
    await project.run(['prune', '--environment', 'north', '--uninstall', '--apply']);
    expect(await oldSystem()).toEqual(before);
  });

  test('where the host cannot change, apply waits until the old Ingress is gone, and the old one comes back after it', async () => {
    project.edit('north', 'push-new.edge', 'push.edge');
    await expect(project.run(['apply', '--environment', 'north'])).rejects.toThrow(
      'kubectl -n monitoring delete ingress push',
    );
    await follow('kubectl -n monitoring delete ingress push\nnpm run --silent apply');
    expect(await list('ingresses', '--namespace', 'observability')).toHaveLength(2);
    await kubectl(['-n', 'observability', 'delete', 'ingress', 'push']);
    await project.shell('kubectl create -f private/ingress.yaml');
  });
});
