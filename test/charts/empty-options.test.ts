import { App, Chart } from 'cdk8s';
import {
  Alertmanager,
  alloy,
  CloudChart,
  EdgeChart,
  EdgeLogCollector,
  EdgeNodeExporter,
  fluentBit,
  fromLoki,
  fromPushgateway,
  InvalidOptionError,
  Platform,
  promtail,
  type Settings,
  webhook,
} from '../../lib';
import { onEdge } from '../../lib/core/placement';
import { only } from '../support/manifests';
import { everything } from '../support/settings';
import { refusal, synthesized } from '../support/synthesize';

type Path = readonly (string | number)[];

/** Options whose empty list says something: not even what holds without the option. */
const NONE: Readonly<Record<string, string>> = {
  'edge.tolerations': 'no taint is tolerated',
  'edge.groups.0.tolerations': 'no taint is tolerated',
  'edge.logs.logRoots': 'only /var/log/pods is mounted',
  'loki.multiTenancy.tenants': 'all lines are of one tenant',
  'loki.multiTenancy.formerTenants': 'Grafana shows no former tenant',
};

/** Every list and every object of the settings, by its path. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return [];
  const below = Object.entries(value).flatMap(([key, held]) =>
    pathsIn(held, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length ? [path, ...below] : below;
}

/** What functions such as `fluentBit()` make has no options to be left out. */
const isPlain = (value: object): boolean =>
  Array.isArray(value) ||
  (Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((held) => typeof held !== 'function'));

/** The settings with another value at a path; without one when it is undefined. */
function changed<T>(value: T, [key, ...rest]: Path, to: unknown): T {
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  const held = rest.length ? changed(copy[key as string], rest, to) : to;
  if (held === undefined) delete copy[key as string];
  else copy[key as string] = held;
  return copy as T;
}

/** The manifests, or that they are refused. */
function made(settings: Settings): string {
  try {
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings });
    const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
    return JSON.stringify([cloud.toJson(), edge.toJson()], null, 1);
  } catch (error) {
    if (error instanceof InvalidOptionError || /^Validation failed/.test(`${error}`.replace('Error: ', '')))
      return 'refused';
    throw error;
  }
}

const valueAt = (path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], everything);

/** What Alertmanager reads in its own format, and an object with methods. */
const NOT_OURS = /^(receivers\.0|alerts\.routes\.0|alerts\.timeIntervals\.[\w-]+\.0|ingress\.controller)\b/;

const paths = pathsIn(everything).filter(
  (path) => typeof path.at(-1) === 'string' && !NOT_OURS.test(path.join('.')),
);

test('every list and object of the settings is found', () => {
  const names = paths.map((path) => path.join('.'));
  expect(names).toEqual(expect.arrayContaining(['nodeCidrs', 'edge.logs.keep', 'edge.nodeSelector']));
  expect(names).toEqual(expect.arrayContaining(Object.keys(NONE)));
});

test.each(paths.map((path) => [path.join('.'), path] as const))(
  '%s that is empty is as if it were left out, or refused',
  (name, path) => {
    const empty = made(changed(everything, path, Array.isArray(valueAt(path)) ? [] : {}));
    if (name in NONE) expect(empty).not.toBe('refused');
    else if (empty !== 'refused')
      expect(empty.split('\n')).toEqual(made(changed(everything, path, undefined)).split('\n'));
  },
);

/** What an empty list must not turn into. */
describe('an empty list', () => {
  const network = (props: ConstructorParameters<typeof Alertmanager>[2]) =>
    only(
      synthesized((chart) => new Alertmanager(chart, 'alertmanager', props)),
      'NetworkPolicy',
    ).spec.egress;

  test('of ports opens none, where Kubernetes would open all', () => {
    const egress: { to: unknown; ports: unknown[] }[] = network({ receiverPorts: [] });
    expect(JSON.stringify(egress)).not.toContain('0.0.0.0/0');
    for (const { to, ports } of egress) expect([to, ports.length > 0]).toEqual([expect.anything(), true]);
    expect(JSON.stringify(network({}))).toContain('0.0.0.0/0');
  });

  test('of addresses is refused, where Kubernetes would open everything', () => {
    const define = () => Platform.define(new Chart(new App(), 'a'), { nodeCidrs: [] });
    expect(define).toThrow('a: nodeCidrs is []; allowed: a list of at least one');
  });

  test('of lines that are kept keeps all of them, for every agent', () => {
    const sink = fromLoki({ host: 'logs.example.com', credentialsSecretName: 'logs' });
    for (const agent of [fluentBit(), alloy(), promtail()]) {
      const made = (keep?: []) =>
        synthesized((chart) => new EdgeLogCollector(chart, 'logs', { sink, agent, keep }));
      expect(made([])).toEqual(made());
    }
  });

  test('of alternatives selects every edge node, and of excluded values excludes none', () => {
    expect(onEdge([], { site: [] })).toEqual(onEdge());
  });

  test.each([{ collectors: [] }, { metrics: [] }])('in the profile %j is refused', (profile) => {
    const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push' });
    expect(refusal((chart) => new EdgeNodeExporter(chart, 'n', { sink, profile }))).toMatch(
      /profile.(collectors|metrics) is \[\]; allowed: a list of at least one/,
    );
  });

  test('of times is refused: alerts would never be sent', () => {
    const receivers = [webhook({ name: 'a', secretKey: 'b' })] as const;
    const props = { receivers, timeIntervals: { nights: [] }, receiversSecretName: 's' };
    expect(refusal((chart) => new Alertmanager(chart, 'a', props))).toContain(
      'timeIntervals.nights is []; allowed: a list of at least one',
    );
  });
});
