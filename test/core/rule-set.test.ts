import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import type { AlertRule, RecordingRule, RuleGroup } from '../../lib';
import { type RuleOptions, RuleSet } from '../../lib/core/rule-set';

const alert = (more: Partial<AlertRule> = {}): AlertRule => ({
  alert: 'MeterBroken',
  expr: 'meter_errors > 0',
  severity: 'warning',
  summary: 'The meter is broken',
  description: 'It says {{ $value }}.',
  runbook: 'MeterBroken.md',
  ...more,
});

const record: RecordingRule = {
  record: 'meter:errors:sum',
  expr: 'sum(meter_errors)',
  description: 'All errors',
};

const set = (options?: RuleOptions, language: 'PromQL' | 'LogQL' = 'PromQL') =>
  new RuleSet(new Chart(new App(), 'cloud'), language, options);

const group = (...rules: RuleGroup['rules']): RuleGroup => ({ name: 'meters', rules });

function written(options: RuleOptions, ...rules: RuleGroup['rules']) {
  const rules_ = set(options);
  rules_.addRules({ ruleGroups: [group(...rules)] });
  return parse(rules_.renderFiles()['meters.yaml'] ?? '').groups[0].rules;
}

test('writes a file for each group, in the format of Prometheus', () => {
  const rules = set();
  rules.addRules({
    ruleGroups: [
      { ...group(record, alert({ for: '5m', keepFiringFor: '1m', labels: { team: 'a' } })), interval: '2m' },
    ],
  });
  expect(Object.keys(rules.renderFiles())).toEqual(['meters.yaml']);
  expect(parse(rules.renderFiles()['meters.yaml'] ?? '')).toEqual({
    groups: [
      {
        name: 'meters',
        interval: '2m',
        rules: [
          { record: 'meter:errors:sum', expr: 'sum(meter_errors)' },
          {
            alert: 'MeterBroken',
            expr: 'meter_errors > 0',
            for: '5m',
            keep_firing_for: '1m',
            labels: { severity: 'warning', team: 'a' },
            annotations: {
              summary: 'The meter is broken',
              description: 'It says {{ $value }}.',
              runbook_url: expect.stringMatching(/^https:.*\/docs\/runbooks\/MeterBroken\.md$/),
            },
          },
        ],
      },
    ],
  });
});

test('links to runbooks of another place, and to those that a rule states in full', () => {
  const runbooks = 'https://wiki.example.com/runbooks/';
  const linked = written(
    { runbooks },
    alert(),
    alert({ alert: 'Other', runbook: 'https://a.example.com/b' }),
  );
  expect(linked.map(({ annotations }: { annotations: object }) => annotations)).toMatchObject([
    { runbook_url: 'https://wiki.example.com/runbooks/MeterBroken.md' },
    { runbook_url: 'https://a.example.com/b' },
  ]);
});

test('changes an alert, or leaves it out', () => {
  const overrides = { MeterBroken: { for: '10m', severity: 'critical' }, Other: false } as const;
  expect(written({ overrides }, alert({ for: '5m' }), alert({ alert: 'Other' }))).toMatchObject([
    { alert: 'MeterBroken', for: '10m', labels: { severity: 'critical' } },
  ]);
});

test('tells of a change of an alert that is not there', () => {
  expect(set({ overrides: { Nothing: false } }).problemsOfOverridesOfUnknownAlerts()).toEqual([
    expect.stringMatching(/overrides.Nothing: this alert does not exist/),
  ]);
});

test.each<[string, RuleGroup, RegExp]>([
  [
    'two alerts of one name',
    group(alert(), alert()),
    /rule MeterBroken of the group meters: a rule with this name already exists in the group meters/,
  ],
  ['two figures of one name and labels', group(record, record), /rule meter:errors:sum of the group meters/],
  [
    'PromQL that ends too early',
    group(alert({ expr: 'sum(meter_errors' })),
    /rule MeterBroken of the group meters: expr is not valid PromQL: line 1, at the end, after "sum\(meter_errors"/,
  ],
  [
    'a function that is none',
    group(alert({ expr: 'meter_errors\n> ratte(x[5m])' })),
    /expr is not valid PromQL: line 2, at "\(x\[5m\]\)", after "> ratte"/,
  ],
  ['an empty expression', group(alert({ expr: ' ' })), /expr is not valid PromQL: the expression is empty/],
  [
    'no runbook',
    group(alert({ runbook: undefined as never })),
    /runbook is missing; allowed: the name of a page in docs\/runbooks/,
  ],
  ['a runbook without TLS', group(alert({ runbook: 'http://x' })), /runbook is "http:\/\/x"/],
  ['no summary', group(alert({ summary: '' })), /summary is ""; allowed: a non-empty text/],
  [
    'a severity that is none',
    group(alert({ severity: 'fatal' as never })),
    /severity is "fatal"; allowed: "critical" or/,
  ],
  ['a time without a unit', group(alert({ for: '5' })), /for is "5"/],
  ['a time that goes on without a unit', group(alert({ keepFiringFor: '5' })), /keepFiringFor is "5"/],
  ['a name that is no name', group(alert({ alert: 'meter broken' })), /alert is "meter broken"/],
  [
    'a figure whose name has no level',
    group({ ...record, record: 'errors' }),
    /record is "errors"; allowed: a metric name with at least one colon/,
  ],
  ['a group whose name is no file', { name: 'A b', rules: [] }, /ruleGroups\[0\].name is "A b"/],
  ['an interval that is none', { ...group(), interval: 'x' }, /ruleGroups\[0\].interval is "x"/],
])('refuses %s', (_, one, message) => {
  expect(() => set().addRules({ ruleGroups: [one] })).toThrow(message);
});

test('refuses two groups of one name, and a name that another group has', () => {
  const rules = set();
  rules.addRules({ ruleGroups: [group(alert())] });
  expect(() => rules.addRules({ ruleGroups: [group()] })).toThrow(/the rule group meters already exists/);
  const other = { ...group(alert()), name: 'others' };
  expect(() => rules.addRules({ ruleGroups: [other] })).toThrow(
    /rule MeterBroken of the group others: a rule with this name already exists in the group meters/,
  );
});

test('knows LogQL from PromQL', () => {
  const lines = alert({ expr: 'sum by (node) (count_over_time({node=~".+"} |~ "error" [5m])) > 10' });
  expect(() => set({}, 'LogQL').addRules({ ruleGroups: [group(lines)] })).not.toThrow();
  expect(() => set().addRules({ ruleGroups: [group(lines)] })).toThrow(/expr is not valid PromQL/);
  expect(() => set({}, 'LogQL').addRules({ ruleGroups: [group(alert({ expr: 'sum({' }))] })).toThrow(
    /not valid LogQL/,
  );
});

test.each<[RuleOptions, RegExp]>([
  [{ runbooks: 'wiki' }, /runbooks is "wiki"; allowed: an https URL/],
  [{ overrides: { A: true as never } }, /overrides.A is true; allowed: false, or the options severity, for/],
  [{ overrides: { A: { for: 'x' } } }, /overrides.A[. ]/],
  [{ overrides: { A: { severity: 'bad' as never } } }, /overrides.A[. ]/],
  [{ overrides: { A: { expr: 'x' } as never } }, /overrides.A[. ]/],
])('%j is refused', (options, message) => expect(() => set(options)).toThrow(message));
