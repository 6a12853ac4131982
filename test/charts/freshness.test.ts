import { App } from 'cdk8s';
import { CloudChart, EdgeChart, type EdgeSettings, type Settings } from '../../lib';
import { FRESHNESS } from '../../lib/charts/freshness';
import { configFile, type Manifest, podOf } from '../support/manifests';
import { minimalSettings } from '../support/settings';

const choices = Object.entries(FRESHNESS);

/** The objects of an environment's edge. */
function edgeOf(edge: EdgeSettings, more: Partial<Settings> = {}): Manifest[] {
  const app = new App();
  const settings: Settings = { ...minimalSettings, ...more, edge };
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  return new EdgeChart(app, 'edge', { settings, metrics: sinks, logs }).toJson();
}

/** Scrape interval and batch wait of an agent. */
function paceOf(objects: readonly Manifest[], agent = 'edge-metrics-agent') {
  const daemonSet = objects.find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === agent);
  const args: string[] = podOf(daemonSet as Manifest).containers.find(
    (container: { name: string }) => container.name === 'vmagent',
  ).args;
  const [, interval] =
    /scrape_interval: (\S+)/.exec(configFile(objects, `${agent}-config`, 'scrape.yaml')) ?? [];
  return { interval, flush: args.find((arg) => arg.startsWith('-remoteWrite.flushInterval=')) };
}

const remoteWrite = { transport: 'remote-write' } as const;

test.each(choices)('%s sets what belongs together', (freshness, { interval, batchWait, profile }) => {
  const said = { interval, profile, agent: { sending: { batchWait } } };
  expect(edgeOf({ ...remoteWrite, freshness: freshness as keyof typeof FRESHNESS })).toEqual(
    edgeOf({ ...remoteWrite, ...said }),
  );
});

test('other options of the agent stay', () => {
  const agent = { services: [{ job: 'shop', port: 8080 }], sending: { significantFigures: 5 } };
  const objects = edgeOf({ ...remoteWrite, freshness: 'frugal', agent });
  expect(JSON.stringify(objects)).toContain('-remoteWrite.significantFigures=5');
  expect(configFile(objects, 'edge-metrics-agent-config', 'jobs.yaml')).toContain('job_name: shop');
});

test('a group may choose for itself, and others go by the edge', () => {
  const objects = edgeOf({
    ...remoteWrite,
    freshness: 'frugal',
    groups: [{ name: 'north', freshness: 'fresh' }, { name: 'south' }],
  });
  expect(['', '-north', '-south'].map((group) => paceOf(objects, `edge-metrics-agent${group}`))).toEqual([
    { interval: '30s', flush: '-remoteWrite.flushInterval=120s' },
    { interval: '10s', flush: '-remoteWrite.flushInterval=25s' },
    { interval: '30s', flush: '-remoteWrite.flushInterval=120s' },
  ]);
});

test('a group that pushes to a Pushgateway has no batches, and its own interval', () => {
  const group = { name: 'north', transport: 'pushgateway', interval: '15s' } as const;
  const chosen = edgeOf({ ...remoteWrite, freshness: 'frugal', groups: [group] });
  const of = (objects: readonly Manifest[]) =>
    objects.filter(({ metadata }) => metadata.name.endsWith('-north'));
  expect(of(chosen)).toEqual(of(edgeOf({ ...remoteWrite, groups: [group] })));
});

test.each<[EdgeSettings, string]>([
  [
    { ...remoteWrite, freshness: 'frugal', interval: '10s' },
    'settings.edge.interval is "10s", but settings.edge.freshness "frugal" sets this option to "30s": remove one of the two settings',
  ],
  [{ ...remoteWrite, freshness: 'fresh', profile: 'lean' }, 'settings.edge.profile is "lean", but'],
  [
    { ...remoteWrite, freshness: 'fresh', agent: { sending: { batchWait: '2m' } } },
    'settings.edge.agent.sending.batchWait is "2m", but settings.edge.freshness "fresh" sets this option to "25s"',
  ],
  [
    { ...remoteWrite, freshness: 'frugal', groups: [{ name: 'north', interval: '5s' }] },
    'settings.edge.groups[0].interval is "5s", but settings.edge.freshness "frugal" sets this option to "30s"',
  ],
  [{ freshness: 'frugal' }, 'settings.edge.freshness has no effect with the transport "pushgateway"'],
  [
    { ...remoteWrite, groups: [{ name: 'north', transport: 'pushgateway', freshness: 'fresh' }] },
    'settings.edge.groups[0].freshness has no effect with the transport "pushgateway"',
  ],
])('%j is refused', (edge, expected) => {
  expect(() => edgeOf(edge)).toThrow(expected);
});

test.each(choices)(
  '%s is known before the default of silentAfter is over, and not much earlier',
  (freshness) => {
    const choose = (silentAfter: '1m' | '5m') =>
      edgeOf(
        { ...remoteWrite, freshness: freshness as keyof typeof FRESHNESS },
        { alerts: { thresholds: { silentAfter } } },
      );
    expect(() => choose('5m')).not.toThrow();
    expect(() => choose('1m')).toThrow(/threshold silentAfter is "1m"; allowed: "\d+s" or more/);
  },
);
