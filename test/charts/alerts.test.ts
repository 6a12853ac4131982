import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import {
  type AlertName,
  CloudChart,
  type Duration,
  environmentRules,
  type RuledNodes,
  RuleResources,
  type Settings,
} from '../../lib';
import { THRESHOLDS } from '../../lib/charts/components';
import { RuleSet } from '../../lib/core/rule-set';
import { allAlerts, allCases, allRules } from '../support/all-rules';
import { configFile, type Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const cases = Object.values(allCases).flatMap((one) => Object.keys(one));
const names = allAlerts.map(({ alert }) => alert);

const cloud = (alerts?: Settings['alerts'], more: Partial<Settings> = {}): Manifest[] => {
  const app = new App();
  const chart = new CloudChart(app, 'cloud', { settings: { ...minimalSettings, alerts, ...more } });
  const problems = chart.node.findAll().flatMap((construct) => construct.node.validate());
  if (problems.length) throw new Error(problems.join('; '));
  return chart.toJson();
};

const rulesOf = (manifests: Manifest[], server: string, file: string) =>
  parse(configFile(manifests, `${server}-rules`, file)).groups[0].rules;

test('every alert has a case of the unit tests, and every case an alert', () => {
  expect([...cases].sort()).toEqual([...names].sort());
});

test.each(allAlerts.map((alert) => [alert.alert, alert] as const))(
  '%s says what happened to whom, and where it is told of',
  (name, { summary, description, expr }) => {
    expect(`${summary}${description}`).not.toMatch(/undefined|NaN|\[object/);
    if (/by \(cluster, group, node/.test(expr) && name !== 'EdgeGroupSilent') {
      for (const text of [summary, description]) expect(text).toContain('{{ $labels.node }}');
      expect(summary).toContain('of group');
    }
  },
);

test('rules about nodes of the edge look only at those that are heard of', () => {
  const figures = allRules.prometheus
    .flatMap(({ ruleGroups }) => ruleGroups)
    .filter(({ name }) => name.startsWith('edge-') && !/^edge-(membership|reachability|unknown)/.test(name))
    .flatMap(({ rules }) => rules);
  const guarded = /edge_node:fresh|edge_filesystem:|edge_node:\w+:(ratio|celsius|seconds)/;
  const others = figures.filter(({ expr }) => !guarded.test(expr));
  // Alerts that stay true: spent budgets, pods counted by their DaemonSet, and the last push of a service, which is
  // kept while its node is away.
  expect(others.map((rule) => ('alert' in rule ? rule.alert : rule.record))).toEqual([
    'edge_service:push:timestamp',
    'edge_node:uplink_budget:bytes',
    'edge_node:uplink_bytes:increase1d',
    'edge_group:uplink_bytes:increase1d',
    'edge_node:telemetry_bytes:increase1d',
    'edge_group:telemetry_budget:bytes',
    'EdgePodOutdated',
  ]);
});

test('no rule joins on instance without the node, as every site has the same addresses', () => {
  const expressions = Object.values(allRules).flatMap((sources) =>
    sources.flatMap(({ ruleGroups }) => ruleGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr))),
  );
  const joins = expressions.flatMap((expr) => expr.match(/on \([^)]*instance[^)]*\)/g) ?? []);
  for (const join of joins) expect(join).toMatch(/\bnode\b/);
});

test('an environment has all of them, in Prometheus and in the ruler of Loki', () => {
  const manifests = cloud();
  expect(rulesOf(manifests, 'prometheus', 'edge-storage.yaml').map(({ alert }: Manifest) => alert)).toContain(
    'EdgeDiskFull',
  );
  for (const [file, name] of [
    ['edge-logs.yaml', 'EdgeLogVolumeHigh'],
    ['edge-logs-missing.yaml', 'EdgeLogsMissing'],
  ] as const) {
    expect(rulesOf(manifests, 'loki', file).map(({ alert }: Manifest) => alert)).toEqual([name]);
  }
});

test('what reads a day of all lines does so seldom, and has the time for it', () => {
  const manifests = cloud();
  const group = parse(configFile(manifests, 'loki-rules', 'edge-logs-missing.yaml')).groups[0];
  expect(group.interval).toBe('30m');
  const { limits_config } = parse(configFile(manifests, 'loki-config', 'loki.yaml'));
  expect(limits_config.query_timeout).toBe('5m');
});

test('thresholds of the settings are those of the rules', () => {
  const [, , diskFull] = rulesOf(
    cloud({ thresholds: { diskUsedPercent: 75 } }),
    'prometheus',
    'edge-storage.yaml',
  );
  expect(diskFull.expr).toContain('edge_filesystem:avail:ratio < 0.25');
});

test('alerts of both servers are changed by one setting', () => {
  const manifests = cloud({
    overrides: { EdgeDiskFull: false, EdgeLogVolumeHigh: { severity: 'info' } },
    runbooks: 'https://wiki.example.com',
  });
  expect(configFile(manifests, 'prometheus-rules', 'edge-storage.yaml')).not.toContain('EdgeDiskFull');
  expect(rulesOf(manifests, 'loki', 'edge-logs.yaml')[0].labels).toEqual({ severity: 'info' });
});

test('a change of an alert that is not there ends the synthesis', () => {
  expect(() => cloud({ overrides: { ['EdgeDiscFull' as AlertName]: false } })).toThrow(
    /overrides.EdgeDiscFull: this alert does not exist/,
  );
});

test.each<[Settings['alerts'], RegExp]>([
  [
    { thresholds: { diskUsedPercent: 101 } },
    /settings.alerts.thresholds.diskUsedPercent is 101; allowed: a number from 0.1 to 100 \(percent\)/,
  ],
  [{ thresholds: { diskFull: 1 } as never }, /settings.alerts.thresholds.diskFull is not an option/],
  // Of a day, in which a node sent lines, so much has to be left that the alert is seen.
  [
    { thresholds: { logsMissingAfter: '1d' } },
    /logsMissingAfter is "1d"; allowed: a duration from "5m" to "12h", such as "3h"/,
  ],
  [{ thresholds: { uplinkDevices: '(' } }, /uplinkDevices is "\("; allowed: a regular expression/],
  [{ overrides: { EdgeDiskFull: { for: '5' } } }, /settings.alerts.overrides.EdgeDiskFull.for is/],
  [{ runbooks: 'ftp://x' }, /settings.alerts.runbooks is "ftp:\/\/x"/],
])('%j is refused', (alerts, message) => expect(() => cloud(alerts)).toThrow(message));

describe('a silence that is too short', () => {
  const silence = (silentAfter: Duration, edge: Settings['edge'], more?: Partial<Settings>) => () =>
    cloud({ thresholds: { silentAfter } }, { edge, ...more });

  test('for the nodes of an environment ends the synthesis, and one that is long enough does not', () => {
    expect(silence('49s', { interval: '20s', group: 'plants' })).toThrow(
      /threshold silentAfter is "49s"; allowed: "50s" or more, because nodes of group plants push every 20s/,
    );
    expect(silence('50s', { interval: '20s' })).not.toThrow();
  });

  test('for one group with an interval or a transport of its own does, too', () => {
    expect(silence('1m', { groups: [{ name: 'kiosks', interval: '1m' }] })).toThrow(
      /"130s" or more, because nodes of group kiosks push every 1m and their Pushgateway is scraped every 10s/,
    );
    expect(silence('1m', { groups: [{ name: 'vehicles', transport: 'remote-write' }] })).toThrow(
      /"174s" or more, because agents of nodes of group vehicles/,
    );
  });

  test('is so by what a group leaves to the others', () => {
    const sending = { batchWait: '5s' } as const;
    const edge = { interval: '1m', agent: { sending }, groups: [{ name: 'north' }] } as const;
    const { agent, ...pushed } = edge;
    expect(agent).toBeDefined();
    expect(silence('2m', pushed)).toThrow(/"130s" or more/);
    expect(silence('2m', { ...edge, transport: 'remote-write' })).toThrow(/"125s" or more/);
    expect(silence('125s', { ...edge, transport: 'remote-write' })).not.toThrow();
  });

  test('is so where Prometheus reads the Pushgateway seldom', () => {
    const pushgateways = { exporters: { scrapeInterval: '2m' } } as const;
    expect(silence('2m', {}, { pushgateways })).toThrow(/"140s" or more/);
  });
});

test.each(Object.entries(THRESHOLDS))('the default of %s is one that is allowed', (_, threshold) => {
  expect(threshold.rule.accepts(threshold.default)).toBe(true);
});

describe('what the agents of a node send', () => {
  const rulesFor = (edge: Settings['edge']) => rulesOf(cloud({}, { edge }), 'prometheus', 'edge-uplink.yaml');
  const named = (rules: Manifest[], name: string) =>
    rules.filter(({ alert, record }) => (alert ?? record) === name);
  const written = {
    transport: 'remote-write',
    fleet: { nodes: 10, uplinkBudget: '100Mi' },
    groups: [
      { name: 'vehicles', profile: 'lean', interval: '30s', fleet: { nodes: 10, uplinkBudget: '20Mi' } },
      { name: 'kiosks', fleet: { nodes: 10 } },
      { name: 'shops', transport: 'pushgateway', fleet: { nodes: 10, uplinkBudget: '200Mi' } },
    ],
  } as const;

  test('is compared with the budget of its group, where that writes remotely and has one', () => {
    const rules = rulesFor(written);
    expect(named(rules, 'edge_group:telemetry_budget:bytes')).toEqual([
      { record: 'edge_group:telemetry_budget:bytes', expr: 'vector(104857600)' },
      {
        record: 'edge_group:telemetry_budget:bytes',
        expr: 'vector(20971520)',
        labels: { group: 'vehicles' },
      },
    ]);
    expect(named(rules, 'EdgeTelemetryOverBudget')).toHaveLength(1);
  });

  test('is counted without a budget, too, and no alert compares it then', () => {
    const rules = rulesFor({ transport: 'remote-write' });
    expect(named(rules, 'edge_node:telemetry_bytes:increase1d')).toHaveLength(1);
    expect(named(rules, 'EdgeTelemetryOverBudget')).toEqual([]);
  });

  test('is counted by nobody where all push to a Pushgateway', () => {
    const rules = rulesFor({ fleet: { nodes: 10, uplinkBudget: '200Mi' } });
    expect(JSON.stringify(rules)).not.toContain('telemetry');
  });
});

test.each<[object, RegExp]>([
  [{ group: 'a b' }, /rules: nodes\[0\].group is "a b"; allowed: a label value/],
  [{ transport: 'push' }, /rules: nodes\[0\].transport is "push"; allowed: "pushgateway" or/],
  [{ transport: undefined }, /nodes\[0\].transport is missing; allowed: "pushgateway" or/],
  [{ interval: '10' }, /nodes\[0\].interval is "10"; allowed: a duration/],
  [{ scrapeInterval: '2h' }, /nodes\[0\].scrapeInterval is "2h"; allowed: a duration/],
  [{ uplinkBudget: '20MB' }, /nodes\[0\].uplinkBudget is "20MB"; allowed: a number and a unit/],
  [{ group: undefined, interval: '10' }, /rules: nodes\[0\].interval is "10"/],
  [{ batchWait: 'long' }, /nodes\[0\].batchWait is "long"; allowed: a whole number/],
])('nodes with %j are refused', (wrong, message) => {
  const nodes = [{ group: 'north', transport: 'pushgateway', ...wrong } as RuledNodes];
  expect(() => environmentRules({ nodes, edgeNamespace: 'edge', ingressNamespaces: [] })).toThrow(message);
});

describe("for an operator of one's own", () => {
  const resources = (labels?: Record<string, string>) =>
    synthesizeChart((chart) => {
      const rules = new RuleResources(chart, 'rules', { labels });
      for (const source of allRules.prometheus) rules.addRules(source);
    });

  test('the same rules are PrometheusRule resources, one for each group', () => {
    const [first, ...more] = resources({ release: 'ours' });
    expect(first).toMatchObject({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'edge-observability-prometheus', labels: { release: 'ours' } },
    });
    const files = new RuleSet(new Chart(new App(), 'c'), 'PromQL');
    for (const source of allRules.prometheus) files.addRules(source);
    expect([first, ...more].map((resource) => resource?.spec)).toEqual(
      Object.values(files.renderFiles()).map((file) => parse(file)),
    );
  });

  test('a name that is not allowed is refused', () => {
    expect(refusalMessage((chart) => new RuleResources(chart, 'rules', { name: 'A b' }))).toMatch(
      /name is "A b"/,
    );
  });
});
