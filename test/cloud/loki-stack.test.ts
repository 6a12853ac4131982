import { parse } from 'yaml';
import { LokiStack } from '../../lib';
import { fileOf } from '../support/manifests';
import { refusal, synthesized } from '../support/synthesize';

const configuration = (retention?: '3d') =>
  parse(
    fileOf(
      synthesized((chart) => new LokiStack(chart, 'l', { retention })),
      'loki-config',
      'loki.yaml',
    ),
  );

test('forgets lines in time, by its compactor', () => {
  expect(configuration('3d').limits_config.retention_period).toBe('72h');
  expect(configuration().compactor).toMatchObject({
    retention_enabled: true,
    delete_request_store: 'filesystem',
  });
});

test('keeps everything on its volume', () => {
  const paths = JSON.stringify(configuration()).match(/"\/[^"]*"/g) ?? [];
  expect(paths.length).toBeGreaterThan(3);
  for (const path of paths) expect(path).toMatch(/^"\/loki/);
});

test('sends nothing home', () => expect(configuration().analytics.reporting_enabled).toBe(false));

test('without an ingress it is no sink for the edge', () => {
  expect(refusal((chart) => new LokiStack(chart, 'l').endpoint)).toMatch(/nothing at the edge can reach it/);
});

test('refuses a retention below its index period', () => {
  expect(refusal((chart) => new LokiStack(chart, 'l', { retention: '12h' }))).toMatch(
    /retention is "12h"; allowed: a duration of at least a day/,
  );
});
