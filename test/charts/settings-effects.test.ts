import { App, Chart } from 'cdk8s';
import * as library from '../../lib';
import {
  CloudChart,
  EdgeChart,
  fluentBit,
  fromRemoteWrite,
  InvalidOptionError,
  promtail,
  type Settings,
} from '../../lib';
import { minimalSettings } from '../support/settings';

function message(more: Partial<Settings>): string {
  try {
    new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, ...more } });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('a setting that nothing reads', () => {
  test.each<[Partial<Settings>, string]>([
    [{ edge: { agent: { kubelet: false } } }, 'settings.edge.agent has no effect'],
    [{ metricsGateway: { replicas: 3 } }, 'settings.metricsGateway has no effect'],
    [
      { edge: { transport: 'remote-write' }, pushgateways: { exporters: { shards: 2 } } },
      'settings.pushgateways.exporters has no effect',
    ],
    [
      {
        edge: { transport: 'remote-write', groups: [{ name: 'north', transport: 'pushgateway', agent: {} }] },
      },
      'settings.edge.groups[0].agent has no effect with the transport "pushgateway"',
    ],
    [
      { edge: { logs: { sending: { batchSize: '1Mi' } } } },
      'settings.edge.logs.sending.batchSize is "1Mi", but Fluent Bit',
    ],
    [
      { edge: { logs: { agent: fluentBit(), sending: { linesPerSecond: 9 } } } },
      'settings.edge.logs.sending.linesPerSecond is 9, but a limit of lines per second in Fluent Bit',
    ],
    [
      { edge: { groups: [{ name: 'north', logs: { sending: { linesPerSecond: 9 } } }] } },
      'settings.edge.groups[0].logs.sending.linesPerSecond is 9',
    ],
  ])('%j is refused with the remedy', (settings, expected) => {
    expect(message(settings)).toContain(`cloud: ${expected}`);
    expect(message(settings)).toMatch(/allowed: |remove /);
  });

  test.each<Partial<Settings>>([
    { edge: { agent: { kubelet: false }, groups: [{ name: 'north', transport: 'remote-write' }] } },
    { edge: { logs: { agent: promtail(), sending: { batchSize: '1Mi', linesPerSecond: 9 } } } },
  ])('%j is accepted, since something reads it', (settings) => {
    expect(message(settings)).toBe('accepted');
  });

  test('is read where the only sink of an EdgeChart chooses the transport', () => {
    const settings: Settings = { ...minimalSettings, edge: { agent: { kubelet: false } } };
    const metrics = fromRemoteWrite({ host: 'push.example.com', credentialsSecretName: 'push' });
    expect(() => new EdgeChart(new App(), 'edge', { settings, metrics })).not.toThrow();
  });
});

test('a batch that waits too long is refused by one rule, in settings as in the construct', () => {
  const edge = { transport: 'remote-write', agent: { sending: { batchWait: '2h' } } } as const;
  expect(message({ edge })).toMatch(
    /settings.edge.agent.sending.batchWait is "2h"; allowed: a duration from "1s" to "5m"/,
  );
});

/** Constructs of the library, without errors and functions that have no options. */
const constructs = Object.entries(library).filter(
  ([name, value]) =>
    /^[A-Z]/.test(name) &&
    typeof value === 'function' &&
    value !== InvalidOptionError &&
    name !== 'Platform' &&
    !/^(Cloud|Edge|GitOps)Chart$|^KubernetesTargets$/.test(name),
  // The compiler cannot infer from a filter that the values are constructs with any props.
) as unknown as [string, new (chart: Chart, id: string, props: unknown) => object][];

test.each(constructs)('%s refuses an option that there is not, and null for all of them', (_, Construct) => {
  expect(constructs.length).toBeGreaterThan(15);
  const made = (props: unknown) => () => new Construct(new Chart(new App(), 'chart'), 'it', props);
  expect(made({ surely_not: 1 })).toThrow(InvalidOptionError);
  expect(made({ surely_not: 1 })).toThrow(/surely_not is not an option; allowed: the options/);
  expect(made(null)).toThrow(InvalidOptionError);
});
