import type { ObjectChange } from '../../../lib/tools/diff/compare';
import { addPodStartAndStopWarnings, type LabelledNode } from '../../../lib/tools/diff/moved-pods';

const EDGE = 'node-role.kubernetes.io/edge';

const createDaemonSet = (site?: string) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'a', namespace: 'b' },
  spec: {
    template: {
      spec: {
        nodeSelector: site === undefined ? {} : { site },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: EDGE, operator: 'Exists' }] }],
            },
          },
        },
      },
    },
  },
});

const NODES: readonly LabelledNode[] = [
  { name: 'edge-1', labels: { [EDGE]: '', site: 'north' } },
  { name: 'edge-2', labels: { [EDGE]: '', site: 'south' } },
  { name: 'edge-3', labels: { [EDGE]: '' } },
  { name: 'cloud-1', labels: { site: 'north' } },
];

const warningsOf = (change: Pick<ObjectChange, 'kind' | 'object' | 'before'>) =>
  addPodStartAndStopWarnings([{ path: 'a', fields: [], warnings: ['other'], ...change }], NODES)[0]?.warnings;

test('a DaemonSet for another group ends its pods on nodes of the old group and starts them on the new', () => {
  expect(
    warningsOf({ kind: 'changed', object: createDaemonSet('south'), before: createDaemonSet('north') }),
  ).toEqual(['other', 'starts a pod on 1 node: edge-2', 'stops its pod on 1 node: edge-1']);
});

test('a DaemonSet for all groups keeps its pods where they are', () => {
  expect(
    warningsOf({ kind: 'changed', object: createDaemonSet(), before: createDaemonSet('north') }),
  ).toEqual(['other', 'starts a pod on 2 nodes: edge-2, edge-3']);
});

test('a new DaemonSet starts pods, and one that is gone ends them, on every node that it selects', () => {
  expect(warningsOf({ kind: 'added', object: createDaemonSet('north') })).toContain(
    'starts a pod on 1 node: edge-1',
  );
  expect(warningsOf({ kind: 'removed', object: createDaemonSet(), before: createDaemonSet() })).toContain(
    'stops its pod on 3 nodes: edge-1, edge-2, edge-3',
  );
});
