import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, App, Chart, YamlOutputType } from 'cdk8s';
import { CloudChart, EdgeChart, Platform } from '../../../lib';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { loadManifests } from '../../support/manifests';
import { minimalSettings } from '../../support/settings';

const createObject = (chart: Chart, id: string, name = id, namespace?: string) =>
  new ApiObject(chart, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });

const createChartOfCluster = (app: App, id: string, cluster: string) => {
  const chart = new Chart(app, id);
  Platform.define(chart, { cluster });
  return chart;
};

test('it writes what a stock app writes, byte for byte', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'stock-'));
  try {
    const app = new App({ outdir, yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
    const { metrics } = new CloudChart(app, 'cloud', { settings: minimalSettings });
    new EdgeChart(app, 'edge', { settings: minimalSettings, metrics });
    const ours = Object.fromEntries(renderApp(app).map(({ chart, file, yaml }) => [join(chart, file), yaml]));
    app.synth();
    const stock = readdirSync(outdir).flatMap((chart) =>
      readdirSync(join(outdir, chart)).map((file) => [
        join(chart, file),
        readFileSync(join(outdir, chart, file), 'utf8'),
      ]),
    );
    expect(ours).toEqual(Object.fromEntries(stock));
    expect(loadManifests(outdir).length).toBe(stock.length);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});

test('each construct is validated once, and all that is wrong is said', () => {
  const app = new App();
  const validate = jest.fn(() => ['is wrong']);
  for (const id of ['a', 'b', 'c']) {
    const chart = new Chart(app, id);
    createObject(chart, id).node.addValidation({ validate });
  }
  expect(() => renderApp(app)).toThrow('a/a: is wrong\n  b/b: is wrong\n  c/c: is wrong');
  expect(validate).toHaveBeenCalledTimes(3);
});

test.each<[string, (app: App) => void, RegExp]>([
  ['an app without objects', (app) => new Chart(app, 'empty'), /the environment has no objects/],
  [
    'two objects in one file',
    (app) => {
      const chart = new Chart(app, 'c');
      createObject(chart, 'a', 'same', 'one');
      createObject(chart, 'b', 'same', 'other');
    },
    /c\/ConfigMap.same.k8s.yaml would contain two objects: rename one/,
  ],
  [
    'one object in two charts',
    (app) => {
      createObject(new Chart(app, 'c'), 'a', 'same', 'here');
      createObject(new Chart(app, 'd'), 'a', 'same', 'here');
    },
    /v1 ConfigMap here\/same is created twice/,
  ],
  [
    'one object in two charts of one cluster',
    (app) => {
      createObject(createChartOfCluster(app, 'c', 'north'), 'a', 'same', 'here');
      createObject(createChartOfCluster(app, 'd', 'north'), 'a', 'same', 'here');
    },
    /v1 ConfigMap here\/same is created twice/,
  ],
  [
    'one object in the chart of a cluster and in one that says none',
    (app) => {
      createObject(createChartOfCluster(app, 'c', 'north'), 'a', 'same', 'here');
      createObject(createChartOfCluster(app, 'd', 'south'), 'a', 'other', 'here');
      createObject(new Chart(app, 'e'), 'a', 'same', 'here');
    },
    /v1 ConfigMap here\/same is created twice/,
  ],
  [
    'a chart inside a chart',
    (app) => {
      createObject(new Chart(new Chart(app, 'outer'), 'inner'), 'a');
    },
    /outer\/inner: a chart cannot be inside another chart/,
  ],
  [
    'a dependency between charts',
    (app) => {
      const one = new Chart(app, 'one');
      createObject(one, 'a').addDependency(createObject(new Chart(app, 'other'), 'b'));
    },
    /one\/a cannot depend on other\/b in another chart, .* sync waves/,
  ],
])('%s is refused', (_, build, message) => {
  const app = new App();
  build(app);
  expect(() => renderApp(app)).toThrow(message);
});

test('objects of one chart may depend on each other', () => {
  const app = new App();
  const chart = new Chart(app, 'c');
  createObject(chart, 'a').addDependency(createObject(chart, 'b'));
  expect(renderApp(app)).toHaveLength(2);
});

test('charts of several clusters may hold the same objects', () => {
  const app = new App();
  for (const cluster of ['north', 'south'])
    createObject(createChartOfCluster(app, cluster, cluster), 'a', 'same', 'here');
  expect(renderApp(app).map(({ chart }) => chart)).toEqual(['north', 'south']);
});
