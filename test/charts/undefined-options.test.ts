import { App, Chart } from 'cdk8s';
import {
  EdgeChart,
  fromPushgateway,
  LokiStack,
  MetricsGateway,
  Prometheus,
  Pushgateway,
  type Settings,
} from '../../lib';
import { renderApp } from '../../lib/tools/synthesis/render';
import { minimalSettings } from '../support/settings';

/** Returns all manifests of a chart. */
function manifests(make: (chart: Chart) => unknown): string {
  const app = new App();
  make(new Chart(app, 'chart'));
  return renderApp(app)
    .map(({ yaml }) => yaml)
    .join('');
}

const edge = (settings: Settings['edge'], namespaces?: Settings['namespaces']): string => {
  const app = new App();
  const metrics = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push' });
  new EdgeChart(app, 'edge', { settings: { ...minimalSettings, edge: settings, namespaces }, metrics });
  return renderApp(app)
    .map(({ yaml }) => yaml)
    .join('');
};

describe('an option that is undefined has its default', () => {
  test.each<[string, (chart: Chart) => unknown, (chart: Chart) => unknown]>([
    [
      'among the limits of a group',
      (chart) =>
        new MetricsGateway(chart, 'a', {
          store: new Prometheus(chart, 'b'),
          groupLimits: { north: { nodes: 9, sharedSeries: undefined } },
        }),
      (chart) =>
        new MetricsGateway(chart, 'a', {
          store: new Prometheus(chart, 'b'),
          groupLimits: { north: { nodes: 9 } },
        }),
    ],
    [
      'among the limits of a Pushgateway',
      (chart) => new Pushgateway(chart, 'a', { limits: { nodes: undefined, series: undefined } }),
      (chart) => new Pushgateway(chart, 'a'),
    ],
    [
      'among the limits of Loki',
      (chart) => new LokiStack(chart, 'a', { limits: { streams: undefined, lineSize: undefined } }),
      (chart) => new LokiStack(chart, 'a'),
    ],
    [
      'of an alert that is changed',
      (chart) =>
        new Prometheus(chart, 'a', {
          rules: { overrides: { PrometheusRuleFailures: { severity: undefined } } },
        }),
      (chart) => new Prometheus(chart, 'a', { rules: { overrides: { PrometheusRuleFailures: {} } } }),
    ],
  ])('%s', (_, withUndefined, without) => {
    expect(manifests(withUndefined)).toBe(manifests(without));
  });

  test('among namespaces, and of a group that leaves it to all', () => {
    expect(edge({}, { edge: undefined })).toBe(edge({}));
    const groups = (own: object) => ({ interval: '1m' as const, groups: [{ name: 'north', ...own }] });
    expect(edge(groups({ interval: undefined }))).toBe(edge(groups({})));
  });
});
