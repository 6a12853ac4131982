import { type App, Chart } from 'cdk8s';
import { Platform } from '../../../lib';
import {
  createApp,
  createSingleClusterApp,
  type Environments,
  environmentNamesOrThrowIfNone,
} from '../../../lib/tools/synthesis/environment';

test('an environment makes its charts in an app of its own', () => {
  const environments = { north: (app: App) => void new Chart(app, 'cloud') };
  const [one, other] = [createApp('north', environments), createApp('north', environments)];
  expect(one.charts.map(({ node }) => node.path)).toEqual(['cloud']);
  expect(other).not.toBe(one);
});

test.each([{}, undefined, null])(
  'an app with %j for environments has none, and is refused',
  (environments) => {
    expect(() => environmentNamesOrThrowIfNone(environments as never)).toThrow(
      'the app has no environment: add an environment',
    );
  },
);

test.each<[string, unknown, string]>([
  ['North', () => undefined, 'the name of the environment is "North"; allowed: up to 63 lower-case letters'],
  ['__proto__', () => undefined, 'the name of the environment is "__proto__"; allowed: '],
  ['north', undefined, 'the environment is undefined; allowed: a function that creates charts'],
  ['north', { cluster: 'north' }, 'the environment is {"cluster":"north"}; allowed: a function'],
  [
    'north',
    async () => Promise.reject(new Error('later')),
    'the environment is an async function; allowed: a synchronous function',
  ],
])('%s: %p is refused', (name, environment, message) => {
  expect(() => createApp(name, { [name]: environment } as Environments)).toThrow(message);
});

describe('a command that works on a cluster', () => {
  const of =
    (...clusters: string[]) =>
    (app: App) => {
      for (const [at, cluster] of clusters.entries()) {
        Platform.define(new Chart(app, `chart-${at}`), { cluster });
      }
      new Chart(app, 'of-no-cluster');
    };

  test('takes charts of one, and those that name none', () => {
    expect(createSingleClusterApp('sites', { sites: of('north', 'north') }).charts).toHaveLength(3);
    expect(createSingleClusterApp('sites', { sites: of() }).charts).toHaveLength(1);
  });

  test('refuses charts of several', () => {
    expect(() => createSingleClusterApp('sites', { sites: of('north', 'south', 'north') })).toThrow(
      'the environment sites has charts for 2 clusters (north, south), but this command supports one cluster; add an',
    );
  });
});
