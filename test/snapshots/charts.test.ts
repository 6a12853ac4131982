import { App } from 'cdk8s';
import { CloudChart, EdgeChart } from '../../lib';
import { everything, least } from '../support/settings';

describe.each([
  ['nothing but what must be said', least],
  ['every setting', everything],
])('with %s', (_, settings) => {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.metrics, logs: cloud.logs });

  test('the cloud side looks as before', () => expect(cloud.toJson()).toMatchSnapshot());
  test('the edge side looks as before', () => expect(edge.toJson()).toMatchSnapshot());
});
