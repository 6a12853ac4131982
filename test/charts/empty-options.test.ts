import { readFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import {
  Alertmanager,
  EdgeDaemonSet,
  EdgeLogCollector,
  EdgeNodeExporter,
  fromLoki,
  fromPushgateway,
  Platform,
  Prometheus,
  webhook,
} from '../../lib';
import { LOG_AGENTS } from '../../lib/agents/log-agents';
import type { k8s } from '../../lib/core/k8s';
import { edgeNodeAffinity } from '../../lib/core/placement';
import { findOnly } from '../support/manifests';
import { allSettings } from '../support/settings';
import {
  differentManifests,
  isAccepted,
  NOT_OURS,
  settingAt,
  settingPaths,
  trySynthesize,
  withChange,
} from '../support/settings-paths';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

/** Options whose empty list or object has a meaning that differs from the default. */
const NONE: Readonly<Record<string, string>> = {
  hostProbe: 'public hosts are probed, with default options',
  'edge.tolerations': 'no taint is tolerated',
  'edge.groups.0.tolerations': 'no taint is tolerated',
  'edge.agent.pushes.podCidrs': 'only services on the network of the node push',
  'edge.logs.logRoots': 'only /var/log/pods is mounted',
  'loki.multiTenancy.tenants': 'all lines are of one tenant',
  'loki.multiTenancy.formerTenants': 'Grafana shows no former tenant',
};

/** Parts that an empty object turns on, by all defaults. */
const TURNED_ON: readonly string[] = ['edge.agent.pushes'];

const paths = settingPaths(allSettings).filter(
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
    const settings = withChange(allSettings, path, Array.isArray(settingAt(path)) ? [] : {});
    if (name in NONE || TURNED_ON.includes(name)) {
      expect(isAccepted(settings)).toBe(true);
      return;
    }
    const empty = trySynthesize(settings);
    if (empty)
      expect(differentManifests(empty, trySynthesize(withChange(allSettings, path, undefined)))).toEqual([]);
  },
);

test.each(Object.keys(NONE))('the page about the settings says what an empty list of %s means', (name) => {
  const option = name.split('.').at(-1);
  const rows = readFileSync('docs/settings.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`| \`${option}\``) || line.startsWith(`| [\`${option}\`]`));
  expect(rows.filter((row) => !/empty (list|object)/.test(row))).toEqual(
    rows.filter((row) => row.includes('| none |')),
  );
});

/** Values that must not result from an empty list. */
/** Alerts of agents that have a notice. */
beforeEach(() => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined);
});

describe('an empty list', () => {
  const network = (props: ConstructorParameters<typeof Alertmanager>[2]) =>
    findOnly(
      synthesizeChart((chart) => new Alertmanager(chart, 'alertmanager', props)),
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
    expect(define).toThrow('a: nodeCidrs is []; allowed: a non-empty list');
  });

  test('of lines that are kept keeps all of them, for every agent', () => {
    const sink = fromLoki({ host: 'logs.example.com', credentialsSecretName: 'logs' });
    for (const agent of Object.values(LOG_AGENTS)) {
      const made = (keep?: []) =>
        synthesizeChart((chart) => new EdgeLogCollector(chart, 'logs', { sink, agent, keep }));
      expect(made([])).toEqual(made());
    }
  });

  test('of alternatives selects every edge node, and of excluded values excludes none', () => {
    expect(edgeNodeAffinity([], { site: [] })).toEqual(edgeNodeAffinity());
  });

  test('of values of a required label is refused, as the API server would', () => {
    const container = { name: 'a', image: 'a:1', resources: { cpu: '10m', memory: '16Mi' } } as const;
    const of = (requirement: k8s.NodeSelectorRequirement) => () =>
      new EdgeDaemonSet(new Chart(new App(), 'edge'), 'a', {
        name: 'a',
        containers: [container],
        nodeAlternatives: [[requirement]],
      });
    expect(of({ key: 'site', operator: 'In', values: [] })).toThrow('nodeAlternatives[0][0] is');
    expect(of({ key: 'site', operator: 'Gt', values: ['many'] })).toThrow('one whole number for Gt');
    expect(of({ key: 'site', operator: 'Exists', values: ['a'] })).toThrow(
      'no values for Exists and DoesNotExist',
    );
    expect(of({ key: 'site', operator: 'Exists' })).not.toThrow();
  });

  test('of matchers of muted alerts is refused: all alerts would be muted', () => {
    const alert = {
      alert: 'Own',
      expr: 'up == 0',
      severity: 'warning',
      summary: 's',
      description: 'd',
      runbook: 'https://wiki.example.com/own',
      mutes: [{ matchers: [], equal: ['node'] }],
    } as const;
    const ruleGroups = [{ name: 'own', rules: [alert] }];
    expect(refusalMessage((chart) => new Prometheus(chart, 'p').addRules({ ruleGroups }))).toContain(
      'mutes[0].matchers is []; allowed: a non-empty list',
    );
  });

  test.each([{ collectors: [] }, { metrics: [] }])('in the profile %j is refused', (profile) => {
    const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push' });
    expect(refusalMessage((chart) => new EdgeNodeExporter(chart, 'n', { sink, profile }))).toMatch(
      /profile.(collectors|metrics) is \[\]; allowed: a non-empty list/,
    );
  });

  test('of times is refused: alerts would never be sent', () => {
    const receivers = [webhook({ name: 'a', secretKey: 'b' })] as const;
    const props = { receivers, timeIntervals: { nights: [] }, receiversSecretName: 's' };
    expect(refusalMessage((chart) => new Alertmanager(chart, 'a', props))).toContain(
      'timeIntervals.nights is []; allowed: a non-empty list',
    );
  });
});
