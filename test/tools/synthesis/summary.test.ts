import { ApiObject, App, Chart } from 'cdk8s';
import { CloudChart, EdgeChart, EdgeExporter } from '../../../lib';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { podRequestsAndMemoryLimit } from '../../../lib/tools/synthesis/requested-resources';
import { formatSynthesisSummary } from '../../../lib/tools/synthesis/summary';
import { minimalSettings } from '../../support/settings';

const summaryOfExamples = () => {
  const app = new App();
  const { metrics } = new CloudChart(app, 'cloud', { settings: minimalSettings });
  const edge = new EdgeChart(app, 'edge', { settings: minimalSettings, metrics });
  new EdgeExporter(edge, 'modem', { name: 'modem', image: 'ghcr.io/a/b:1', port: 1, sink: edge.sink });
  return formatSynthesisSummary([{ name: 'here', objects: renderApp(app) }], 'dist', {
    changed: 3,
    removed: 2,
    unchanged: 50,
  });
};

test('it says of each chart where it runs, what it holds and where that lies', () => {
  expect(summaryOfExamples()).toMatch(
    /^here: cloud chart, runs in the cloud, \d+ objects in dist\/here\/cloud\n {2}2 ClusterRole, 2 /,
  );
  expect(summaryOfExamples()).toContain(
    'here: edge chart, runs on the edge, 5 objects in dist/here/edge\n  2 ConfigMap, 2 DaemonSet, 1 Namespace\n',
  );
});

test('it says what each edge node is asked for, in all and by workload', () => {
  expect(summaryOfExamples()).toContain(
    [
      'here: requests per edge node: 170m CPU, 114Mi memory (limit: 178Mi)',
      '  edge-node-exporter  110m CPU, 66Mi memory (limit: 82Mi)',
      '  modem               60m CPU, 48Mi memory (limit: 96Mi)',
    ].join('\n'),
  );
});

describe('of groups, of which a node is in one, it says', () => {
  const groups = (...names: (string | undefined)[]) => {
    const app = new App();
    const { metrics } = new CloudChart(app, 'cloud', { settings: minimalSettings });
    const edge = new EdgeChart(app, 'edge', { settings: minimalSettings, metrics });
    names.forEach((name, index) => {
      const nodeSelector = name ? { group: name } : undefined;
      const resources = { cpu: name === 'large' ? '50m' : '10m', memory: '10Mi' } as const;
      const exporter = { name: `modem-${name}`, image: 'ghcr.io/a/b:1', port: 1_000 + index };
      new EdgeExporter(edge, `modem-${name}`, { ...exporter, nodeSelector, resources, sink: edge.sink });
    });
    const written = { changed: 0, removed: 0, unchanged: 0 };
    return formatSynthesisSummary([{ name: 'here', objects: renderApp(app) }], 'dist', written)
      .split('\n')
      .filter((line) => /requests per|the requests above also/.test(line));
  };

  test('what a node of each is asked for, not what all groups are together', () => {
    expect(groups('small', 'large')).toEqual([
      'here: requests per edge node: 110m CPU, 66Mi memory (limit: 82Mi)',
      'here: requests per edge node with group=small: 130m CPU, 92Mi memory (limit: 124Mi)',
      'here: requests per edge node with group=large: 170m CPU, 92Mi memory (limit: 124Mi)',
    ]);
  });

  test('those together that are asked for the same', () => {
    expect(groups('north', 'south')).toEqual([
      'here: requests per edge node: 110m CPU, 66Mi memory (limit: 82Mi)',
      'here: requests per edge node with group=north: 130m CPU, 92Mi memory (limit: 124Mi)',
      '  the requests above also apply to edge nodes with group=south',
    ]);
  });

  test('of a thousand of them a few by name', () => {
    const lines = groups(...Array.from({ length: 8 }, (_, index) => `group-${index}`));
    expect(lines.at(-1)).toBe('  the requests above also apply to 3 other types of nodes');
    expect(lines).toHaveLength(7);
  });
});

test('it says how many files changed', () => {
  expect(summaryOfExamples()).toMatch(/53 files in dist: 3 changed, 50 unchanged, 2 removed$/);
});

test('it says which object is too large for client-side apply, and what to do', () => {
  const app = new App();
  const chart = new Chart(app, 'cloud');
  for (const [name, length] of Object.entries({ large: 262_144, small: 200_000 })) {
    const data = { dashboard: 'x'.repeat(length) };
    new ApiObject(chart, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }
  const written = { changed: 2, removed: 0, unchanged: 0 };
  const text = formatSynthesisSummary([{ name: 'here', objects: renderApp(app) }], 'dist', written);
  expect(text.match(/^note: .*$/gm)).toEqual([
    'note: here/cloud/ConfigMap.large.k8s.yaml is too large for client-side apply: use kubectl apply --server-side; ' +
      'with Argo CD, set gitOps.serverSideApply to true',
  ]);
});

test('it fits a terminal', () => {
  for (const line of summaryOfExamples().split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

describe('a pod asks for', () => {
  const container = (cpu: string, memory: string) => ({
    resources: { requests: { cpu, memory }, limits: { memory } },
  });

  test('what its containers ask for together', () => {
    expect(
      podRequestsAndMemoryLimit({ containers: [container('100m', '1Ki'), container('1', '1k')] }),
    ).toEqual({
      cpu: 1.1,
      memory: 2_024,
      memoryLimit: 2_024,
    });
  });

  test('what its largest init container asks for, where that is more', () => {
    const pod = { containers: [container('100m', '10')], initContainers: [container('50m', '20')] };
    expect(podRequestsAndMemoryLimit(pod)).toEqual({ cpu: 0.1, memory: 20, memoryLimit: 20 });
  });

  test('nothing where nothing is said', () => {
    expect(podRequestsAndMemoryLimit({ containers: [{}] })).toEqual({ cpu: 0, memory: 0, memoryLimit: 0 });
  });
});
