import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../lib/tools/doctor/finding';
import { eventually } from '../runtime/wait';
import type { Manifest } from '../support/manifests';
import {
  cleanUp,
  command,
  ENVIRONMENT,
  JOINED,
  kubectl,
  list,
  NAMESPACES,
  nodeOf,
  tryKubectl,
} from './cluster';

const DIST = join('dist', ENVIRONMENT);
const FOLDERS = [join(DIST, 'cloud'), join(DIST, 'edge')];
const FILES = FOLDERS.flatMap((folder) => ['--filename', folder]);
const DONE = { code: 0, stderr: '' };
const JOINS = Number(process.env.E2E_JOINS ?? 3);

afterAll(cleanUp);

/** Returns the environment's objects in the cluster, without fields that controllers write. */
async function stored(): Promise<object[]> {
  const items: (Manifest & { metadata: { resourceVersion?: string } })[] = await list(...FILES);
  return items.map(({ status, metadata: { resourceVersion, ...metadata }, ...rest }) => ({
    ...{ ...rest, metadata },
    // The resource version is only compared for objects without a status, because controllers change it when they write
    // a status.
    resourceVersion: status ? undefined : resourceVersion,
  }));
}

const apply = (...args: string[]) => command('apply', '--environment', ENVIRONMENT, ...args);
const prune = (...args: string[]) => command('prune', '--environment', ENVIRONMENT, ...args);

/** Removes kubectl's warnings about its own version from an error output. */
const said = (stderr: string) => stderr.replace(/^(Warning|WARNING): .*\n/gm, '');

describe('an environment is installed in the documented order', () => {
  test('namespaces first, and nothing else', async () => {
    expect(await apply('--namespaces')).toMatchObject(DONE);
    expect(await list('daemonsets,deployments,statefulsets', '--namespace', 'monitoring')).toEqual([]);
  });

  test('then the Secrets, server-side: no annotation holds a copy of a password', async () => {
    const { stdout } = await command('credentials', '--environment', ENVIRONMENT);
    await kubectl(['apply', '--server-side', '--filename', '-'], stdout);
    const secrets = await list('secrets', '--all-namespaces');
    expect(secrets.length).toBeGreaterThan(0);
    expect(JSON.stringify(secrets)).not.toContain('last-applied-configuration');
  });

  test('then everything, and the cluster has an inventory of it', async () => {
    const { code, stdout } = await apply();
    expect(code).toBe(0);
    expect(stdout).toMatch(/recorded in ConfigMap monitoring\/edge-observability-inventory-\S+: \d+ objects/);
  });

  test('a second time, that changes nothing', async () => {
    const before = await stored();
    expect((await apply()).code).toBe(0);
    expect(await stored()).toEqual(before);
  });

  test('the cluster holds what the files say: Argo CD would show no difference', async () => {
    const { code, stdout } = await tryKubectl(['diff', '--server-side', ...FILES]);
    expect([code, stdout]).toEqual([0, '']);
  });
});

describe('both ways of applying go together', () => {
  test('client-side apply takes every object', async () => {
    const { code, stderr } = await tryKubectl(['apply', ...FILES]);
    expect([code, said(stderr)]).toEqual([0, '']);
  });

  test('of an environment that was applied client-side, server-side apply meets no conflict', async () => {
    await kubectl(['delete', 'statefulsets', '--all', '--namespace', 'monitoring']);
    await kubectl(['apply', ...FILES]);
    const { code, stderr } = await apply();
    expect([code, said(stderr)]).toEqual([0, '']);
  });
});

describe('the pods are what the cluster admits', () => {
  test('Pod Security refuses none', async () => {
    const daemonSets = () => list('daemonsets,deployments,statefulsets', '--all-namespaces');
    await eventually('controllers have seen everything', async () =>
      (await daemonSets()).every(({ status }) => status?.observedGeneration),
    );
    const refused = (await list('events', '--all-namespaces'))
      .filter(({ reason }) => reason === 'FailedCreate')
      .map(({ message }) => message);
    expect(refused.filter((message) => /violates PodSecurity/.test(message))).toEqual([]);
  });

  test(`an edge node that joins as KubeEdge lets it, ${JOINS} times, gets no pod of the cloud side`, async () => {
    const landed: string[] = [];
    for (let index = 0; index < JOINS; index += 1) landed.push(...(await join_(`joined-${index}`)));
    expect(landed).toEqual([]);
  });

  test('and the edge’s own pods, once it has its labels', async () => {
    const wanted = readdirSync(join(DIST, 'edge')).filter((name) =>
      name.startsWith('DaemonSet.edge-node-exporter.'),
    );
    const onNode = async () =>
      (await list('pods', '--namespace', 'monitoring-edge')).filter((pod) => nodeOf(pod) === 'joined-0');
    await eventually('its pods', async () => (await onNode()).length >= wanted.length);
  });
});

describe('doctor', () => {
  test('can look at everything in the cluster, and leaves it as it was', async () => {
    const before = await stored();
    const { stdout } = await command('doctor', '--environment', ENVIRONMENT, '--json');
    const findings: Finding[] = JSON.parse(stdout).findings;
    // The check `hosts` is left out, because it depends on DNS and not on the cluster.
    const looked = findings.filter(({ check }) => check !== 'hosts');
    expect(looked.filter(({ verdict }) => verdict === 'unknown')).toEqual([]);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'Kubernetes', verdict: 'ok' }));
    expect(await stored()).toEqual(before);
  });
});

describe('what is not needed any more goes', () => {
  const old = ['configmap', 'of-before', '--namespace', 'monitoring'];

  test('objects of before the inventory are listed, and deleted only when that is asked for', async () => {
    await kubectl(['create', ...old, '--from-literal=a=b']);
    await kubectl(['label', ...old, 'app.kubernetes.io/part-of=edge-observability']);
    expect((await prune()).stdout).toContain('nothing to delete');
    expect((await prune('--adopt')).stdout).toMatch(/^- ConfigMap monitoring\/of-before$/m);
    await kubectl(['get', ...old]);
    expect((await prune('--adopt', '--apply')).stdout).toContain('1 object deleted');
    expect((await tryKubectl(['get', ...old])).code).not.toBe(0);
  });

  test('uninstalling leaves the namespaces, the volumes’ claims, the Secrets and the inventory', async () => {
    const claims = async () => (await list('persistentvolumeclaims', '--all-namespaces')).map(nameOf).sort();
    const before = await claims();
    expect(before.length).toBeGreaterThan(0);
    expect((await prune('--uninstall', '--apply')).code).toBe(0);
    await eventually(
      'everything that was applied is gone',
      async () => (await stored()).length === NAMESPACES.length,
    );
    expect(await claims()).toEqual(before);
    expect(await list('clusterroles', '--selector', 'app.kubernetes.io/part-of=edge-observability')).toEqual(
      [],
    );
  });

  test('deleting the namespaces leaves nothing', async () => {
    await cleanUp();
    const names = (await list('namespaces')).map(nameOf);
    expect(names.filter((name) => NAMESPACES.includes(name))).toEqual([]);
  });
});

const nameOf = ({ metadata }: Manifest): string => metadata.name;

/**
 * Creates a node without labels, and adds the labels a moment later, as CloudCore does. Returns the pods of the cloud
 * side that were scheduled to the node.
 */
async function join_(name: string): Promise<string[]> {
  const [key = '', value = ''] = JOINED.split('=');
  const metadata = { name, labels: { [key]: value } };
  await kubectl(['create', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata }));
  const landed = new Set<string>();
  const look = async () => {
    const pods = await list('pods', '--all-namespaces');
    for (const pod of pods.filter(
      (one) => nodeOf(one) === name && one.metadata.namespace !== 'monitoring-edge',
    ))
      if (NAMESPACES.includes(pod.metadata.namespace ?? '')) landed.add(`${pod.metadata.name} on ${name}`);
  };
  const label = ['node-role.kubernetes.io/edge=', 'kubernetes.io/os=linux', 'kubernetes.io/arch=amd64'];
  // The DaemonSet controller needs some moments until it sees a new node.
  for (let index = 0; index < 4; index += 1) await look();
  await kubectl(['label', 'node', name, ...label, `kubernetes.io/hostname=${name}`]);
  await look();
  return [...landed];
}
