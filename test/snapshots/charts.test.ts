import { App, type Chart } from 'cdk8s';
import { CloudChart, EdgeChart } from '../../lib';
import type { Manifest } from '../support/manifests';
import { everything, least } from '../support/settings';

/** By kind and name, as they are files: the order in which they are made is no matter. */
function objects(chart: Chart): Manifest[] {
  const name = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace}/${metadata.name}`;
  return chart.toJson().sort((one, other) => (name(one) < name(other) ? -1 : 1));
}

describe.each([
  ['nothing but what must be said', least],
  ['every setting', everything],
  ['remote write', { ...least, edge: { transport: 'remote-write' as const } }],
])('with %s', (_, settings) => {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });

  test('the cloud side looks as before', () => expect(objects(cloud)).toMatchSnapshot());
  test('the edge side looks as before', () => expect(objects(edge)).toMatchSnapshot());
});
