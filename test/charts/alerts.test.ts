import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import { CloudChart, RuleResources, type Settings } from '../../lib';
import { THRESHOLDS } from '../../lib/charts/environment-rules';
import { RuleSet } from '../../lib/core/rule-set';
import { allAlerts, allCases, allRules } from '../support/all-rules';
import { fileOf, type Manifest } from '../support/manifests';
import { least } from '../support/settings';
import { refusal, synthesized } from '../support/synthesize';

const cases = Object.values(allCases).flatMap((one) => Object.keys(one));
const names = allAlerts.map(({ alert }) => alert);

const cloud = (alerts?: Settings['alerts']): Manifest[] => {
  const app = new App();
  const chart = new CloudChart(app, 'cloud', { settings: { ...least, alerts } });
  const problems = chart.node.findAll().flatMap((construct) => construct.node.validate());
  if (problems.length) throw new Error(problems.join('; '));
  return chart.toJson();
};

const rulesOf = (manifests: Manifest[], server: string, file: string) =>
  parse(fileOf(manifests, `${server}-rules`, file)).groups[0].rules;

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
    .filter(({ name }) => name.startsWith('edge-') && !name.startsWith('edge-reachability'))
    .flatMap(({ rules }) => rules);
  const guarded = /edge_node:fresh|edge_filesystem:|edge_node:\w+:(ratio|celsius|seconds)/;
  const others = figures.filter(({ expr }) => !guarded.test(expr));
  // What was spent is spent; pods are counted by their DaemonSet.
  expect(others.map((rule) => ('alert' in rule ? rule.alert : rule.record))).toEqual([
    'edge_node:uplink_budget:bytes',
    'edge_node:uplink_bytes:increase1d',
    'edge_group:uplink_bytes:increase1d',
    'EdgePodOutdated',
  ]);
});

test('no rule joins on instance', () => {
  const expressions = Object.values(allRules).flatMap((sources) =>
    sources.flatMap(({ ruleGroups }) => ruleGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr))),
  );
  for (const expr of expressions) expect(expr).not.toMatch(/on \([^)]*instance/);
});

test('an environment has all of them, in Prometheus and in the ruler of Loki', () => {
  const manifests = cloud();
  expect(rulesOf(manifests, 'prometheus', 'edge-storage.yaml').map(({ alert }: Manifest) => alert)).toContain(
    'EdgeDiskFull',
  );
  expect(rulesOf(manifests, 'loki', 'edge-logs.yaml').map(({ alert }: Manifest) => alert)).toEqual([
    'EdgeLogVolumeHigh',
    'EdgeLogsMissing',
  ]);
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
  expect(fileOf(manifests, 'prometheus-rules', 'edge-storage.yaml')).not.toContain('EdgeDiskFull');
  expect(rulesOf(manifests, 'loki', 'edge-logs.yaml')[0].labels).toEqual({ severity: 'info' });
});

test('a change of an alert that is not there ends the synthesis', () => {
  expect(() => cloud({ overrides: { EdgeDiscFull: false } })).toThrow(
    /overrides.EdgeDiscFull changes an alert that is not there/,
  );
});

test.each<[Settings['alerts'], RegExp]>([
  [
    { thresholds: { diskUsedPercent: 101 } },
    /settings.alerts.thresholds.diskUsedPercent is 101; allowed: a percentage, a number from 0.1 to 100/,
  ],
  [{ thresholds: { diskFull: 1 } as never }, /settings.alerts.thresholds.diskFull is not an option/],
  [{ thresholds: { uplinkDevices: '(' } }, /uplinkDevices is "\("; allowed: a regular expression/],
  [{ overrides: { EdgeDiskFull: { for: '5' } } }, /settings.alerts.overrides.EdgeDiskFull is/],
  [{ runbooks: 'ftp://x' }, /settings.alerts.runbooks is "ftp:\/\/x"/],
])('%j is refused', (alerts, message) => expect(() => cloud(alerts)).toThrow(message));

test.each(Object.entries(THRESHOLDS))('the default of %s is one that is allowed', (_, threshold) => {
  expect(threshold.rule.accepts(threshold.default)).toBe(true);
});

describe("for an operator of one's own", () => {
  const resources = (labels?: Record<string, string>) =>
    synthesized((chart) => {
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
    for (const source of allRules.prometheus) files.add(source);
    expect([first, ...more].map((resource) => resource?.spec)).toEqual(
      Object.values(files.files()).map((file) => parse(file)),
    );
  });

  test('a name that is not allowed is refused', () => {
    expect(refusal((chart) => new RuleResources(chart, 'rules', { name: 'A b' }))).toMatch(/name is "A b"/);
  });
});
