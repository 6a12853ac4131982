import { App } from 'cdk8s';
import { CloudChart, nodeCertificate, proxy } from '../../../lib';
import {
  changeOrPrintDeniedNodes,
  type DenialOptions,
  parseDeniedNodesTask,
} from '../../../lib/tools/credentials/denied-nodes';
import { NODE_CA } from '../../support/node-ca';
import { minimalSettings } from '../../support/settings';

/** Creates a cluster with two nodes and a list of denied nodes. Patches change the list as in the API server. */
function recordedCluster(list?: Record<string, string>, metadata: object = {}) {
  let held = list;
  const ran: string[] = [];
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    ran.push(args.slice(0, 2).join(' '));
    switch (args.slice(0, 2).join(' ')) {
      case 'config current-context':
        return 'north\n';
      case 'get nodes':
        return JSON.stringify({ items: ['edge-1', 'edge-2'].map((name) => ({ metadata: { name } })) });
      case 'get configmap':
        return held ? JSON.stringify({ metadata, data: held }) : '';
      case 'create configmap':
        held = {};
        return '';
      default: {
        const { data } = JSON.parse(args.at(-1) ?? '');
        held = Object.fromEntries(
          Object.entries({ ...held, ...data }).filter(([, value]) => value !== null),
        ) as never;
        return '';
      }
    }
  };
  return { kubectl, ran, held: () => held };
}

async function performTask(
  options: DenialOptions,
  { kubectl }: ReturnType<typeof recordedCluster>,
  knowsNodes = true,
) {
  const said: string[] = [];
  const io = { stdout: (text: string) => said.push(text), stderr: (text: string) => said.push(text) };
  const now = () => new Date('2026-11-28T01:00:00Z');
  const task = parseDeniedNodesTask(options);
  if (!task) throw new Error('no task');
  await changeOrPrintDeniedNodes(task, { namespace: 'monitoring', knowsNodes }, { kubectl, io, now });
  return said.join('');
}

const SINCE = '2026-11-28T01:00:00.000Z';

test('a node is denied, which makes the list, and allowed again', async () => {
  const api = recordedCluster();
  const said = await performTask({ deny: ['edge-1'] }, api);
  expect(api.held()).toEqual({ 'edge-1': SINCE });
  expect(said).toContain('monitoring/denied-nodes, context north\n  edge-1: denied\n');
  expect(said).toContain('kubectl delete node edge-1');
  expect(await performTask({ denied: true }, api)).toBe(`edge-1 ${SINCE}\n`);
  await performTask({ allow: ['edge-1'] }, api);
  expect(api.held()).toEqual({});
});

test('what another one denied meanwhile stays', async () => {
  const api = recordedCluster({ 'edge-9': SINCE });
  await performTask({ deny: ['edge-2'], allow: ['edge-9'] }, api);
  expect(api.held()).toEqual({ 'edge-2': SINCE });
  expect(api.ran).not.toContain('create configmap');
});

test('a dry run changes nothing', async () => {
  const api = recordedCluster();
  expect(await performTask({ deny: ['edge-1'], dryRun: true }, api)).toContain(
    'dry run: nothing was changed',
  );
  expect(api.held()).toBeUndefined();
});

test.each([
  [
    { deny: ['edge-3'] },
    '--deny is "edge-3"; allowed: edge-1, edge-2, edge-9; a node that was deleted from the cluster needs no --deny',
  ],
  [{ allow: ['edge-1'] }, '--allow is "edge-1"; allowed: edge-9'],
])('an unknown node is refused with what is allowed: %j', async (options, message) => {
  const api = recordedCluster({ 'edge-9': SINCE });
  await expect(performTask(options, api)).rejects.toThrow(message);
  expect(api.held()).toEqual({ 'edge-9': SINCE });
});

test('nodes of other clusters are denied by any name that a node can have', async () => {
  const api = recordedCluster();
  await performTask({ deny: ['site-b.edge-3'] }, api, false);
  expect(api.held()).toEqual({ 'site-b.edge-3': SINCE });
  await expect(performTask({ deny: ['Edge 3'] }, api, false)).rejects.toThrow(
    '--deny is "Edge 3"; allowed: ',
  );
});

test('a list that Argo CD owns is left to git', async () => {
  const api = recordedCluster({}, { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } });
  await expect(performTask({ deny: ['edge-1'] }, api)).rejects.toThrow('change the list in git');
});

test.each([
  [
    { deny: ['a'], user: ['b'] },
    '--deny, --allow and --denied can only be combined with --environment and --dry-run',
  ],
  [{ deny: ['a'], allow: ['a'] }, '--deny and --allow both contain the node "a"'],
  [{ denied: true, deny: ['a'] }, 'use --deny NODE'],
  [{ dryRun: true }, 'use --deny NODE'],
])('%j is refused', (options, message) => {
  expect(() => parseDeniedNodesTask(options as DenialOptions)).toThrow(message);
});

test('other tasks are none of it', () => {
  expect(parseDeniedNodesTask({ environment: 'north' } as DenialOptions)).toBeUndefined();
});

test('the manifests say where the list is', () => {
  const ingress = {
    controller: proxy({ namespace: 'ingress', tlsPassthrough: true }),
    authentication: nodeCertificate({ ca: NODE_CA }),
  };
  const chart = new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, ingress } });
  const deployment = chart
    .toJson()
    .find(({ metadata, kind }) => kind === 'Deployment' && metadata.name === 'cloud-node-admission');
  expect(deployment.spec.template.spec.containers[0].env).toEqual(
    expect.arrayContaining([
      { name: 'DENIED_NODES', value: 'denied-nodes' },
      { name: 'NAMESPACE', value: 'monitoring' },
      { name: 'WATCHES_NODES', value: 'true' },
    ]),
  );
});
