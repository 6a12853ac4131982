import { isNodeSelectedByWorkload } from '../../../lib/tools/synthesis/edge-nodes';

const labels = { zone: 'north', cores: '4', empty: '', half: '0.5' };

const isSelectedByRequirement = (key: string, operator: string, ...values: string[]): boolean => {
  const nodeSelectorTerms = [{ matchExpressions: [{ key, operator, values }] }];
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'one' },
    spec: { template: { spec: { affinity } } },
  };
  return isNodeSelectedByWorkload({ manifest }, labels);
};

test.each<[string, readonly [string, string, ...string[]][]]>([
  [
    'match',
    [
      ['zone', 'Exists'],
      ['site', 'DoesNotExist'],
      ['zone', 'In', 'south', 'north'],
      ['zone', 'NotIn', 'south'],
      ['site', 'NotIn', 'south'],
      ['cores', 'Gt', '3'],
      ['cores', 'Lt', '10'],
    ],
  ],
  [
    'do not match',
    [
      ['site', 'Exists'],
      ['zone', 'DoesNotExist'],
      ['zone', 'In', 'south'],
      ['site', 'In', 'south'],
      ['zone', 'NotIn', 'south', 'north'],
      ['cores', 'Gt', '4'],
      ['cores', 'Lt', '4'],
      ['memory', 'Gt', '1'],
      ['memory', 'Lt', '1'],
      ['zone', 'Gt', '1'],
      ['empty', 'Lt', '1'],
      ['half', 'Gt', '0'],
    ],
  ],
])('requirements of a node affinity that %s the labels of a node', (verdict, requirements) => {
  for (const requirement of requirements) {
    expect([requirement, isSelectedByRequirement(...requirement)]).toEqual([
      requirement,
      verdict === 'match',
    ]);
  }
});

test('an operator that Kubernetes does not have is an error', () => {
  expect(() => isSelectedByRequirement('cores', 'Above', '3')).toThrow(
    'the operator "Above"; allowed: Exists',
  );
});
